//! The chain of events that led to a state.
//!
//! [`why`] goes back in time: from the event that put the task into the ready queue to the event
//! that caused it, and so on to a timer, to I/O or to the start. Most causes follow from the order
//! of the events (see [`Event`]). What happens in a poll was done by that poll. A poll comes from
//! the wake or the spawn that put its task into the ready queue, a timer's wake from the timer, and
//! the timer from the event that set it. A wake by I/O or by another thread has no cause in the
//! trace.

use std::ops::Range;

use crate::replay::{BLOCK, EventStep, Replay, Running, State};
use crate::trace::{
    Advance, CallbackEvent, Event, LoopEvent, Moment, Position, ResourceEvent, TaskEvent, TaskId,
    TimerEvent, Wait, WokenBy,
};

use super::{event_words::event_words, language::Language};

/// The most links of a chain of causes.
const CAUSES: usize = 32;

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
            let waiting = before.callbacks.get(&callback)?;
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
    Some(state.tasks.get(task)?.woken()).filter(|woken| woken.0 > 0)
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
    last_between(replay, start..before.position, &is_op)
}

/// The last position at or before `here` with an event for which `found` holds.
fn last_before(
    replay: &Replay,
    here: Position,
    found: &dyn Fn(&Event) -> bool,
) -> Option<Position> {
    last_between(replay, Position(0)..here, found)
}

/// The last position behind the start of the range, and at or before its end, with an event for which
/// `found` holds.
fn last_between(
    replay: &Replay,
    range: Range<Position>,
    found: &dyn Fn(&Event) -> bool,
) -> Option<Position> {
    // Backwards by blocks, because the event is mostly near.
    let first = range.start.0 / BLOCK;
    (first..=range.end.0 / BLOCK)
        .rev()
        .find_map(|block| replay.last_in_block(block, range.end, found))
        .filter(|position| *position > range.start)
}

/// States before the links of a chain, each older than the one before. Links are mostly near each
/// other, so a state some thousand events back is kept, from which the next one is quickly reached.
struct PastStates<'a> {
    replay: &'a Replay,
    kept: Option<State>,
}

/// How far before a state the kept one is.
const KEPT: u64 = 4 * BLOCK;

impl PastStates<'_> {
    fn at(&mut self, position: Position) -> State {
        let kept = self.kept.take().filter(|kept| kept.position <= position);
        let kept = kept.unwrap_or_else(|| {
            let back = Position(position.0.saturating_sub(KEPT));
            self.replay.state_at(back)
        });
        let mut state = kept.clone();
        self.kept = Some(kept);
        while state.position < position && self.replay.step(&mut state).is_some() {}
        state
    }
}

/// The chain of causes of a task's last wake or spawn, newest first, back to I/O or to the start. It
/// goes on past a timer, to the task that set it. Polls are no links of their own: what a task did, it did in a poll.
pub fn why(replay: &Replay, task: TaskId, language: Language) -> Vec<CauseLink> {
    let mut links = Vec::new();
    let mut last = Position(u64::MAX);
    let mut next = queued_by(replay.state(), task);
    let mut states = PastStates { replay, kept: None };
    // Each cause must be older than its effect, or a damaged trace could lead in a circle.
    while let Some(position) = next.filter(|position| *position < last && links.len() < CAUSES) {
        let before = states.at(Position(position.0 - 1));
        let Some(step) = EventStep::after(replay, &before) else {
            break;
        };
        if !matches!(step.event, Event::Task(TaskEvent::PollStart { .. })) {
            links.push(CauseLink {
                position,
                at: step.at(),
                words: event_words(&step, language),
            });
        }
        last = position;
        next = cause_of(replay, &before, &step.event);
    }
    links
}
