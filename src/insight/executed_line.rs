//! The line of the source that was executed last.

use crate::replay::{EventStep, Replay};
use crate::trace::{Event, LocationId, PollOutcome, Position, ResourceEvent, TaskEvent, TaskId};

use super::{
    await_chain::{AwaitChain, AwaitFrame, chain, end_of, entries, frames_of, head_of, place_of},
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
    line_before(replay, &AwaitGraph::new(&replay.log().meta))
}

/// The line that was executed last, with the functions around it if its task waits there: then the
/// chain ends with the line. Otherwise the chain is empty.
pub fn current_line_in_chain(replay: &Replay) -> Option<(ExecutedLine, AwaitChain)> {
    let graph = AwaitGraph::new(&replay.log().meta);
    let line = line_before(replay, &graph)?;
    let around = chain(replay, &graph, line.task);
    let waits_here = around
        .frames
        .last()
        .is_some_and(|last| last.file == line.file && last.line == line.line);
    let around = if waits_here {
        around
    } else {
        AwaitChain::default()
    };
    Some((line, around))
}

fn line_before(replay: &Replay, graph: &AwaitGraph<'_>) -> Option<ExecutedLine> {
    let here = replay.position();
    // Most often one of the last few events has a location.
    let mut until = here;
    let mut length = 32;
    while until > Position(0) && here.0 - until.0 < MANY {
        let from = Position(until.0.saturating_sub(length));
        if let Some(line) = last_line_in(replay, graph, from, until) {
            return Some(line);
        }
        until = from;
        length *= 4;
    }
    // Nothing has run yet, or too long ago.
    let main = TaskId(0);
    let entries = entries(replay, graph, main);
    let head = head_of(graph, entries.first()?);
    Some(ExecutedLine {
        file: head.file,
        line: head.line,
        task: main,
        known: entries.len() == 1,
    })
}

/// What an event tells of the line that is executed.
enum LineHint {
    /// A task is at a location of the trace.
    At(TaskId, LocationId),
    /// A task begins.
    Begins(TaskId),
    /// A task completes.
    Completes(TaskId),
}

/// The line of the last event in a stretch that has one.
fn last_line_in(
    replay: &Replay,
    graph: &AwaitGraph<'_>,
    from: Position,
    until: Position,
) -> Option<ExecutedLine> {
    let mut hints = Vec::new();
    let mut steps = replay.steps(from..until);
    while let Some(step) = steps.next_step() {
        hints.extend(hint_of(&step));
    }
    // The search for a line takes longer than the steps, so it begins with the last event.
    hints.into_iter().rev().find_map(|hint| match hint {
        LineHint::At(task, at) => {
            let frame = frames_of(graph, &[place_of(replay, graph, at)?]).pop()?;
            Some(executed(frame, task, true))
        }
        LineHint::Begins(task) => {
            let entries = entries(replay, graph, task);
            let head = head_of(graph, entries.first()?);
            Some(executed(head, task, entries.len() == 1))
        }
        LineHint::Completes(task) => Some(executed(end_of(replay, graph, task)?, task, true)),
    })
}

/// What an event tells; `None` for an event that no line of the program causes directly.
fn hint_of(step: &EventStep<'_>) -> Option<LineHint> {
    let running = step.before.running.task();
    let waits_at = |task: TaskId| {
        let at = step.before.tasks.get(task)?.wait_at;
        (at != LocationId::UNKNOWN).then_some(LineHint::At(task, at))
    };
    match step.event {
        Event::Task(TaskEvent::Spawn { at, parent, .. }) => Some(LineHint::At(parent?, at)),
        Event::Task(TaskEvent::Wait { task, at, .. } | TaskEvent::Joined { task, at, .. }) => {
            Some(LineHint::At(task, at))
        }
        Event::Output { at, .. } | Event::Resource(ResourceEvent::Created { at, .. }) => {
            Some(LineHint::At(running?, at))
        }
        Event::Task(TaskEvent::PollStart { task }) => {
            waits_at(task).or(Some(LineHint::Begins(task)))
        }
        Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => match outcome {
            PollOutcome::Ready => Some(LineHint::Completes(task)),
            PollOutcome::Pending
            | PollOutcome::Panicked
            | PollOutcome::Failed
            | PollOutcome::Cancelled => waits_at(task),
        },
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
    }
}

fn executed(frame: AwaitFrame, task: TaskId, known: bool) -> ExecutedLine {
    ExecutedLine {
        file: frame.file,
        line: frame.line,
        task,
        known,
    }
}
