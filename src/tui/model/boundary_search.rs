//! Search for the next or previous position at which a task enters another queue, or starts or ends a
//! poll.
//!
//! If there is none, the search reads the trace to its end. In a long trace that takes longer than a
//! frame. Each frame therefore searches one slice, and the keys work meanwhile.

use crate::{
    replay::{EventStep, Replay, ScanResult, State, Status, TaskState},
    trace::{Event, Position, TaskEvent, TaskId, WakeEffect},
};

/// How many events a frame searches.
const SLICE: u64 = 200_000;

/// A search that is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoundarySearch {
    /// Whose changes are searched for.
    pub(crate) task: TaskId,
    /// Whether the search goes to the end of the trace, and not to its start.
    pub(crate) forward: bool,
    /// The position that it has reached.
    at: Position,
}

impl BoundarySearch {
    pub(crate) fn new(task: TaskId, from: Position, forward: bool) -> BoundarySearch {
        BoundarySearch {
            task,
            forward,
            at: from,
        }
    }

    /// Searches the next slice. After [`ScanResult::Paused`] the search is not over.
    pub(crate) fn search_slice(&mut self, replay: &Replay) -> ScanResult {
        let task = self.task;
        let changes = &mut |step: &EventStep<'_>| changes(step.before, &step.event, task);
        let found = if self.forward {
            replay.scan_forward(self.at, SLICE, changes)
        } else {
            replay.scan_back(self.at, SLICE, changes)
        };
        if let ScanResult::Paused(reached) = found {
            self.at = reached;
        }
        found
    }

    /// How far the search is, for the status line.
    pub(crate) fn words(&self, replay: &Replay, name: &str) -> String {
        format!(
            "looking for a change of {name}: event {} of {}; Esc stops",
            self.at.0,
            replay.end().0
        )
    }
}

/// Whether an event starts a new stretch of a task.
fn changes(before: &State, event: &Event, task: TaskId) -> bool {
    let Event::Task(event) = *event else {
        return false;
    };
    match event {
        TaskEvent::Spawn { task: it, .. }
        | TaskEvent::PollStart { task: it }
        | TaskEvent::PollEnd { task: it, .. } => it == task,
        TaskEvent::Wake {
            task: it,
            effect: WakeEffect::Enqueued,
            ..
        } => {
            // A task that is woken during its own poll keeps running.
            let status = before.tasks.get(task).map(TaskState::status);
            it == task && status != Some(Status::Running)
        }
        TaskEvent::Wake {
            effect: WakeEffect::Redundant | WakeEffect::TooLate,
            ..
        }
        | TaskEvent::Wait { .. }
        | TaskEvent::Joined { .. }
        | TaskEvent::Failed { .. }
        | TaskEvent::CancelRequested { .. }
        | TaskEvent::CancelDelivered { .. } => false,
    }
}
