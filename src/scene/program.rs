//! The source, with the tasks that stand on its lines.

use crate::{
    insight::{Stands, standing},
    replay::{Replay, Running},
    trace::{LocationId, TaskId},
};

/// The text of the program, and where its tasks stand.
#[derive(Clone, Debug, Default)]
pub struct Program<'a> {
    /// The name of the file; empty if the trace has no source.
    pub file: &'a str,
    /// Its lines.
    pub lines: Vec<Line<'a>>,
    /// The line (from 0) that is looked at: where the running, else the selected task stands.
    pub focus: Option<usize>,
}

/// A line of the source.
#[derive(Clone, Debug, Default)]
pub struct Line<'a> {
    /// What it says.
    pub text: &'a str,
    /// The tasks that wait or run here.
    pub here: Vec<TaskId>,
    /// The tasks that ended here.
    pub ended: Vec<TaskId>,
}

/// The file in which the running, else the selected task stands.
pub fn program(replay: &Replay, selected: TaskId) -> Program<'_> {
    let task = match replay.state().running {
        Running::Task(task) => task,
        _ => selected,
    };
    let wait_at = replay
        .state()
        .tasks
        .get(task)
        .map_or(LocationId::UNKNOWN, |row| row.wait_at);
    let Some((file, text)) = source(replay, wait_at) else {
        return Program::default();
    };
    let mut lines: Vec<Line<'_>> = text
        .lines()
        .map(|text| Line {
            text,
            ..Line::default()
        })
        .collect();
    let mut focus = None;
    for stand in standing(replay, file) {
        let at = (stand.line as usize).wrapping_sub(1);
        let Some(line) = lines.get_mut(at) else {
            continue;
        };
        if stand.how == Stands::Here {
            line.here.push(stand.task);
        } else {
            line.ended.push(stand.task);
        }
        if stand.task == task || focus.is_none() {
            focus = Some(at);
        }
    }
    Program { file, lines, focus }
}

/// The source file that a location lies in; the first one if none fits.
fn source(replay: &Replay, at: LocationId) -> Option<(&str, &str)> {
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
