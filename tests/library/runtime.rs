//! The executor: one test for each rule, and properties of random programs.

mod await_sites;
mod cancel;
mod deadlock;
mod events;
mod files_and_children;
mod gate;
mod group;
mod io;
mod lines;
mod locks;
mod order;
mod random;
mod recorded;
mod reentry;
mod schedule;
mod store;
mod sync;

use loopscope::{
    Builder, Run,
    replay::Replay,
    runtime::OnIdle,
    trace::{ClockKind, Event, Position},
};

use crate::support::ms;

/// Runs on the virtual clock, recorded.
fn run<F: Future>(future: F) -> Run<F::Output> {
    Builder::new()
        .clock(ClockKind::Virtual)
        .on_idle(OnIdle::End)
        .record(true)
        .run(future)
}

/// Runs on the real clock, recorded.
fn run_real<F: Future>(future: F) -> Run<F::Output> {
    Builder::new().on_idle(OnIdle::End).record(true).run(future)
}

fn replay<T>(run: Run<T>) -> Replay {
    let replay = Replay::new(run.log);
    assert!(!replay.is_damaged());
    replay
}

fn events(replay: &Replay) -> Vec<Event> {
    replay
        .events_from(Position(0))
        .map(|(_, event, _)| event)
        .collect()
}

/// The lines that were printed, each with its time in milliseconds.
fn printed(replay: &Replay) -> Vec<(u64, String)> {
    let lines = replay.index().outputs().iter();
    lines
        .map(|line| {
            (
                line.at.0 / 1_000_000,
                replay.tables().text(line.text).to_owned(),
            )
        })
        .collect()
}

/// The form of [`printed`], from literals.
fn lines(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected
        .iter()
        .map(|(at, text)| (*at, (*text).to_owned()))
        .collect()
}
