//! What blocks a task at a position, and what would unblock it.
//!
//! The chain begins with the task itself. Each task is followed by what would end its wait, and then
//! by the task that it waits for:
//!
//! ```text
//!   #6 download waits: semaphore (0/5 free)
//!   held by #1-#5; #6 download is 1st of 5 in line
//!   #1 sleeper waits: timer due 0.300
//!   overdue by 0.700 s: #2 work held the loop from 0.000 to 1.000
//! ```
//!
//! The chain ends at a timer, at I/O, at a task that can run, or in a circle of tasks that wait for
//! each other.

use crate::replay::{Replay, Running, State, Status, TaskState, TimerState};
use crate::trace::{
    Aspect, Event, Outcome, Position, ResourceId, ResourceKind, Span, TaskEvent, TaskId, Wait,
};

use super::chains::CauseLink;
use super::facts::{HoldFact, hold_between, holders, queue_of, waiting_for};
use super::language::Language;
use super::words::{ordinal, seconds, task_label, wait_words};

/// The most links of a chain.
const WAITS: usize = 32;

/// A shorter delay is not mentioned: on a real clock, every timer is some microseconds late.
const LATE: Span = Span(10_000_000);

/// What blocks a task, beginning with the task itself. Each link says since when. A task that runs
/// or has ended has only one link.
pub fn blocked_on(replay: &Replay, task: TaskId, language: Language) -> Vec<CauseLink> {
    let state = replay.state();
    let mut links: Vec<CauseLink> = Vec::new();
    let mut seen: Vec<TaskId> = Vec::new();
    let mut next = Some(task);
    while let Some(task) = next.filter(|_| links.len() < WAITS) {
        let Some(row) = state.tasks.get(task) else {
            break;
        };
        if let Some(at) = seen.iter().position(|it| *it == task) {
            links.push(link(replay, task, row, circle_words(replay, &seen[at..])));
            break;
        }
        seen.push(task);
        let words = doing_words(replay, task, row, language);
        links.push(link(replay, task, row, words));
        if waits_for_itself(state, task) {
            let words = "it holds this lock itself, so the lock is never released".to_owned();
            links.push(link(replay, task, row, words));
            break;
        }
        links.extend(what_unblocks(replay, task, row));
        next = waits_for(state, row);
    }
    links
}

/// The circle in full: `deadlock: #1 a -> #2 b -> #1 a, each waits for the next`.
fn circle_words(replay: &Replay, circle: &[TaskId]) -> String {
    let labels: Vec<String> = { circle.iter().chain(circle.first()) }
        .map(|task| task_label(replay.tables(), *task))
        .collect();
    format!(
        "deadlock: {}: each waits for the next one, so none can continue",
        labels.join(" -> ")
    )
}

/// Whether a task waits for a lock that it holds itself, and so can never release.
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

/// A link to the event that gave a task its present status.
fn link(replay: &Replay, task: TaskId, row: &TaskState, words: String) -> CauseLink {
    let here = replay.position();
    let last =
        |found: &dyn Fn(&Event) -> bool| replay.last_of_task(task, here, found).unwrap_or_default();
    let position = match row.status() {
        Status::Ready => row.woken(),
        Status::Running => last(&|event| *event == Event::Task(TaskEvent::PollStart { task })),
        Status::Absent
        | Status::Timer
        | Status::Pending
        | Status::Unknown
        | Status::Done
        | Status::Failed
        | Status::Cancelled => last(
            &|event| matches!(event, Event::Task(TaskEvent::PollEnd { task: it, .. }) if *it == task),
        ),
    };
    CauseLink {
        position,
        at: row.since,
        words,
    }
}

fn doing_words(replay: &Replay, task: TaskId, row: &TaskState, language: Language) -> String {
    let name = task_label(replay.tables(), task);
    let (state, meta) = (replay.state(), &replay.log().meta);
    match row.status() {
        Status::Running => format!("{name} is being polled"),
        Status::Ready if !meta.has(Aspect::Queues) => {
            format!("{name} is READY; its place in the queue is not recorded")
        }
        Status::Ready if !replay.has_one_order() => {
            format!("{name} is READY; tasks of an executor are polled in the executor's order")
        }
        Status::Ready => {
            let ready = state.ready();
            let ahead = ready.iter().take_while(|(it, _)| *it != task).count();
            let place = match (ahead, state.running) {
                (0, Running::Nothing) => "it is next".to_owned(),
                (0, Running::Task(_) | Running::Callback(..)) => {
                    "it is next, after what runs now".to_owned()
                }
                (1, _) => "one task is ahead of it".to_owned(),
                (ahead, _) => format!("{ahead} tasks are ahead of it"),
            };
            format!("{name} is READY: {place}")
        }
        Status::Timer | Status::Pending => {
            let waits = wait_words(meta, replay.tables(), state, row, language);
            format!("{name} waits: {waits}")
        }
        Status::Unknown => format!("events are missing: what {name} does is unknown"),
        Status::Failed => format!("{name} has failed: it never runs again"),
        Status::Cancelled => format!("{name} was cancelled: it never runs again"),
        Status::Done | Status::Absent => format!("{name} has completed: it never runs again"),
    }
}

