//! Why a task does not run now: what it waits for, whom that waits for, and so on to a timer, to I/O, or in a circle.

use crate::replay::{Replay, Running, State, Status, TaskState};
use crate::trace::{Aspect, Event, Position, ResourceKind, TaskEvent, TaskId, Wait};

use super::{
    cause::{CauseLink, last_before},
    words::{task_label, wait_words},
};

/// The most links of a chain.
const LINKS: usize = 16;

/// What holds a task up, beginning with itself. Each link says since when it has been so; one link is enough for a task
/// that runs, is ready or has ended.
pub fn blocked_on(replay: &Replay, task: TaskId) -> Vec<CauseLink> {
    let mut links: Vec<CauseLink> = Vec::new();
    let mut seen: Vec<TaskId> = Vec::new();
    let mut next = Some(task);
    while let Some(task) = next.filter(|_| links.len() < LINKS) {
        let Some(row) = replay.state().tasks.get(task) else {
            break;
        };
        if seen.contains(&task) {
            let name = task_label(replay.tables(), task);
            let words = format!("that is {name} again: they wait for each other in a circle");
            links.push(link(replay, task, row, words));
            break;
        }
        seen.push(task);
        links.push(link(replay, task, row, words(replay, task, row)));
        next = waits_for(replay, row);
        if let (None, Wait::Timer(timer), Status::Timer) = (next, row.wait, row.status())
            && let Some(Some(timer)) = replay.state().timers.get(timer.index())
        {
            links.push(CauseLink {
                position: timer.set,
                at: timer.set_at,
                words: format!("the timer that ends this is due {}", timer.deadline),
            });
        }
    }
    links
}

/// Whether a task stands before a lock that it holds itself, and so can never give back.
pub fn waits_for_itself(state: &State, task: TaskId) -> bool {
    let Some(row) = state.tasks.get(task) else {
        return false;
    };
    let Wait::Acquire(lock) = row.wait else {
        return false;
    };
    let own = state
        .resource(lock)
        .is_some_and(|lock| lock.kind == ResourceKind::Lock && lock.user == Some(task));
    own && row.status() == Status::Pending
}

fn link(replay: &Replay, task: TaskId, row: &TaskState, words: String) -> CauseLink {
    let position = match row.status() {
        Status::Ready => row.woken,
        Status::Running => last(
            replay,
            &|event| matches!(event, Event::Task(TaskEvent::PollStart { task: it }) if *it == task),
        ),
        Status::Absent
        | Status::Timer
        | Status::Pending
        | Status::Unknown
        | Status::Done
        | Status::Failed
        | Status::Cancelled => last(
            replay,
            &|event| matches!(event, Event::Task(TaskEvent::PollEnd { task: it, .. }) if *it == task),
        ),
    };
    CauseLink {
        position,
        at: row.since,
        words,
    }
}

fn last(replay: &Replay, found: &dyn Fn(&Event) -> bool) -> Position {
    last_before(replay, replay.position(), found).unwrap_or_default()
}

fn words(replay: &Replay, task: TaskId, row: &TaskState) -> String {
    let name = task_label(replay.tables(), task);
    let state = replay.state();
    match row.status() {
        Status::Running => format!("{name} runs: it has the one slot"),
        Status::Ready if !replay.log().meta.has(Aspect::Queues) => {
            format!("{name} is READY; who stands before it is not recorded")
        }
        Status::Ready => {
            let before = state
                .ready()
                .iter()
                .take_while(|(it, _)| *it != task)
                .count();
            let who = match (before, state.running) {
                (0, Running::Nothing) => "it is next".to_owned(),
                (0, _) => "it is next, after who runs now".to_owned(),
                (1, _) => "one task stands before it".to_owned(),
                (more, _) => format!("{more} tasks stand before it"),
            };
            format!("{name} is READY: {who}")
        }
        Status::Timer | Status::Pending => {
            format!(
                "{name} waits: {}",
                wait_words(&replay.log().meta, replay.tables(), state, row)
            )
        }
        Status::Unknown => format!("events are missing: what {name} does is not known"),
        Status::Failed => format!("{name} has failed: it never runs again"),
        Status::Cancelled => format!("{name} was cancelled: it never runs again"),
        Status::Done | Status::Absent => format!("{name} is done: it never runs again"),
    }
}

/// The task that this one cannot go on without, if the loop knows it.
fn waits_for(replay: &Replay, row: &TaskState) -> Option<TaskId> {
    if row.status() != Status::Pending {
        return None;
    }
    match row.wait {
        Wait::Join(task) => Some(task),
        Wait::Acquire(resource) => {
            let resource = replay.state().resource(resource)?;
            let lock = resource.kind == ResourceKind::Lock;
            resource.user.filter(|_| lock)
        }
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Operation(_) => None,
    }
}
