//! Why a run ended, and for a deadlock why nothing can come.

use crate::replay::{State, Status};
use crate::trace::{Outcome, ResourceId, ResourceKind, TaskId, Wait};

use super::wait::{WaitFact, waiting_for};

/// With more unfinished tasks than this, only the first ones are listed.
const LISTED: usize = 256;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndingFact {
    /// How.
    pub outcome: Outcome,
    /// How many tasks have not ended.
    pub unfinished: usize,
    /// For a deadlock or a stall, what each unfinished task waits for: at most 256 of them, by
    /// number.
    pub stuck: Vec<StuckFact>,
    /// For a deadlock, the tasks that wait for each other in a circle, each for the next one and the
    /// last for the first; empty if there is no circle.
    pub circle: Vec<TaskId>,
}

/// A task that can never continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StuckFact {
    /// The task.
    pub task: TaskId,
    /// What it waits for; `None` if that is not recorded.
    pub wait: Option<WaitFact>,
    /// Why that cannot come.
    pub why: StuckReason,
}

/// Why what a task waits for cannot come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StuckReason {
    /// It joins a task that can never continue either.
    Joins(TaskId),
    /// It joins itself.
    JoinsItself,
    /// It waits for a lock that it holds itself.
    HoldsItself(ResourceId),
    /// It waits for a lock or a permit that a stuck task holds.
    HeldBy(ResourceId, TaskId),
    /// The channel is full, and no task is left that could take an item out.
    Full(ResourceId),
    /// The channel is empty, and no task is left that could put an item in.
    Empty(ResourceId),
    /// No task is left that could set the event, or resolve the future.
    NeverSet(ResourceId),
    /// The trace does not tell.
    Unknown,
}

/// How the run ended, if it has at this position.
pub fn ending(state: &State) -> Option<EndingFact> {
    let outcome = state.outcome?;
    let is_stuck = matches!(outcome, Outcome::Deadlock | Outcome::Stalled);
    let stuck: Vec<StuckFact> = if is_stuck { stuck(state) } else { Vec::new() };
    let circle = if outcome == Outcome::Deadlock {
        circle(state)
    } else {
        Vec::new()
    };
    Some(EndingFact {
        outcome,
        unfinished: state.unfinished(),
        stuck,
        circle,
    })
}

/// The unfinished tasks of a state in which nothing can run, with why each of them is stuck.
///
/// "No task is left that could" holds for every resource here: in a deadlock, each unfinished task
/// waits.
pub(in crate::insight) fn stuck(state: &State) -> Vec<StuckFact> {
    let unfinished = state.tasks.unfinished().take(LISTED);
    unfinished
        .map(|(task, _)| StuckFact {
            task,
            wait: waiting_for(state, task),
            why: stuck_reason(state, task),
        })
        .collect()
}

/// Why a task that waits cannot continue, in a state in which nothing can run.
pub(in crate::insight) fn stuck_reason(state: &State, task: TaskId) -> StuckReason {
    match waiting_for(state, task) {
        Some(wait) => stuck_reason_of(state, task, wait.on),
        None => StuckReason::Unknown,
    }
}

/// Why a task cannot continue that has this wait.
pub(in crate::insight) fn stuck_reason_of(state: &State, task: TaskId, on: Wait) -> StuckReason {
    let kind = |id: ResourceId| state.resource(id).map(|resource| resource.kind);
    match on {
        Wait::Join(joined) if joined == task => StuckReason::JoinsItself,
        Wait::Join(joined) => StuckReason::Joins(joined),
        Wait::Send(channel) => StuckReason::Full(channel),
        Wait::Receive(channel) => StuckReason::Empty(channel),
        Wait::Acquire(id) => match kind(id) {
            Some(ResourceKind::Lock | ResourceKind::Semaphore | ResourceKind::RwLock) => {
                held(state, id, task)
            }
            Some(ResourceKind::Event | ResourceKind::Future | ResourceKind::Cell) => {
                StuckReason::NeverSet(id)
            }
            Some(_) | None => StuckReason::Unknown,
        },
        Wait::All(group) | Wait::Any(group) => {
            let mut members = state.members(group);
            let left = members.find(|(_, member)| !member.status().ended());
            left.map_or(StuckReason::Unknown, |(member, _)| {
                StuckReason::Joins(member)
            })
        }
        Wait::Unknown | Wait::Yield | Wait::Timer(_) | Wait::Operation(_) => StuckReason::Unknown,
    }
}

fn held(state: &State, id: ResourceId, task: TaskId) -> StuckReason {
    let mut holders = state.holdings.of(id).peekable();
    match holders.peek() {
        Some(first) if first.task == task => StuckReason::HoldsItself(id),
        Some(first) => StuckReason::HeldBy(id, first.task),
        None => StuckReason::Unknown,
    }
}

/// Tasks that wait for each other in a circle, each for the next one.
///
/// From each stuck task the way leads to the one that it waits for. A way that comes back to a task
/// that is on it has found a circle.
fn circle(state: &State) -> Vec<TaskId> {
    let mut checked: Vec<TaskId> = Vec::new();
    for (start, _) in state.tasks.unfinished().take(LISTED) {
        let mut way: Vec<TaskId> = Vec::new();
        let mut next = Some(start);
        while let Some(task) = next.filter(|task| !checked.contains(task)) {
            if let Some(at) = way.iter().position(|on_way| *on_way == task) {
                return way.split_off(at);
            }
            way.push(task);
            next = waits_for_task(state, task);
        }
        checked.extend(way);
    }
    Vec::new()
}

/// The task for which another one waits: the one that it joins, or that holds its lock.
pub(in crate::insight) fn waits_for_task(state: &State, task: TaskId) -> Option<TaskId> {
    let row = state.tasks.get(task)?;
    if row.status() != Status::Pending {
        return None;
    }
    match stuck_reason(state, task) {
        StuckReason::Joins(other) => Some(other),
        StuckReason::HeldBy(id, other) => {
            let is_lock = state
                .resource(id)
                .is_some_and(|resource| resource.kind == ResourceKind::Lock);
            is_lock.then_some(other)
        }
        StuckReason::JoinsItself | StuckReason::HoldsItself(_) => Some(task),
        StuckReason::Full(_)
        | StuckReason::Empty(_)
        | StuckReason::NeverSet(_)
        | StuckReason::Unknown => None,
    }
}
