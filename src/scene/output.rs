//! The lines that the program has printed up to the current position.

use crate::trace::to_usize;
use crate::{
    insight::task_label,
    replay::Replay,
    trace::{Moment, Position},
};

/// A line of output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutputRow {
    /// When it was printed.
    pub(crate) at: Moment,
    /// The task that printed it; empty if a callback did.
    pub(crate) task_label: String,
    /// Its text.
    pub(crate) text: String,
    /// The position after it.
    pub(crate) position: Position,
}

/// The last `rows` lines up to the current position, without the `skip` newest of them.
pub(crate) fn output_lines(replay: &Replay, rows: usize, skip: usize) -> Vec<OutputRow> {
    let printed = to_usize(replay.state().outputs);
    let all = replay.index().outputs();
    let end = printed.min(all.len()).saturating_sub(skip);
    let start = end.saturating_sub(rows);
    let tables = replay.tables();
    all.get(start..end)
        .unwrap_or_default()
        .iter()
        .map(|line| OutputRow {
            at: line.at,
            task_label: line
                .task
                .map(|task| task_label(tables, task))
                .unwrap_or_default(),
            text: tables.text(line.text).replace('\t', "    "),
            position: line.position,
        })
        .collect()
}
