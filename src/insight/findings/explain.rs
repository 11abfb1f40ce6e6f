//! What each rule means, at length: `loopscope explain ID` and `docs/findings.md`.
//!
//! The pictures use the patterns of the timeline: `█` runs, `▒` is ready, `─` waits for a timer, `┄`
//! waits for something else, `╳` failed or was cancelled, `◇` a deadline that passed.

use std::fmt::Write;

use super::rule::{RULES, Rule, RuleEntry};

mod ends;
mod growth;
mod time;
mod waits;

/// What a rule means.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// What a trace has to show, and which healthy programs look alike.
    pub proof: &'static str,
    /// Lanes of a run that breaks the rule.
    pub picture: &'static str,
    /// Why it hurts.
    pub harm: &'static str,
    /// How to mend it in Rust, with smol.
    pub rust: &'static str,
    /// How to mend it in Python, with asyncio.
    pub python: &'static str,
    /// The number of the lesson that shows it.
    pub lesson: Option<u8>,
}

/// The explanation of a rule.
pub fn explanation(rule: Rule) -> Explanation {
    match rule {
        Rule::Blocking => time::BLOCKING,
        Rule::NestedBlock => time::NESTEDBLOCK,
        Rule::Starvation => time::STARVATION,
        Rule::WakeStorm => time::WAKESTORM,
        Rule::Herd => time::HERD,
        Rule::LateTimer => time::LATETIMER,
        Rule::DeadTimeout => time::DEADTIMEOUT,
        Rule::Interval => time::INTERVAL,
        Rule::Sequential => time::SEQUENTIAL,
        Rule::Unawaited => ends::UNAWAITED,
        Rule::Unpolled => ends::UNPOLLED,
        Rule::Orphan => ends::ORPHAN,
        Rule::Shutdown => ends::SHUTDOWN,
        Rule::Unretrieved => ends::UNRETRIEVED,
        Rule::LockOrder => waits::LOCKORDER,
        Rule::SelfDeadlock => waits::SELFDEADLOCK,
        Rule::JoinCycle => waits::JOINCYCLE,
        Rule::ChanDeadlock => waits::CHANDEADLOCK,
        Rule::LostWakeup => waits::LOSTWAKEUP,
        Rule::Convoy => waits::CONVOY,
        Rule::PermitLeak => waits::PERMITLEAK,
        Rule::Inversion => growth::INVERSION,
        Rule::PoolExhausted => growth::POOLEXHAUSTED,
        Rule::Unfair => growth::UNFAIR,
        Rule::Unbounded => growth::UNBOUNDED,
        Rule::BackPressure => growth::BACKPRESSURE,
        Rule::TaskLeak => growth::TASKLEAK,
        Rule::HandleLeak => growth::HANDLELEAK,
        Rule::HalfOpen => growth::HALFOPEN,
        Rule::RetryStorm => growth::RETRYSTORM,
        Rule::CancelUnsafe => ends::CANCELUNSAFE,
        Rule::CancelSwallowed => ends::CANCELSWALLOWED,
        Rule::Race => ends::RACE,
        Rule::Ordering => ends::ORDERING,
        Rule::SenderAlive => waits::SENDERALIVE,
        Rule::Deadlock => waits::DEADLOCK,
        Rule::Stalled => waits::STALLED,
    }
}

/// All rules with their explanations, as the generated part of `docs/findings.md`.
pub fn markdown() -> String {
    let mut text = "| Id | Severity | What a finding claims |\n|---|---|---|\n".to_owned();
    for entry in RULES {
        let RuleEntry { id, claim, .. } = entry;
        let severity = entry.severity.as_str();
        let _ = writeln!(text, "| [`{id}`](#{id}) | {severity} | {claim} |");
    }
    for entry in RULES {
        text.push('\n');
        text.push_str(&section(entry));
    }
    text
}

/// The section of one rule.
fn section(entry: &RuleEntry) -> String {
    let told = explanation(entry.rule);
    let mut text = format!(
        "### {}\n\n**{}**: {}.\n",
        entry.id,
        entry.severity.as_str(),
        entry.claim
    );
    if let Some(why) = entry.undetected {
        let _ = writeln!(text, "No run is checked for it: {why}.");
    }
    let _ = writeln!(text, "\n```text\n{}\n```", told.picture);
    for (head, part) in [
        ("Proof", told.proof),
        ("Harm", told.harm),
        ("Mend it in Rust", told.rust),
        ("Mend it in Python", told.python),
    ] {
        let _ = writeln!(text, "\n*{head}.* {part}");
    }
    if !entry.limits.is_empty() {
        text.push_str("\n| Limit | Value | Compared with |\n|---|---|---|\n");
        for limit in entry.limits {
            let name = format!("{}.{}", entry.id, limit.name);
            let _ = writeln!(text, "| `{name}` | {} | {} |", limit.default, limit.what);
        }
    }
    if let Some(lesson) = told.lesson {
        let _ = writeln!(text, "\nLesson {lesson} shows it.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::lesson::LESSONS;

    #[test]
    fn every_rule_is_explained_in_full() {
        for entry in RULES {
            let told = explanation(entry.rule);
            for part in [told.proof, told.harm, told.rust, told.python] {
                assert!(
                    part.ends_with('.') && part.len() > 40,
                    "{}: {part}",
                    entry.id
                );
            }
            let lanes = told.picture.lines();
            assert!(lanes.clone().count() >= 1, "{}", entry.id);
            for lane in lanes {
                assert!(lane.chars().count() <= 76, "{}: {lane}", entry.id);
            }
            let known = |number: u8| LESSONS.iter().any(|lesson| lesson.number == number);
            assert!(told.lesson.is_none_or(known), "{}", entry.id);
        }
    }
}
