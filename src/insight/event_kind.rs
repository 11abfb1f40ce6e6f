//! Events sorted into kinds, with a word for each: what a breakpoint can be set on.

use crate::trace::{Event, WakeEffect};

/// What kind of event it is, in a word or two. Two events are of one kind when this word is the same.
pub fn event_kind(event: &Event) -> &'static str {
    match event {
        Event::TickStart => "start of a tick",
        Event::Park { .. } => "park",
        Event::Advance { .. } => "clock moves",
        Event::Timers { .. } => "timer phase",
        Event::Run { .. } => "run phase",
        Event::TickEnd => "end of a tick",
        Event::Spawn { .. } => "spawn",
        Event::Wake { effect, .. } => match effect {
            WakeEffect::Enqueued => "wake",
            WakeEffect::Redundant | WakeEffect::TooLate => "wake without effect",
        },
        Event::PollStart { .. } => "poll",
        Event::Wait { .. } => "wait",
        Event::PollEnd { .. } => "end of a poll",
        Event::Failed { .. } => "failure",
        Event::CancelAsked { .. } => "cancel asked for",
        Event::CancelDelivered { .. } => "cancel delivered",
        Event::TimerSet { .. } => "timer set",
        Event::TimerFired { .. } => "timer fires",
        Event::TimerCancelled { .. } => "timer cancelled",
        Event::ResourceNew { .. } => "new resource",
        Event::Use { .. } => "use of a resource",
        Event::ResourceDropped { .. } => "resource dropped",
        Event::CallbackScheduled { .. } => "callback scheduled",
        Event::CallbackStart { .. } => "callback",
        Event::CallbackEnd { .. } => "end of a callback",
        Event::Output { .. } => "output",
        Event::End { .. } => "end of the run",
        Event::Gap { .. } => "gap",
    }
}
