//! The programs of `tests/findings`: each wrong one has its finding at its line, each right or
//! healthy one has none.

#[path = "../../findings/healthy/programs.rs"]
mod healthy;
#[path = "../../findings/rust/programs.rs"]
mod pairs;

use loopscope::{
    Builder,
    insight::{Language, RULES, Severity},
    replay::Replay,
    runtime::OnIdle,
    scene::findings::{FindingView, finding_views},
    trace::ClockKind,
};

use super::report_of;
use healthy::HEALTHY;
use pairs::{PAIRS, Pair};

/// The rules whose wrong program has no finding yet.
const MISSING: &[&str] = &[];

/// The rules without a pair in Rust, and why.
const WITHOUT_PAIR: [(&str, &str); 2] = [
    (
        "cancelswallowed",
        "a cancelled task of smol is dropped: it cannot continue",
    ),
    (
        "poolexhausted",
        "the threads for blocking work belong to the whole process, here that of all tests",
    ),
];

/// Runs a program, recorded with its source, and returns what is wrong with it.
fn findings(clock: ClockKind, source: Option<&Pair>, main: impl Future) -> Vec<FindingView> {
    let run = Builder::new()
        .clock(clock)
        .on_idle(OnIdle::End)
        .record(true)
        .run(main);
    let mut log = run.log;
    if let Some(pair) = source {
        let name = format!("rust/{}.rs", pair.rule);
        log.meta.sources = vec![(name, pair.source.to_owned())];
    }
    let replay = Replay::new(log);
    finding_views(&replay, &report_of(&replay), Language::Rust)
}

/// The findings as lines, for the message of a failed test.
fn lines(views: &[FindingView]) -> Vec<String> {
    views.iter().map(FindingView::line).collect()
}

/// The lines with the mark of a rule.
fn marks(pair: &Pair) -> Vec<u32> {
    let mark = format!("// WRONG: {}", pair.rule);
    let lines = (1..).zip(pair.source.lines());
    let marked = lines.filter(|(_, text)| text.ends_with(&mark));
    marked.map(|(line, _)| line).collect()
}

fn is_near(view: &FindingView, marks: &[u32]) -> bool {
    let at = view.location.as_ref().map_or(0, |at| at.line);
    marks.iter().any(|mark| mark.abs_diff(at) <= 2)
}

fn is_alarm(view: &FindingView) -> bool {
    view.severity > Severity::Info
}

#[test]
fn each_rule_has_a_pair_or_a_reason() {
    for entry in RULES {
        let has_pair = PAIRS.iter().any(|pair| pair.rule == entry.id);
        let reason = WITHOUT_PAIR.iter().find(|(id, _)| *id == entry.id);
        assert_ne!(has_pair, reason.is_some(), "{}: {reason:?}", entry.id);
    }
}

#[test]
fn a_wrong_program_has_its_finding_at_its_line() {
    for pair in PAIRS {
        let marks = marks(pair);
        assert!(!marks.is_empty(), "{} has no mark", pair.rule);
        let views = findings(pair.clock, Some(pair), (pair.wrong)());
        let own = |view: &&FindingView| view.id == pair.rule && is_near(view, &marks);
        let is_found = views.iter().any(|view| own(&view));
        let is_missing = MISSING.contains(&pair.rule);
        let lines = lines(&views);
        assert_ne!(is_found, is_missing, "{}: {marks:?} {lines:#?}", pair.rule);
    }
}

#[test]
fn a_right_program_raises_nothing() {
    for pair in PAIRS {
        let views = findings(pair.clock, Some(pair), (pair.right)());
        let lines = lines(&views);
        assert!(!views.iter().any(is_alarm), "{}: {lines:#?}", pair.rule);
    }
}

#[test]
fn a_healthy_program_raises_nothing() {
    for program in HEALTHY {
        let views = findings(program.clock, None, (program.program)());
        let lines = lines(&views);
        assert!(!views.iter().any(is_alarm), "{}: {lines:#?}", program.name);
    }
}
