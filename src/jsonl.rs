//! The JSON Lines form of a trace, as types: `docs/jsonl.md` describes it for people.
//!
//! A file is one [`HeadLine`], then one [`TimedLine`] for each event. `export::jsonl` makes the lines
//! from a trace and `import` reads them. Both go through these types, so a member that is written is
//! also read.
//!
//! ```text
//!   Replay ──> export::jsonl ──> HeadLine, TimedLine … ──serde──> text
//!   text ──parse──> HeadLine, TimedLine … ──> import ──> Log
//! ```
//!
//! The members of a line are in the order of the fields here. A member that says nothing (`None`)
//! is not written. On reading, a member that is missing or null is `None`, and unknown members are
//! ignored.
//!
//! Numbers of tasks and callbacks are `u64`: a file may use any numbers, such as addresses, and
//! `import` numbers them again, in their order. Timers and resources are slots, whose numbers the
//! trace keeps.

mod parse;

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
};

use crate::trace::{
    Advance, Aspect, ClockKind, LocationId, Moment, Outcome, PollOutcome, ResourceId, ResourceKind,
    ResourceOp, Tables, TickPolicy, TimerId, WakeEffect,
};

pub(crate) use parse::{ParsedLine, parse_line};

/// The version of the form, in the member `loopscope` of the first line.
pub(crate) const VERSION: u64 = 1;

/// A text, borrowed when it is written and owned when it was read.
pub(crate) type LineText<'a> = Cow<'a, str>;

/// The first line: which run the file is of.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct HeadLine<'a> {
    /// The version; `None` if the file is not of this form.
    pub(crate) loopscope: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scenario: Option<LineText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variant: Option<LineText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<LineText<'a>>,
    /// `None` for the real clock.
    pub(crate) clock: Option<ClockKind>,
    pub(crate) seed: Option<u64>,
    #[serde(alias = "turns")]
    pub(crate) tick_policy: Option<TickPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unknown: Option<Vec<Aspect>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) params: Option<TextPairs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sources: Option<TextPairs<'a>>,
}

/// Any other line: one event, and when it happened. `parse` reads it.
#[derive(Debug, Serialize)]
pub(crate) struct TimedLine<'a> {
    /// Nanoseconds since the start; `None` for the time of the line before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) t: Option<Moment>,
    #[serde(flatten)]
    pub(crate) event: EventLine<'a>,
}

/// What happened: the member `e`, with the members that belong to it.
#[derive(Debug, Serialize)]
#[serde(tag = "e", rename_all = "snake_case")]
pub(crate) enum EventLine<'a> {
    /// A task was spawned.
    Spawn(SpawnLine<'a>),
    /// A task was woken.
    Wake {
        task: u64,
        /// `None` if the cause is unknown.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<WakeCause<'a>>,
        /// `None` for [`WakeEffect::Enqueued`].
        #[serde(skip_serializing_if = "Option::is_none")]
        effect: Option<WakeEffect>,
    },
    /// A poll begins.
    Poll { task: u64 },
    /// A task suspends and declares what it waits for.
    Wait(WaitLine<'a>),
    /// A task awaits a task that has ended already.
    Joined {
        task: u64,
        joined: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<LineText<'a>>,
    },
    /// A poll ends.
    PollEnd {
        task: u64,
        /// `None` for [`PollOutcome::Pending`].
        outcome: Option<PollOutcome>,
    },
    /// A task failed, with this message.
    Failed { task: u64, message: LineText<'a> },
    /// Cancellation was requested.
    Cancel {
        task: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        dropped: Option<bool>,
    },
    /// Cancellation was delivered.
    Cancelled { task: u64 },
    /// A timer was set.
    Timer(TimerLine),
    /// A timer was due.
    Fired { timer: TimerId },
    /// A timer was removed before it was due.
    TimerCancelled { timer: TimerId },
    /// A resource was created.
    Resource(ResourceLine<'a>),
    /// An operation on a resource.
    Use {
        resource: ResourceId,
        verb: ResourceOp,
        value: Option<u32>,
    },
    /// A task became a member of a group.
    Member { resource: ResourceId, task: u64 },
    /// What was read or written.
    Bytes {
        resource: ResourceId,
        text: LineText<'a>,
    },
    /// A resource was dropped.
    Dropped { resource: ResourceId },
    /// A callback was put into the ready queue.
    Callback {
        callback: u64,
        name: Option<LineText<'a>>,
    },
    /// A callback begins to run.
    CallbackStart { callback: u64 },
    /// A callback has returned.
    CallbackEnd { callback: u64 },
    /// A tick begins.
    Tick,
    /// The loop waits, until the next deadline if there is one.
    Park {
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Moment>,
    },
    /// Time moves, for this reason.
    Advance { why: Advance },
    /// The timer phase begins, with this many timers due.
    Timers { due: u32 },
    /// The run phase begins, with this many entries in the ready queue.
    Run { ready: u32 },
    /// A tick ends.
    TickEnd,
    /// This many events are missing.
    Gap { events: u64 },
    /// Not an event: a task was spawned in the gap.
    GapTask(SpawnLine<'a>),
    /// Not an event: where the recording continues behind the gap.
    GapEnd(GapEndLine),
    /// The run ends.
    End { outcome: Outcome },
    /// The running task printed a line.
    Output {
        text: LineText<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<LineText<'a>>,
    },
    /// Not an event: gives a task another name, from its start on.
    Name { task: u64, name: LineText<'a> },
}

/// The members of `spawn` and `gap_task`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SpawnLine<'a> {
    pub(crate) task: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<LineText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<LineText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<u64>,
}

/// The members of `gap_end`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GapEndLine {
    #[serde(default)]
    pub(crate) polls: u64,
    #[serde(default)]
    pub(crate) ticks: u64,
    /// The task that is being polled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) running: Option<u64>,
}

/// The members of `wait`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WaitLine<'a> {
    pub(crate) task: u64,
    pub(crate) on: Option<WaitTarget>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<LineText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at_creation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) also: Option<bool>,
}

/// The members of `timer`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TimerLine {
    pub(crate) timer: TimerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task: Option<u64>,
    pub(crate) deadline: Moment,
}

