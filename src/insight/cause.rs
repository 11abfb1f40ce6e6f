//! Why something happened: from an event to the one that brought it about.
//!
//! Most of it is in the order of the events (see [`Event`]): what happens in a poll was done by that poll; a poll
//! comes from the wake or the spawn that put its task into the ready queue, a timer's wake from the timer, that from
//! its setting. A wake from outside, by I/O or a thread, has no cause in the trace.

use crate::replay::{BLOCK, Replay, Running, State};
use crate::trace::{
    Advance, CallbackEvent, Event, LoopEvent, Moment, Position, ResourceEvent, TaskEvent, TaskId,
    TimerEvent, Wait, WokenBy,
};

use super::words::event_words;

/// The most links of a chain.
const LINKS: usize = 32;

/// One step back in a chain of causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseLink {
    /// The position after the event.
    pub position: Position,
    /// When it happened.
    pub at: Moment,
    /// What it was.
    pub words: String,
}

/// The position after the event that caused the one before `position`; none for the start of a tick and for
/// what comes from outside.
pub fn cause(replay: &Replay, position: Position) -> Option<Position> {
    let before = before(replay, position)?;
    let event = replay.event_before(position)?;
    cause_of(replay, &before, &event)
}

/// The state before the event that leads to a position.
fn before(replay: &Replay, position: Position) -> Option<State> {
    let number = position.0.checked_sub(1)?;
    (position <= replay.end()).then(|| replay.state_at(Position(number)))
}

fn cause_of(replay: &Replay, before: &State, event: &Event) -> Option<Position> {
    let here = before.position;
    let last = |found: &dyn Fn(&Event) -> bool| last_before(replay, here, found);
    match *event {
        Event::Task(TaskEvent::PollStart { task }) => queued_by(before, task),
        Event::Callback(CallbackEvent::Start { callback }) => before
            .callbacks
            .iter()
            .find(|waiting| waiting.callback == callback)
            .map(|waiting| waiting.scheduled),
        Event::Task(TaskEvent::Wake { task, by, .. }) => match by {
            WokenBy::Timer(timer) => last(
                &|event| matches!(event, Event::Timer(TimerEvent::Fired { timer: fired }) if *fired == timer),
            ),
            WokenBy::Io | WokenBy::Thread(_) | WokenBy::Unknown => None,
            WokenBy::Task(_) | WokenBy::Callback(_) => {
                released(replay, before, task).or_else(|| turn(replay, before))
            }
            WokenBy::Loop => last(&|event| matches!(event, Event::Task(TaskEvent::PollEnd { .. }))),
        },
        Event::Timer(TimerEvent::Fired { timer }) => before
            .timers
            .get(timer.index())
            .copied()
            .flatten()
            .map(|timer| timer.set),
        Event::Task(TaskEvent::CancelDelivered { task }) => last(
            &|event| matches!(event, Event::Task(TaskEvent::CancelRequested { task: asked, .. }) if *asked == task),
        ),
        Event::Loop(LoopEvent::Advance {
            why: Advance::Waited | Advance::Jumped,
            ..
        }) => last(&|event| {
            matches!(
                event,
                Event::Loop(LoopEvent::Park { .. } | LoopEvent::TickStart)
            )
        }),
        Event::Loop(
            LoopEvent::Park { .. }
            | LoopEvent::TimerPhase { .. }
            | LoopEvent::RunPhase { .. }
            | LoopEvent::TickEnd,
        ) => last(&|event| *event == Event::Loop(LoopEvent::TickStart)),
        Event::Loop(LoopEvent::TickStart) | Event::Gap { .. } => None,
        Event::Loop(LoopEvent::End { .. }) => {
            last(&|event| matches!(event, Event::Task(TaskEvent::PollEnd { .. })))
        }
        // The rest is done by whoever runs.
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. } => turn(replay, before),
    }
}

/// The event that put a task into the ready queue last.
fn queued_by(state: &State, task: TaskId) -> Option<Position> {
    Some(state.tasks.get(task)?.woken).filter(|woken| woken.0 > 0)
}

/// The start of the turn that is going on.
fn turn(replay: &Replay, before: &State) -> Option<Position> {
    if before.running == Running::Nothing {
        return None;
    }
    last_before(replay, before.position, &|event| {
        matches!(
            event,
            Event::Task(TaskEvent::PollStart { .. }) | Event::Callback(CallbackEvent::Start { .. })
        )
    })
}

/// The use, in this turn, of the resource that the woken task waits for: what it was that woke it.
fn released(replay: &Replay, before: &State, woken: TaskId) -> Option<Position> {
    let (Wait::Send(wanted)
    | Wait::Receive(wanted)
    | Wait::Acquire(wanted)
    | Wait::Operation(wanted)) = before.tasks.get(woken)?.wait
    else {
        return None;
    };
    let start = turn(replay, before)?;
    let used = last_before(
        replay,
        before.position,
        &|event| matches!(event, Event::Resource(ResourceEvent::Op { resource, .. }) if *resource == wanted),
    )?;
    (used > start).then_some(used)
}

/// The last position at or before `here` whose event is looked for.
pub(super) fn last_before(
    replay: &Replay,
    here: Position,
    found: &dyn Fn(&Event) -> bool,
) -> Option<Position> {
    // Block by block backwards: what is looked for is mostly near.
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

/// Why a task is where it is: the chain of causes from what happened to it last, back to a timer, to I/O or to the
/// start. Newest first, at most 32 links. Turns are no links of their own: what a task did, it did in a turn.
pub fn why(replay: &Replay, task: TaskId) -> Vec<CauseLink> {
    let mut links = Vec::new();
    let mut last = Position(u32::MAX);
    let mut next = queued_by(replay.state(), task);
    // Causes lie before their effects; a broken trace must not send us in a circle.
    while let Some(position) = next.filter(|position| *position < last && links.len() < LINKS) {
        let Some((_, event, cursor)) = replay.events_from(Position(position.0 - 1)).next() else {
            break;
        };
        if !matches!(event, Event::Task(TaskEvent::PollStart { .. })) {
            links.push(CauseLink {
                position,
                at: cursor.now,
                words: event_words(replay.tables(), &event),
            });
        }
        last = position;
        next = match event {
            Event::Timer(TimerEvent::Fired { .. }) => None,
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => cause(replay, position),
        };
    }
    links
}
