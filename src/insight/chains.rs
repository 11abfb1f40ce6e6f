//! Two chains of events that explain why a task is where it is.
//!
//! [`why`] goes back in time: from the event that put the task into the ready queue to the event
//! that caused it, and so on to a timer, to I/O or to the start. Most causes follow from the order
//! of the events (see [`Event`]). What happens in a poll was done by that poll. A poll comes from
//! the wake or the spawn that put its task into the ready queue, a timer's wake from the timer, and
//! the timer from the event that set it. A wake by I/O or by another thread has no cause in the
//! trace.
//!
//! [`blocked_on`] stays at one position: from a task that does not run to what it waits for, to
//! what that waits for, and so on to a timer, to I/O, or in a circle.

use crate::replay::{BLOCK, Replay, Running, State, Status, TaskState};
use crate::trace::{
    Advance, Aspect, CallbackEvent, Event, LoopEvent, Moment, Position, ResourceEvent,
    ResourceKind, TaskEvent, TaskId, TimerEvent, Wait, WokenBy,
};

use super::{
    event_words::event_words,
    language::Language,
    words::{task_label, wait_words},
};

/// The most links of a chain of causes.
const CAUSES: usize = 32;

/// The most links of a chain of waits.
const WAITS: usize = 16;

/// One link of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseLink {
    /// The position after the event.
    pub position: Position,
    /// When it happened.
    pub at: Moment,
    /// What happened.
    pub words: String,
}

/// The position after the event that caused the event before `position`; `None` for the start of a
/// tick and for a cause outside the trace.
pub fn cause(replay: &Replay, position: Position) -> Option<Position> {
    let number = position.0.checked_sub(1)?;
    if position > replay.end() {
        return None;
    }
    let before = replay.state_at(Position(number));
    let event = replay.event_before(position)?;
    cause_of(replay, &before, &event)
}

fn cause_of(replay: &Replay, before: &State, event: &Event) -> Option<Position> {
    let last = |found: &dyn Fn(&Event) -> bool| last_before(replay, before.position, found);
    match *event {
        Event::Loop(event) => match event {
            LoopEvent::TickStart => None,
            LoopEvent::Park { .. }
            | LoopEvent::TimerPhase { .. }
            | LoopEvent::RunPhase { .. }
            | LoopEvent::TickEnd => last(&|event| *event == Event::Loop(LoopEvent::TickStart)),
            LoopEvent::Advance { why, .. } => match why {
                Advance::Waited | Advance::Jumped => last(&is_park_or_tick_start),
                Advance::Worked | Advance::Passed => current_poll(replay, before),
            },
            LoopEvent::End { .. } => last(&is_poll_end),
        },
        Event::Task(TaskEvent::PollStart { task }) => queued_by(before, task),
        Event::Task(TaskEvent::Wake { task, by, .. }) => match by {
            WokenBy::Timer(timer) => {
                last(&|event| *event == Event::Timer(TimerEvent::Fired { timer }))
            }
            WokenBy::Io | WokenBy::Thread(_) | WokenBy::Unknown => None,
            WokenBy::Task(_) | WokenBy::Callback(_) => {
                released(replay, before, task).or_else(|| current_poll(replay, before))
            }
            WokenBy::Loop => last(&is_poll_end),
        },
        Event::Task(TaskEvent::CancelDelivered { task }) => {
            last(&|event| is_cancel_request(event, task))
        }
        Event::Timer(TimerEvent::Fired { timer }) => before.timer(timer).map(|timer| timer.set),
        Event::Callback(CallbackEvent::Start { callback }) => {
            let mut queue = before.callbacks.iter();
            let waiting = queue.find(|waiting| waiting.callback == callback)?;
            Some(waiting.scheduled)
        }
        Event::Gap { .. } => None,
        // The rest is done by the current poll.
        Event::Task(
            TaskEvent::Spawn { .. }
            | TaskEvent::Wait { .. }
            | TaskEvent::Joined { .. }
            | TaskEvent::PollEnd { .. }
            | TaskEvent::Failed { .. }
            | TaskEvent::CancelRequested { .. },
        )
        | Event::Timer(TimerEvent::Set { .. } | TimerEvent::Cancelled { .. })
        | Event::Resource(_)
        | Event::Callback(CallbackEvent::Scheduled { .. } | CallbackEvent::End { .. })
        | Event::Output { .. } => current_poll(replay, before),
    }
}

fn is_park_or_tick_start(event: &Event) -> bool {
    matches!(
        event,
        Event::Loop(LoopEvent::Park { .. } | LoopEvent::TickStart)
    )
}

fn is_poll_end(event: &Event) -> bool {
    matches!(event, Event::Task(TaskEvent::PollEnd { .. }))
}