/// The members of `resource`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResourceLine<'a> {
    pub(crate) resource: ResourceId,
    pub(crate) kind: ResourceKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<LineText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<LineText<'a>>,
    /// `None` for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at_first_use: Option<bool>,
}

/// The cause of a wake: `"io"`, or `{"task":3}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WakeCause<'a> {
    Task(u64),
    Callback(u64),
    Timer(TimerId),
    Thread(LineText<'a>),
    Io,
    Loop,
    Unknown,
}

/// What a task waits for: `"yield"`, or `{"join":2}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitTarget {
    Timer(TimerId),
    Join(u64),
    Send(ResourceId),
    Receive(ResourceId),
    Acquire(ResourceId),
    Operation(ResourceId),
    All(ResourceId),
    Any(ResourceId),
    Yield,
    Unknown,
}

/// The most parameters, and the most sources, of a run: a hostile line could have millions of them.
const MOST_PAIRS: usize = 10_000;

/// Names with their texts, as an object whose members keep their order.
#[derive(Clone, Debug)]
pub(crate) struct TextPairs<'a>(pub(crate) Cow<'a, [(String, String)]>);

impl Serialize for TextPairs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

impl<'de> Deserialize<'de> for TextPairs<'_> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextPairsVisitor;

        impl<'de> Visitor<'de> for TextPairsVisitor {
            type Value = Vec<(String, String)>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = object.next_entry()? {
                    if pairs.len() == MOST_PAIRS {
                        return Err(A::Error::custom(format_args!(
                            "an object of texts has more than {MOST_PAIRS} members"
                        )));
                    }
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }

        let pairs = from.deserialize_map(TextPairsVisitor)?;
        Ok(TextPairs(Cow::Owned(pairs)))
    }
}

/// A location as `FILE:LINE:COLUMN`, or as `FILE:LINE` if its column is unknown (0); `None` for
/// [`LocationId::UNKNOWN`].
pub(crate) fn location_text(tables: &Tables, at: LocationId) -> Option<String> {
    let location = tables.location(at)?;
    let (file, line) = (tables.text(location.file), location.line);
    Some(match location.column {
        0 => format!("{file}:{line}"),
        column => format!("{file}:{line}:{column}"),
    })
}

/// The file, line and column of such a text; `None` if it does not end in a line number. It is read
/// from its end, because a file name may contain colons.
pub(crate) fn parse_location(text: &str) -> Option<(&str, u32, u32)> {
    let (rest, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    if let Some((file, line)) = rest.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return Some((file, line, last));
    }
    Some((rest, last, 0))
}

#[cfg(test)]
mod tests {
    use super::parse_location;

    #[test]
    fn a_location_is_parsed_from_its_end() {
        assert_eq!(parse_location("a.py:12:5"), Some(("a.py", 12, 5)));
        assert_eq!(parse_location("a.py:12"), Some(("a.py", 12, 0)));
        assert_eq!(parse_location("C:\\a.py:12:5"), Some(("C:\\a.py", 12, 5)));
        assert_eq!(parse_location("a.py"), None);
        assert_eq!(parse_location("a:b"), None);
    }
}
