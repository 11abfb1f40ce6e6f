//! The names that every format uses.

use crate::replay::Replay;
use crate::trace::{LocationId, Meta, Tables, TaskId};

/// A task's number and name: `#1 hello`.
pub(super) fn track(tables: &Tables, task: TaskId) -> String {
    match tables.task_name(task) {
        "" => task.to_string(),
        name => format!("{task} {name}"),
    }
}

/// What a turn of a task is called: its name, else its number.
pub(super) fn slice(tables: &Tables, task: TaskId) -> String {
    match tables.task_name(task) {
        "" => task.to_string(),
        name => name.to_owned(),
    }
}

/// What the run is called.
pub(super) fn run(replay: &Replay) -> String {
    let Meta {
        scenario, variant, ..
    } = &replay.log().meta;
    match (scenario.as_str(), variant.as_str()) {
        ("", "") => "a trace".into(),
        (name, "") | ("", name) => name.into(),
        (scenario, variant) => format!("{scenario}:{variant}"),
    }
}

/// `FILE:LINE:COLUMN`, or without what is not known; empty if nothing is.
pub(super) fn place(tables: &Tables, at: LocationId) -> String {
    let Some(location) = tables.location(at) else {
        return String::new();
    };
    let (file, line) = (tables.text(location.file), location.line);
    match location.column {
        0 => format!("{file}:{line}"),
        column => format!("{file}:{line}:{column}"),
    }
}
