//! Findings: each mistake is named where it is, and healthy programs stay silent.
//!
//! `abandoned` is about errors that no task reads, and items and handles that no task has any longer. `circles` is about waits in a circle that one look does not show. `corpus` runs the programs of `tests/findings`. `hints` is about what a trace suggests and does not
//! prove. `hostile` is about traces in which one event concerns thousands of tasks. `limited` is about waits that only a limit ends. `running` is about what hangs beside other tasks. `silent` holds what
//! must raise nothing: the right lessons, the scenarios, random programs that are healthy by
//! construction.

mod abandoned;
mod circles;
mod corpus;
mod dropped;
mod hints;
mod hostile;
mod lessons;
mod limited;
mod running;
mod silent;

use loopscope::{
    insight::{Finding, Findings, FindingsReport, Language, Limits, Severity, message_words},
    replay::Replay,
};

fn report_of(replay: &Replay) -> FindingsReport {
    Findings::of(replay, &Limits::default())
}

/// The line of a finding in its file.
fn line_of(replay: &Replay, finding: &Finding) -> Option<u32> {
    let location = replay.tables().location(finding.spot.at);
    location.map(|location| location.line)
}

/// The findings in words, for the message of a failed test.
fn words(replay: &Replay, report: &FindingsReport) -> Vec<String> {
    let all = report.all();
    all.map(|finding| {
        let line = line_of(replay, finding).unwrap_or(0);
        let words = message_words(replay.tables(), finding, Language::Rust);
        format!(
            "{} {} line {line}: {words}",
            finding.severity.as_str(),
            finding.rule.id()
        )
    })
    .collect()
}

/// A healthy program has no warning and no error.
fn is_silent(name: &str, replay: &Replay) {
    let report = report_of(replay);
    let loud = report.worst().is_some_and(|worst| worst > Severity::Info);
    assert!(!loud, "{name}: {:#?}", words(replay, &report));
}

/// A program has a finding of this rule, at this line or within two of it.
fn is_found(name: &str, replay: &Replay, id: &str, line: u32) {
    let report = report_of(replay);
    let near = |finding: &&Finding| {
        let at = line_of(replay, finding);
        finding.rule.id() == id && at.is_some_and(|at| at.abs_diff(line) <= 2)
    };
    let found = report.all().any(|finding| near(&finding));
    assert!(
        found,
        "{name}: no {id} at line {line}: {:#?}",
        words(replay, &report)
    );
}