fn is_poll_start(event: &Event) -> bool {
    matches!(
        event,
        Event::Task(TaskEvent::PollStart { .. }) | Event::Callback(CallbackEvent::Start { .. })
    )
}

fn is_cancel_request(event: &Event, of: TaskId) -> bool {
    matches!(event, Event::Task(TaskEvent::CancelRequested { task, .. }) if *task == of)
}

/// The event that put a task into the ready queue last.
fn queued_by(state: &State, task: TaskId) -> Option<Position> {
    Some(state.tasks.get(task)?.woken).filter(|woken| woken.0 > 0)
}

/// The start of the poll or callback that is running.
fn current_poll(replay: &Replay, before: &State) -> Option<Position> {
    if before.running == Running::Nothing {
        return None;
    }
    last_before(replay, before.position, &is_poll_start)
}

/// The operation, in the current poll, on the resource that the woken task waits for: a more
/// precise cause of the wake than the poll itself.
fn released(replay: &Replay, before: &State, woken: TaskId) -> Option<Position> {
    let (Wait::Send(wanted)
    | Wait::Receive(wanted)
    | Wait::Acquire(wanted)
    | Wait::Operation(wanted)) = before.tasks.get(woken)?.wait
    else {
        return None;
    };
    let start = current_poll(replay, before)?;
    let is_op = |event: &Event| matches!(event, Event::Resource(ResourceEvent::Op { resource, .. }) if *resource == wanted);
    let op = last_before(replay, before.position, &is_op)?;
    (op > start).then_some(op)
}

/// The last position at or before `here` with an event for which `found` holds.
fn last_before(
    replay: &Replay,
    here: Position,
    found: &dyn Fn(&Event) -> bool,
) -> Option<Position> {
    // Backwards by blocks, because the event is mostly near.
    let mut block = here.0 / BLOCK;
    loop {
        let from = Position(block * BLOCK);
        let until = Position(from.0.saturating_add(BLOCK)).min(here);
        let hit = replay
            .events_from(from)
            .take_while(|(position, _, _)| *position <= until)
            .filter(|(_, event, _)| found(event))
            .last();
        if let Some((position, _, _)) = hit {
            return Some(position);
        }
        block = block.checked_sub(1)?;
    }
}

/// The chain of causes of a task's last wake or spawn, newest first, back to a timer, to I/O or to
/// the start. Polls are no links of their own: what a task did, it did in a poll.
pub fn why(replay: &Replay, task: TaskId, language: Language) -> Vec<CauseLink> {
    let mut links = Vec::new();
    let mut last = Position(u32::MAX);
    let mut next = queued_by(replay.state(), task);
    // Each cause must be older than its effect, or a damaged trace could lead in a circle.
    while let Some(position) = next.filter(|position| *position < last && links.len() < CAUSES) {
        let Some((_, event, cursor)) = replay.events_from(Position(position.0 - 1)).next() else {
            break;
        };
        if !matches!(event, Event::Task(TaskEvent::PollStart { .. })) {
            links.push(CauseLink {
                position,
                at: cursor.now,
                words: event_words(replay.tables(), &event, language),
            });
        }
        last = position;
        let is_timer = matches!(event, Event::Timer(TimerEvent::Fired { .. }));
        next = if is_timer {
            None
        } else {
            cause(replay, position)
        };
    }
    links
}

/// What blocks a task, beginning with the task itself. Each link says since when. A task that runs,
/// is ready or has ended has only one link.
pub fn blocked_on(replay: &Replay, task: TaskId, language: Language) -> Vec<CauseLink> {
    let state = replay.state();
    let mut links: Vec<CauseLink> = Vec::new();
    let mut seen: Vec<TaskId> = Vec::new();
    let mut next = Some(task);
    while let Some(task) = next.filter(|_| links.len() < WAITS) {
        let Some(row) = state.tasks.get(task) else {
            break;
        };
        if seen.contains(&task) {
            let name = task_label(replay.tables(), task);
            let words = format!("that is {name} again: they wait for each other in a circle");
            links.push(link(replay, task, row, words));
            break;
        }
        seen.push(task);
        links.push(link(
            replay,
            task,
            row,
            doing_words(replay, task, row, language),
        ));
        next = waits_for(state, row);
        if let (None, Wait::Timer(timer), Status::Timer) = (next, row.wait, row.status())
            && let Some(timer) = state.timer(timer)
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
    let last = |found: &dyn Fn(&Event) -> bool| {
        last_before(replay, replay.position(), found).unwrap_or_default()
    };
    let position = match row.status() {
        Status::Ready => row.woken,
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
            let resource = state.resource(resource)?;
            let is_lock = resource.kind == ResourceKind::Lock;
            resource.user.filter(|_| is_lock)
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
