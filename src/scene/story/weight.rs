//! How much each event matters in the story of its tick.

use crate::trace::{
    CallbackEvent, Event, LoopEvent, PollOutcome, ResourceEvent, ResourceOp, TaskEvent, TimerEvent,
};

/// How much an event matters in the story of its tick.
pub(super) fn weight(event: &Event) -> u8 {
    match event {
        Event::Loop(event) => match event {
            LoopEvent::End { .. } => 10,
            LoopEvent::Advance { .. } => 5,
            LoopEvent::TickStart
            | LoopEvent::Park { .. }
            | LoopEvent::TimerPhase { .. }
            | LoopEvent::RunPhase { .. }
            | LoopEvent::TickEnd => 0,
        },
        Event::Task(event) => of_task(event),
        Event::Timer(event) => match event {
            TimerEvent::Cancelled { .. } => 2,
            TimerEvent::Set { .. } | TimerEvent::Fired { .. } => 1,
        },
        Event::Resource(event) => of_resource(event),
        Event::Callback(event) => match event {
            CallbackEvent::Scheduled { .. } | CallbackEvent::Start { .. } => 4,
            CallbackEvent::End { .. } => 1,
        },
        Event::Output { .. } => 7,
        Event::Gap { .. } => 9,
    }
}

fn of_task(event: &TaskEvent) -> u8 {
    match event {
        TaskEvent::Failed { .. } => 9,
        TaskEvent::PollEnd { outcome, .. } => match outcome {
            PollOutcome::Panicked | PollOutcome::Failed => 8,
            PollOutcome::Ready | PollOutcome::Cancelled => 6,
            PollOutcome::Pending => 4,
        },
        TaskEvent::CancelRequested { .. } => 6,
        TaskEvent::Spawn { .. }
        | TaskEvent::Wake { .. }
        | TaskEvent::Joined { .. }
        | TaskEvent::CancelDelivered { .. } => 5,
        TaskEvent::PollStart { .. } => 1,
        TaskEvent::Wait { .. } => 0,
    }
}

fn of_resource(event: &ResourceEvent) -> u8 {
    match event {
        ResourceEvent::Created { .. } | ResourceEvent::Dropped { .. } => 3,
        ResourceEvent::Member { .. } | ResourceEvent::Bytes { .. } => 0,
        ResourceEvent::Op { op, .. } => match op {
            ResourceOp::Read | ResourceOp::Wrote | ResourceOp::Stored => 7,
            ResourceOp::Accepted
            | ResourceOp::Connected
            | ResourceOp::Set
            | ResourceOp::SetError
            | ResourceOp::Failed => 6,
            ResourceOp::Sent
            | ResourceOp::Received
            | ResourceOp::Closed
            | ResourceOp::Acquired
            | ResourceOp::Released
            | ResourceOp::Cleared
            | ResourceOp::Abandoned
            | ResourceOp::Loaded
            | ResourceOp::Entered
            | ResourceOp::Left
            | ResourceOp::Resumed
            | ResourceOp::Yielded
            | ResourceOp::Tried => 5,
            ResourceOp::Buffered => 3,
            ResourceOp::Begun | ResourceOp::Ended | ResourceOp::Started | ResourceOp::Ran => 0,
        },
    }
}
