//! Writes a trace in the formats of other programs.
//!
//! ```text
//!   Replay ──> visitor (slices, arrows, counters) ──┬─ perfetto   protobuf for ui.perfetto.dev
//!                                                   └─ chrome     the same as Chrome trace JSON
//!          ──> folded   the await tree as folded stacks, for flame graphs
//!          ──> jsonl    one event a line, in the format that `import` reads
//! ```
//!
//! Each of them reads the trace once, from its start to its end, and writes while it reads: memory
//! grows with the number of tasks, not of events. Times are nanoseconds of loop time unless the
//! other format has another unit.

mod chrome;
mod folded;
mod jsonl;
mod perfetto;
mod visitor;

pub use chrome::chrome;
pub use folded::{Weight, folded};
pub use jsonl::jsonl;
pub use perfetto::perfetto;

use crate::replay::Replay;
use crate::trace::{Meta, Tables, TaskId};

/// The name of a run: its scenario and variant.
fn run_name(replay: &Replay) -> String {
    let Meta {
        scenario, variant, ..
    } = &replay.log().meta;
    match (scenario.as_str(), variant.as_str()) {
        ("", "") => "a trace".into(),
        (name, "") | ("", name) => name.into(),
        (scenario, variant) => format!("{scenario}:{variant}"),
    }
}

/// The name of a task's track: its number and name, such as `#1 hello`.
fn track_name(tables: &Tables, task: TaskId) -> String {
    match tables.task_name(task) {
        "" => task.to_string(),
        name => format!("{task} {name}"),
    }
}

/// The name of the slice that stands for missing events.
fn gap_name(events: u64) -> String {
    match events {
        1 => "gap: one event is missing".to_owned(),
        many => format!("gap: {many} events are missing"),
    }
}

/// The name of a task's slices: the name of the task, or its number if it has none.
fn slice_name(tables: &Tables, task: TaskId) -> String {
    match tables.task_name(task) {
        "" => task.to_string(),
        name => repeated(name).to_owned(),
    }
}

/// A name that is written with each of many events, without what is beyond any real name: a file may
/// have one of megabytes.
fn repeated(name: &str) -> &str {
    const MOST: usize = 256;
    name.get(..name.floor_char_boundary(MOST)).unwrap_or(name)
}
