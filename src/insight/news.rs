//! Which events carry news, and which only restate another one.
//!
//! About half of the events of a run are the loop's bookkeeping: the borders of ticks and of their
//! phases, and steps that prepare the next event. A task that sleeps, for example, sets a timer,
//! declares a wait and suspends. The last of the three tells the other two.
//!
//! The steps by event (`n`), the log in panel 5 and the plain output tell the events that carry
//! news. A note about an event without news belongs to the next event that carries news.

use crate::replay::EventStep;
use crate::trace::{
    Advance, CallbackEvent, Event, LoopEvent, ResourceEvent, ResourceOp, Span, TaskEvent,
    TimerEvent,
};

/// Shorter movements of the clock carry no news. On a real clock, some time passes between any two
/// events.
const NOTICEABLE: Span = Span(1_000_000);

/// Whether an event carries news. This is the only definition: stepping, the log of the screen, its
/// counts and the plain output all use it.
pub fn is_news(step: &EventStep<'_>) -> bool {
    carries_news(&step.event)
}

/// The same, for readers that have only the event.
#[inline]
pub(crate) fn carries_news(event: &Event) -> bool {
    match event {
        Event::Loop(event) => of_loop(event),
        Event::Task(event) => of_task(event),
        Event::Timer(event) => match event {
            // The end of the poll says that the task suspends, and until when. The wake that
            // follows a fired timer says that it fired.
            TimerEvent::Set { .. } | TimerEvent::Fired { .. } => false,
            TimerEvent::Cancelled { .. } => true,
        },
        Event::Resource(event) => of_resource(event),
        Event::Callback(event) => match event {
            CallbackEvent::Scheduled { .. }
            | CallbackEvent::Start { .. }
            | CallbackEvent::End { .. } => true,
        },
        Event::Output { .. } | Event::Gap { .. } => true,
    }
}

fn of_loop(event: &LoopEvent) -> bool {
    match *event {
        LoopEvent::TickStart
        | LoopEvent::Park { .. }
        | LoopEvent::TimerPhase { .. }
        | LoopEvent::RunPhase { .. }
        | LoopEvent::TickEnd => false,
        LoopEvent::Advance { by, why } => match why {
            Advance::Jumped => by > Span::ZERO,
            Advance::Waited | Advance::Worked => by >= NOTICEABLE,
            Advance::Passed => false,
        },
        LoopEvent::End { .. } => true,
    }
}

fn of_task(event: &TaskEvent) -> bool {
    match event {
        // The end of the poll says what the task waits for.
        TaskEvent::Wait { .. } => false,
        TaskEvent::Spawn { .. }
        | TaskEvent::Wake { .. }
        | TaskEvent::PollStart { .. }
        | TaskEvent::PollEnd { .. }
        | TaskEvent::Failed { .. }
        | TaskEvent::Joined { .. }
        | TaskEvent::CancelRequested { .. }
        | TaskEvent::CancelDelivered { .. } => true,
    }
}

fn of_resource(event: &ResourceEvent) -> bool {
    match event {
        // The wait for a group says how many members it has, and the read or write before the bytes
        // shows them.
        ResourceEvent::Member { .. } | ResourceEvent::Bytes { .. } => false,
        ResourceEvent::Created { .. } | ResourceEvent::Dropped { .. } => true,
        ResourceEvent::Op { op, .. } => match op {
            // The end of the poll says that the task waits for the operation, and its result says
            // that the operation has ended.
            // A try that succeeds is followed by what it took.
            ResourceOp::Begun
            | ResourceOp::Ended
            | ResourceOp::Tried
            | ResourceOp::Started
            | ResourceOp::Ran => false,
            ResourceOp::Sent
            | ResourceOp::Received
            | ResourceOp::Closed
            | ResourceOp::Acquired
            | ResourceOp::Released
            | ResourceOp::Set
            | ResourceOp::SetError
            | ResourceOp::Failed
            | ResourceOp::Cleared
            | ResourceOp::Abandoned
            | ResourceOp::Read
            | ResourceOp::Wrote
            | ResourceOp::Accepted
            | ResourceOp::Connected
            | ResourceOp::Loaded
            | ResourceOp::Stored
            | ResourceOp::Entered
            | ResourceOp::Left
            | ResourceOp::Resumed
            | ResourceOp::Yielded
            | ResourceOp::Buffered => true,
        },
    }
}
