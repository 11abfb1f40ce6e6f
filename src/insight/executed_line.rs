//! The line of the source that was executed last.

use std::collections::HashSet;

use crate::replay::Replay;
use crate::trace::{Event, LocationId, PollOutcome, Position, ResourceEvent, TaskEvent, TaskId};

use super::{
    await_chain::{AwaitChain, AwaitFrame, chain, end_of, entries, frames_of, head_of, place_of},
    await_graph::AwaitGraph,
};

/// The most events that are searched: a frame of the screen has time for that many.
const MANY: u64 = 20_000;

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
    if graph.files.is_empty() {
        return None;
    }
    let here = replay.position();
    let mut search = LineSearch {
        replay,
        graph,
        passed: HashSet::new(),
    };
    // Most often one of the last few events has a location.
    let mut until = here;
    let mut length = 32;
    while until > Position(0) && here.0 - until.0 < MANY {
        let from = Position(until.0.saturating_sub(length));
        if let Some(line) = search.last_in(from, until) {
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
#[derive(Clone, Copy)]
enum LineHint {
    /// A task is at a location of the trace.
    At(TaskId, LocationId),
    /// The task that is polled is at a location. Its poll began before the stretch that is read.
    Polled(LocationId),
    /// A task waits at a location.
    Waits(TaskId, LocationId),
    /// A task is polled, at the location of its last wait or at its beginning.
    Starts(TaskId),
    /// A poll of a task ends before the task completes.
    Stops(TaskId),
    /// A task completes.
    Completes(TaskId),
}

/// A search for the last line, from the position of the replay backwards.
///
/// The search reads events and no states, because a state of many tasks takes long to restore. The
/// state at the position of the replay contains the last wait of each task. A wait of a task that
/// the search has passed is later than the events that are still to be searched.
struct LineSearch<'a> {
    replay: &'a Replay,
    graph: &'a AwaitGraph<'a>,
    /// The tasks whose last wait the search has passed, without finding its line.
    passed: HashSet<TaskId>,
}

impl LineSearch<'_> {
    /// The line of the last event in a stretch that has one.
    fn last_in(&mut self, from: Position, until: Position) -> Option<ExecutedLine> {
        let mut polled = None;
        let events = self.replay.events_from(from);
        let hints: Vec<LineHint> = events
            .take_while(|(position, _, _)| *position <= until)
            .filter_map(|(_, event, _)| hint_of(&event, &mut polled))
            .collect();
        // The search for a line takes longer than the events, so it begins with the last one.
        let mut hints = hints.into_iter().rev();
        hints.find_map(|hint| self.line_of(hint, from))
    }

    fn line_of(&mut self, hint: LineHint, from: Position) -> Option<ExecutedLine> {
        match hint {
            LineHint::At(task, at) => self.at(task, at),
            LineHint::Polled(at) => self.at(self.replay.state_at(from).running.task()?, at),
            LineHint::Waits(task, at) => {
                self.passed.insert(task);
                self.at(task, at)
            }
            LineHint::Starts(task) => match self.last_wait(task) {
                Some(LocationId::UNKNOWN) => self.begins(task, true),
                Some(at) => self.at(task, at),
                None => self.begins(task, false),
            },
            LineHint::Stops(task) => self.at(task, self.last_wait(task)?),
            LineHint::Completes(task) => {
                Some(executed(end_of(self.replay, self.graph, task)?, task, true))
            }
        }
    }

    fn at(&self, task: TaskId, at: LocationId) -> Option<ExecutedLine> {
        let place = place_of(self.replay, self.graph, at)?;
        Some(executed(frames_of(self.graph, &[place]).pop()?, task, true))
    }

    /// The first line of the function of a task. It is not the line that was executed if the task
    /// has waited before.
    fn begins(&self, task: TaskId, first_poll: bool) -> Option<ExecutedLine> {
        let entries = entries(self.replay, self.graph, task);
        let head = head_of(self.graph, entries.first()?);
        Some(executed(head, task, first_poll && entries.len() == 1))
    }

    /// Where a task waited last before the event that is searched; `None` if that is not known.
    fn last_wait(&self, task: TaskId) -> Option<LocationId> {
        let row = self.replay.state().tasks.get(task)?;
        (!self.passed.contains(&task)).then_some(row.wait_at)
    }
}

/// What an event tells; `None` for an event that no line of the program causes directly. `polled` is
/// the task that is polled, as far as the events before tell.
fn hint_of(event: &Event, polled: &mut Option<TaskId>) -> Option<LineHint> {
    match *event {
        Event::Task(TaskEvent::Spawn { at, parent, .. }) => Some(LineHint::At(parent?, at)),
        Event::Task(TaskEvent::Wait { task, at, .. }) => Some(LineHint::Waits(task, at)),
        Event::Task(TaskEvent::Joined { task, at, .. }) => Some(LineHint::At(task, at)),
        Event::Output { at, .. } | Event::Resource(ResourceEvent::Created { at, .. }) => {
            Some(polled.map_or(LineHint::Polled(at), |task| LineHint::At(task, at)))
        }
        Event::Task(TaskEvent::PollStart { task }) => {
            *polled = Some(task);
            Some(LineHint::Starts(task))
        }
        Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => match outcome {
            PollOutcome::Ready => Some(LineHint::Completes(task)),
            PollOutcome::Pending
            | PollOutcome::Panicked
            | PollOutcome::Failed
            | PollOutcome::Cancelled => Some(LineHint::Stops(task)),
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
