//! The source of the program, with the tasks at each line.
//!
//! A trace contains the source files of its scenario, and may contain the same program for asyncio.
//! The Python file is shown with the same tasks: `insight` pairs the awaits of both files.

use crate::{
    insight::{Language, python_lines, python_twin, tasks_at_lines},
    replay::{Replay, Running},
    trace::{LocationId, TaskId},
};

/// The lines of a source file, with the tasks at each of them.
#[derive(Clone, Debug, Default)]
pub struct SourceListing<'a> {
    /// The name of the file; empty if the trace contains no source.
    pub file: &'a str,
    /// Its lines.
    pub lines: Vec<SourceLine<'a>>,
    /// The line (from 0) to be shown: that of the running task, or else of the selected task.
    pub focus: Option<usize>,
}

/// A line of the source.
#[derive(Clone, Debug, Default)]
pub struct SourceLine<'a> {
    /// Its text.
    pub text: &'a str,
    /// The tasks that wait or are polled at this line.
    pub present: Vec<TaskId>,
    /// The tasks that ended with this line as their last await.
    pub ended: Vec<TaskId>,
}

/// The file of the running task, or else of the selected task; in the language that is asked for, if
/// the trace contains it.
pub fn source_view(replay: &Replay, selected: TaskId, language: Language) -> SourceListing<'_> {
    let task = match replay.state().running {
        Running::Task(task) => task,
        Running::Nothing | Running::Callback(..) => selected,
    };
    let wait_at = replay
        .state()
        .tasks
        .get(task)
        .map_or(LocationId::UNKNOWN, |row| row.wait_at);
    let Some((file, text)) = source_of(replay, wait_at) else {
        return SourceListing::default();
    };
    let python = match language {
        Language::Rust => None,
        Language::Python => python_twin(&replay.log().meta, file),
    };
    // A trace knows the lines of the Rust file only. For Python, each await of the Rust file is
    // paired with one of the Python file.
    let paired = python.map(|(_, python)| python_lines(text, python));
    let shown_line = |rust: usize| match &paired {
        Some(paired) => paired.get(rust).copied().flatten(),
        None => Some(rust),
    };
    let (file_shown, text) = python.unwrap_or((file, text));
    let mut lines: Vec<SourceLine<'_>> = text
        .lines()
        .map(|text| SourceLine {
            text,
            ..SourceLine::default()
        })
        .collect();
    let mut focus = None;
    for found in tasks_at_lines(replay, file) {
        let rust = (found.line as usize).wrapping_sub(1);
        let Some((at, line)) = shown_line(rust).and_then(|at| Some((at, lines.get_mut(at)?)))
        else {
            continue;
        };
        if found.ended {
            line.ended.push(found.task);
        } else {
            line.present.push(found.task);
        }
        if found.task == task || focus.is_none() {
            focus = Some(at);
        }
    }
    SourceListing {
        file: file_shown,
        lines,
        focus,
    }
}

/// The source file of a location; the first source file if the location is in none of them.
fn source_of(replay: &Replay, at: LocationId) -> Option<(&str, &str)> {
    let sources = &replay.log().meta.sources;
    let path = replay
        .tables()
        .location(at)
        .map(|place| replay.tables().text(place.file));
    let fits = |name: &str| {
        path.is_some_and(|path| {
            path.strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with(['/', '\\']))
        })
    };
    let found = sources
        .iter()
        .find(|(name, _)| fits(name))
        .or(sources.first())?;
    Some((&found.0, &found.1))
}
