//! How often the findings are right: `cargo bench --bench findings`, one figure a line.
//!
//! The programs are those of `tests/findings`. For each rule: whether its wrong programs are named, whether
//! at their line, and how many right ones raise an alarm. Then the same of asyncio's debug mode, for the
//! programs in Python, and the totals. `cargo bench --bench findings -- findings.convoy` prints one rule.
//! `findings.random` is how many of 10,000 random programs, healthy by construction, raise an alarm.
#![expect(
    clippy::print_stdout,
    reason = "a program that prints figures, and says what it skips"
)]

mod asyncio;
#[path = "../../tests/findings/healthy/programs.rs"]
mod healthy;
#[path = "../../tests/findings/rust/programs.rs"]
mod pairs;
mod python;
#[path = "../../tests/findings/random.rs"]
mod random;
mod rust;

use std::{collections::BTreeMap, env, process::ExitCode};

/// What became of the programs of a rule.
#[derive(Clone, Copy, Debug, Default)]
struct Score {
    wrong: u32,
    named: u32,
    at_line: u32,
    healthy: u32,
    alarms: u32,
}

impl Score {
    fn add(&mut self, other: Score) {
        self.wrong += other.wrong;
        self.named += other.named;
        self.at_line += other.at_line;
        self.healthy += other.healthy;
        self.alarms += other.alarms;
    }

    fn of_wrong(is_named: bool, is_at_line: bool) -> Score {
        Score {
            wrong: 1,
            named: u32::from(is_named),
            at_line: u32::from(is_at_line),
            ..Score::default()
        }
    }

    fn of_healthy(has_alarm: bool) -> Score {
        Score {
            healthy: 1,
            alarms: u32::from(has_alarm),
            ..Score::default()
        }
    }

    fn print(self, name: &str) {
        if self.wrong > 0 {
            let percent = |part: u32| f64::from(100 * part) / f64::from(self.wrong);
            println!("bench {name}.recall {:.0} %", percent(self.named));
            println!("bench {name}.at_line {:.0} %", percent(self.at_line));
        }
        println!("bench {name}.false_alarms {} programs", self.alarms);
    }
}

/// The scores of programs, by rule. Healthy programs that belong to no rule are under `healthy`.
type Scores = BTreeMap<String, Score>;

fn count(scores: &mut Scores, rule: &str, score: Score) {
    scores.entry(rule.to_owned()).or_default().add(score);
}

fn print(prefix: &str, scores: &Scores, names: &[String]) {
    let mut total = Score::default();
    for (rule, score) in scores {
        total.add(*score);
        let name = format!("{prefix}.{rule}");
        if names.is_empty() || names.iter().any(|wanted| name.starts_with(wanted.as_str())) {
            score.print(&name);
        }
    }
    if names.is_empty() {
        total.print(&format!("{prefix}.all"));
        println!(
            "bench {prefix}.programs {} programs",
            total.wrong + total.healthy
        );
    }
}

fn main() -> ExitCode {
    let mut names: Vec<String> = env::args().skip(1).collect();
    names.retain(|name| !name.starts_with("--"));
    if !names.is_empty() && !names.iter().any(|name| name.starts_with("findings")) {
        // Figures of another program were asked for.
        return ExitCode::SUCCESS;
    }
    if names.is_empty() || names.iter().any(|name| name == "findings.random") {
        let alarms = rust::random_alarms();
        println!("bench findings.random.false_alarms {alarms} programs");
    }
    if names.len() == 1 && names[0] == "findings.random" {
        return ExitCode::SUCCESS;
    }
    let mut scores = Scores::new();
    rust::score(&mut scores);
    let Some(programs) = python::programs() else {
        println!("python: skipped, python3 cannot be started");
        print("findings", &scores, &names);
        return ExitCode::SUCCESS;
    };
    python::score(&programs, &mut scores);
    print("findings", &scores, &names);
    let mut debug_mode = Scores::new();
    asyncio::score(&programs, &mut debug_mode);
    print("findings.asyncio_debug", &debug_mode, &names);
    ExitCode::SUCCESS
}
