//! The line of the source that was executed last.

use crate::replay::Replay;
use crate::trace::{Event, LocationId, PollOutcome, Position, ResourceEvent, TaskEvent, TaskId};

use super::{
    await_chain::{AwaitFrame, end_of, entries, frames_of, head_of, place_of},
    await_graph::AwaitGraph,
};

/// The most events that are searched: a frame of the screen has time for that many.
const MANY: u32 = 20_000;

/// A line of the source that a task has executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedLine {
    /// The name of the source file, as the trace contains it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The task that executed it.
    pub task: TaskId,
    /// Whether the line is certain. Otherwise it is a guess, or only the function is certain.
    pub known: bool,
}

/// The line that was executed last before the position of the replay: a spawn, an output, an await,
/// the creation of a resource, the end of a function. `None` if the trace does not contain the
/// source.
///
/// Most events have no location. The line of the last event that has one is then still the line
/// that was executed last, as far as the trace tells.
pub fn current_line(replay: &Replay) -> Option<ExecutedLine> {
    let graph = AwaitGraph::new(&replay.log().meta);
    let here = replay.position();
    // Most often one of the last few events has a location.
    let mut until = here;
    let mut length = 32;
    while until > Position(0) && here.0 - until.0 < MANY {
        let from = Position(until.0.saturating_sub(length));
        if let Some(line) = last_line_in(replay, &graph, from, until) {
            return Some(line);
        }
        until = from;
        length *= 4;
    }
    // Nothing has run yet, or too long ago.
    let main = TaskId(0);
    let entries = entries(replay, &graph, main);
    let head = head_of(&graph, entries.first()?);
    Some(ExecutedLine {
        file: head.file,
        line: head.line,
        task: main,
        known: entries.len() == 1,
    })
}

/// The line of the last event in a stretch that has one.
fn last_line_in(
    replay: &Replay,
    graph: &AwaitGraph<'_>,
    from: Position,
    until: Position,
) -> Option<ExecutedLine> {
    let mut last: Option<ExecutedLine> = None;
    let mut steps = replay.steps(from..until);
    while let Some(step) = steps.next_step() {
        let running = step.before.running.task();
        let line_at = |task: Option<TaskId>, at: LocationId| {
            let frame = frames_of(graph, &[place_of(replay, graph, at)?]).pop()?;
            Some(executed(frame, task?, true))
        };
        let found = match step.event {
            Event::Task(TaskEvent::Spawn { at, parent, .. }) => line_at(parent, at),
            Event::Task(TaskEvent::Wait { task, at, .. } | TaskEvent::Joined { task, at, .. }) => {
                line_at(Some(task), at)
            }
            Event::Resource(ResourceEvent::Created { at, .. }) => line_at(running, at),
            Event::Task(TaskEvent::PollStart { task }) => {
                let row = step.before.tasks.get(task);
                let at = row.map_or(LocationId::UNKNOWN, |row| row.wait_at);
                line_at(Some(task), at).or_else(|| {
                    let entries = entries(replay, graph, task);
                    let head = head_of(graph, entries.first()?);
                    Some(executed(head, task, entries.len() == 1))
                })
            }
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => match outcome {
                PollOutcome::Ready => {
                    end_of(replay, graph, task).map(|frame| executed(frame, task, true))
                }
                PollOutcome::Pending
                | PollOutcome::Panicked
                | PollOutcome::Failed
                | PollOutcome::Cancelled => {
                    let row = step.before.tasks.get(task);
                    row.and_then(|row| line_at(Some(task), row.wait_at))
                }
            },
            Event::Output { at, .. } => line_at(running, at),
            Event::Loop(_)
            | Event::Task(
                TaskEvent::Wake { .. }
                | TaskEvent::Failed { .. }
                | TaskEvent::CancelRequested { .. }
                | TaskEvent::CancelDelivered { .. },
            )
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Gap { .. } => None,
        };
        last = found.or(last);
    }
    last
}

fn executed(frame: AwaitFrame, task: TaskId, known: bool) -> ExecutedLine {
    ExecutedLine {
        file: frame.file,
        line: frame.line,
        task,
        known,
    }
}