/// What would end the wait of a task, or what delays a task that is ready or due.
fn what_unblocks(replay: &Replay, task: TaskId, row: &TaskState) -> Option<CauseLink> {
    let state = replay.state();
    let delayed = match row.status() {
        Status::Ready => Some(("ready for", row.since)),
        Status::Timer => timer_of(state, row).map(|timer| ("overdue by", timer.deadline)),
        Status::Absent
        | Status::Running
        | Status::Pending
        | Status::Unknown
        | Status::Done
        | Status::Failed
        | Status::Cancelled => None,
    };
    if let Some((what, since)) = delayed
        && state.now().since(since) >= LATE
    {
        let by = seconds(state.now().since(since));
        let held = hold_between(replay, since, replay.position());
        return held.map(|held| CauseLink {
            position: held.event,
            at: held.from,
            words: format!("{what} {by} s: {}", hold_words(replay, &held)),
        });
    }
    if row.status() == Status::Timer {
        return timer_of(state, row).map(|timer| CauseLink {
            position: timer.set,
            at: timer.set_at,
            words: format!("the timer that ends this is due {}", timer.deadline),
        });
    }
    if row.status() != Status::Pending {
        return None;
    }
    let (position, words) = pending_words(replay, task)?;
    let own = link(replay, task, row, words);
    Some(CauseLink {
        position: position.unwrap_or(own.position),
        ..own
    })
}

/// The timer that a sleeping task waits for.
fn timer_of<'a>(state: &'a State, row: &TaskState) -> Option<&'a TimerState> {
    if let Wait::Timer(timer) = row.wait {
        return state.timer(timer);
    }
    None
}

fn hold_words(replay: &Replay, held: &HoldFact) -> String {
    let by = match held.by {
        Running::Task(task) => task_label(replay.tables(), task),
        Running::Callback(..) => "a callback".to_owned(),
        Running::Nothing => "the loop".to_owned(),
    };
    if replay.state().running == held.by {
        return format!("{by} has held the loop since {}", held.from);
    }
    format!("{by} held the loop from {} to {}", held.from, held.to)
}

/// What a pending task needs, and the position of the event that blocks it.
fn pending_words(replay: &Replay, task: TaskId) -> Option<(Option<Position>, String)> {
    let state = replay.state();
    let name = task_label(replay.tables(), task);
    let over = matches!(state.outcome, Some(Outcome::Deadlock | Outcome::Stalled));
    match waiting_for(state, task)?.on {
        Wait::Acquire(id) => {
            let kind = state.resource(id)?.kind;
            if kind == ResourceKind::Barrier {
                let words = format!(
                    "it continues when all have arrived at the {}",
                    kind.as_str()
                );
                return Some((None, words));
            }
            if !matches!(
                kind,
                ResourceKind::Lock | ResourceKind::Semaphore | ResourceKind::RwLock
            ) {
                let words = if over {
                    "no task is left that could set it"
                } else {
                    "it continues when a task sets it"
                };
                return Some((None, words.to_owned()));
            }
            let held = holders(state, id);
            let tasks: Vec<TaskId> = held.iter().map(|holding| holding.task).collect();
            let by = match tasks.as_slice() {
                [] => return Some((None, in_line(replay, id, task, &name)?)),
                tasks => format!("held by {}", task_list(replay, tasks)),
            };
            let place = in_line(replay, id, task, &name);
            let words = place.map_or(by.clone(), |place| format!("{by}; {place}"));
            Some((held.first().map(|holding| holding.event), words))
        }
        Wait::Send(_) if over => Some((
            None,
            "no task is left that could take an item out".to_owned(),
        )),
        Wait::Send(_) => Some((
            None,
            "it continues when a task takes an item out".to_owned(),
        )),
        Wait::Receive(_) if over => {
            Some((None, "no task is left that could put an item in".to_owned()))
        }
        Wait::Receive(_) => Some((None, "it continues when a task puts an item in".to_owned())),
        Wait::All(group) | Wait::Any(group) => {
            let members = state.members(group);
            let left = members.filter(|(_, member)| !member.status().ended());
            let left: Vec<TaskId> = left.map(|(member, _)| member).collect();
            let unfinished = |left: &[TaskId]| format!("unfinished: {}", task_list(replay, left));
            (!left.is_empty()).then(|| (None, unfinished(&left)))
        }
        Wait::Unknown | Wait::Yield | Wait::Timer(_) | Wait::Join(_) | Wait::Operation(_) => None,
    }
}

/// The place of a task in line: `#6 download is 1st of 5 in line`.
fn in_line(replay: &Replay, id: ResourceId, task: TaskId, name: &str) -> Option<String> {
    let line = queue_of(replay, replay.state(), id);
    let at = line.iter().position(|it| *it == task)?;
    let place = ordinal(u32::try_from(at + 1).ok()?);
    Some(format!("{name} is {place} of {} in line", line.len()))
}

/// Tasks by number, neighbours as a range: `#1-#5, #8`. A single task has its name.
fn task_list(replay: &Replay, tasks: &[TaskId]) -> String {
    if let [task] = tasks {
        return task_label(replay.tables(), *task);
    }
    let mut sorted = tasks.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut ranges: Vec<(TaskId, TaskId)> = Vec::new();
    for task in sorted {
        match ranges.last_mut() {
            Some((_, last)) if last.0 + 1 == task.0 => *last = task,
            _ => ranges.push((task, task)),
        }
    }
    let words = ranges.into_iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The task that blocks this one, if the trace tells.
fn waits_for(state: &State, row: &TaskState) -> Option<TaskId> {
    if row.status() != Status::Pending {
        return None;
    }
    match row.wait {
        Wait::Join(task) => Some(task),
        Wait::All(group) => {
            let mut members = state.members(group);
            let left = members.find(|(_, member)| !member.status().ended());
            left.map(|(task, _)| task)
        }
        Wait::Acquire(resource) => {
            let is_lock = state.resource(resource)?.kind == ResourceKind::Lock;
            let holder = state.holdings.of(resource).next()?;
            is_lock.then_some(holder.task)
        }
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Operation(_)
        | Wait::Any(_) => None,
    }
}
