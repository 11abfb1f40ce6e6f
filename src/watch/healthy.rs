//! A test helper: nothing is wrong with a run.

use std::panic::Location;

use crate::{
    insight::{Findings, Language, Limits, Severity},
    replay::Replay,
    runtime::Run,
    scene::findings::{CommentAnswer, finding_views},
    trace::sanitized,
};

use super::source;

/// Panics if something is wrong with a recorded run, and says what and at which line.
///
/// What is only worth knowing does not count. A comment at the line, `loopscope: allow(ID) REASON`,
/// allows a finding. `loopscope check --rules` lists what is looked for.
///
/// ```
/// use loopscope::{Builder, assert_healthy};
///
/// let run = Builder::new().record(true).run(async { 7 });
/// assert_healthy(&run);
/// ```
///
/// # Panics
///
/// If there is a warning or an error, or if the run was not recorded.
#[track_caller]
pub fn assert_healthy<T>(run: &Run<T>) {
    assert!(
        !run.log.bytes.is_empty(),
        "the run has no trace to look at: record it with `Builder::record(true)`"
    );
    let mut log = run.log.clone();
    if log.meta.sources.is_empty() {
        log.meta.sources = source::sources(Location::caller().file());
    }
    let replay = Replay::new(log);
    let report = Findings::of(&replay, &Limits::default());
    let language = Language::Rust.for_run(&replay);
    let wrong: Vec<String> = finding_views(&replay, &report, language)
        .iter()
        .filter(|view| view.severity >= Severity::Warning)
        .filter(|view| view.comment() != CommentAnswer::Allows)
        .map(|view| format!("\n  {}\n    fix: {}", sanitized(&view.line(), ""), view.fix))
        .collect();
    assert!(
        wrong.is_empty(),
        "the run is not healthy:{}",
        wrong.concat()
    );
}
