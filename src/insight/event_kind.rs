//! Events sorted into kinds, with a word for each: what a breakpoint can be set on.

use crate::trace::{
    CallbackEvent, Event, LoopEvent, ResourceEvent, TaskEvent, TimerEvent, WakeEffect,
};

/// What kind of event it is, in a word or two. Two events are of one kind when this word is the same.
pub fn event_kind(event: &Event) -> &'static str {
    match event {
        Event::Loop(LoopEvent::TickStart) => "start of a tick",
        Event::Loop(LoopEvent::Park { .. }) => "park",
        Event::Loop(LoopEvent::Advance { .. }) => "clock moves",
        Event::Loop(LoopEvent::TimerPhase { .. }) => "timer phase",
        Event::Loop(LoopEvent::RunPhase { .. }) => "run phase",
        Event::Loop(LoopEvent::TickEnd) => "end of a tick",
        Event::Task(TaskEvent::Spawn { .. }) => "spawn",
        Event::Task(TaskEvent::Wake { effect, .. }) => match effect {
            WakeEffect::Enqueued => "wake",
            WakeEffect::Redundant | WakeEffect::TooLate => "wake without effect",
        },
        Event::Task(TaskEvent::PollStart { .. }) => "poll",
        Event::Task(TaskEvent::Wait { .. }) => "wait",
        Event::Task(TaskEvent::PollEnd { .. }) => "end of a poll",
        Event::Task(TaskEvent::Failed { .. }) => "failure",
        Event::Task(TaskEvent::CancelRequested { .. }) => "cancel asked for",
        Event::Task(TaskEvent::CancelDelivered { .. }) => "cancel delivered",
        Event::Timer(TimerEvent::Set { .. }) => "timer set",
        Event::Timer(TimerEvent::Fired { .. }) => "timer fires",
        Event::Timer(TimerEvent::Cancelled { .. }) => "timer cancelled",
        Event::Resource(ResourceEvent::Created { .. }) => "new resource",
        Event::Resource(ResourceEvent::Op { .. }) => "use of a resource",
        Event::Resource(ResourceEvent::Dropped { .. }) => "resource dropped",
        Event::Callback(CallbackEvent::Scheduled { .. }) => "callback scheduled",
        Event::Callback(CallbackEvent::Start { .. }) => "callback",
        Event::Callback(CallbackEvent::End { .. }) => "end of a callback",
        Event::Output { .. } => "output",
        Event::Loop(LoopEvent::End { .. }) => "end of the run",
        Event::Gap { .. } => "gap",
    }
}
