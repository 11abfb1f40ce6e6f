//! Parses a line of the form.
//!
//! The members of an event may be in any order, and which members a line has depends on `e`. A line
//! is therefore parsed twice: first for `e` and `t`, then for the members of that kind of event.
//! Whatever else it contains is skipped without being kept, so a hostile line takes no more memory
//! than its own length. (The way that serde derives keeps every member until it has seen `e`, at
//! 32 bytes for each number of a list.)

use std::borrow::Cow;

use serde::{
    Deserialize,
    de::{Error, IgnoredAny},
};

use crate::trace::{
    Advance, Moment, Outcome, PollOutcome, ResourceId, ResourceOp, TimerId, WakeEffect,
};

use super::{EventLine, LineText, TimedLine, WakeCause};

/// A line after the first.
pub(crate) enum ParsedLine {
    /// One event.
    Event(TimedLine<'static>),
    /// The first line of another file, which was appended.
    Head,
}

/// The members that all events have.
#[derive(Deserialize)]
struct CommonMembers<'a> {
    t: Option<Moment>,
    #[serde(borrow)]
    e: Option<Cow<'a, str>>,
    loopscope: Option<IgnoredAny>,
}

/// Parses a line, which has to be an object.
pub(crate) fn parse_line(line: &[u8]) -> serde_json::Result<ParsedLine> {
    let common: CommonMembers<'_> = serde_json::from_slice(line)?;
    match (common.e, common.loopscope) {
        (Some(kind), _) => Ok(ParsedLine::Event(TimedLine {
            t: common.t,
            event: parse_event(&kind, line)?,
        })),
        (None, Some(_)) => Ok(ParsedLine::Head),
        (None, None) => Err(Error::missing_field("e")),
    }
}

/// The kinds of events, for the message about an unknown one.
const KINDS: [&str; 32] = [
    "spawn",
    "wake",
    "poll",
    "wait",
    "joined",
    "poll_end",
    "failed",
    "cancel",
    "cancelled",
    "timer",
    "fired",
    "timer_cancelled",
    "resource",
    "use",
    "member",
    "bytes",
    "dropped",
    "callback",
    "callback_start",
    "callback_end",
    "tick",
    "park",
    "advance",
    "timers",
    "run",
    "tick_end",
    "gap",
    "gap_task",
    "gap_end",
    "end",
    "output",
    "name",
];

/// Parses the members of one kind of event.
fn parse_event(kind: &str, line: &[u8]) -> serde_json::Result<EventLine<'static>> {
    /// The event whose members are these. The compiler checks that none is left out.
    macro_rules! members {
        ($event:ident { $($member:ident: $type:ty),+ }) => {{
            #[derive(Deserialize)]
            struct Members { $($member: $type),+ }
            let Members { $($member),+ } = serde_json::from_slice(line)?;
            EventLine::$event { $($member),+ }
        }};
    }
    type Text = LineText<'static>;
    Ok(match kind {
        "spawn" => EventLine::Spawn(serde_json::from_slice(line)?),
        "wake" => {
            members!(Wake { task: u64, by: Option<WakeCause<'static>>, effect: Option<WakeEffect> })
        }
        "poll" => members!(Poll { task: u64 }),
        "wait" => EventLine::Wait(serde_json::from_slice(line)?),
        "joined" => members!(Joined { task: u64, joined: u64, at: Option<Text> }),
        "poll_end" => members!(PollEnd { task: u64, outcome: Option<PollOutcome> }),
        "failed" => members!(Failed {
            task: u64,
            message: Text
        }),
        "cancel" => members!(Cancel { task: u64, dropped: Option<bool> }),
        "cancelled" => members!(Cancelled { task: u64 }),
        "timer" => EventLine::Timer(serde_json::from_slice(line)?),
        "fired" => members!(Fired { timer: TimerId }),
        "timer_cancelled" => members!(TimerCancelled { timer: TimerId }),
        "resource" => EventLine::Resource(serde_json::from_slice(line)?),
        "use" => members!(Use { resource: ResourceId, verb: ResourceOp, value: Option<u32> }),
        "member" => members!(Member {
            resource: ResourceId,
            task: u64
        }),
        "bytes" => members!(Bytes {
            resource: ResourceId,
            text: Text
        }),
        "dropped" => members!(Dropped {
            resource: ResourceId
        }),
        "callback" => members!(Callback { callback: u64, name: Option<Text> }),
        "callback_start" => members!(CallbackStart { callback: u64 }),
        "callback_end" => members!(CallbackEnd { callback: u64 }),
        "tick" => EventLine::Tick,
        "park" => members!(Park { until: Option<Moment> }),
        "advance" => members!(Advance { why: Advance }),
        "timers" => members!(Timers { due: u32 }),
        "run" => members!(Run { ready: u32 }),
        "tick_end" => EventLine::TickEnd,
        "gap" => members!(Gap { events: u64 }),
        "gap_task" => EventLine::GapTask(serde_json::from_slice(line)?),
        "gap_end" => EventLine::GapEnd(serde_json::from_slice(line)?),
        "end" => members!(End { outcome: Outcome }),
        "output" => members!(Output { text: Text, at: Option<Text> }),
        "name" => members!(Name {
            task: u64,
            name: Text
        }),
        _ => return Err(Error::unknown_variant(kind, &KINDS)),
    })
}
