//! Who holds a resource, and who is in line for it.

use std::collections::HashMap;

use crate::replay::{Holding, Replay, State};
use crate::trace::{Event, Position, ResourceEvent, ResourceId, TaskEvent, TaskId, Wait};

/// How many events are searched for the begin of the waits.
const BACK: u64 = 1 << 16;

/// The tasks that hold a lock or a permit of a semaphore, in the order in which they acquired it.
pub fn holders(state: &State, resource: ResourceId) -> Vec<Holding> {
    state.holdings.of(resource).copied().collect()
}

/// The tasks that wait for a resource, in the order in which they began to wait. A task that was
/// woken and not polled since is no longer in line.
///
/// A lock, a semaphore and a channel serve their waiters in this order.
pub fn queue_of(replay: &Replay, state: &State, resource: ResourceId) -> Vec<TaskId> {
    let waits = |on: Wait| {
        matches!(on, Wait::Send(it) | Wait::Receive(it) | Wait::Acquire(it) | Wait::Operation(it)
            if it == resource)
    };
    let in_line = state
        .tasks
        .unfinished()
        .filter(|(_, row)| !row.phase.queued())
        .filter(|(task, row)| state.running.task() != Some(*task) && waits(row.wait));
    let mut in_line: Vec<TaskId> = in_line.map(|(task, _)| task).collect();
    if in_line.len() > 1 {
        let since = waiting_since(replay, state, resource);
        // Of a task that has waited for longer than the search goes back, nothing is found.
        in_line.sort_by_key(|task| since.get(task).copied().unwrap_or_default());
    }
    in_line
}

/// For each task, the position at which it began to wait for a resource: the end of the first poll
/// since it last used the resource, or declared this wait.
fn waiting_since(
    replay: &Replay,
    state: &State,
    resource: ResourceId,
) -> HashMap<TaskId, Position> {
    let from = Position(state.position.0.saturating_sub(BACK));
    let mut since = HashMap::new();
    let mut running = state_running(replay, from);
    for (position, event, _) in replay.events_from(from) {
        if position > state.position {
            break;
        }
        match event {
            Event::Task(TaskEvent::PollStart { task }) => running = Some(task),
            Event::Task(TaskEvent::Wait { task, .. }) => {
                since.remove(&task);
            }
            Event::Resource(ResourceEvent::Op { resource: used, .. }) if used == resource => {
                if let Some(task) = running {
                    since.remove(&task);
                }
            }
            Event::Task(TaskEvent::PollEnd { task, .. }) => {
                since.entry(task).or_insert(position);
            }
            Event::Task(_)
            | Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }
    since
}

fn state_running(replay: &Replay, from: Position) -> Option<TaskId> {
    replay.state_at(from).running.task()
}
