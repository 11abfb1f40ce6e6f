//! The numbers of a trace. Each kind of number is a type, so that a task cannot be looked up by a
//! timer's number.

use std::{fmt, time::Duration};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "formats", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(pub u32);

        impl $name {
            /// The number as an index into a table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// A task. Tasks count from 0, the main task, in the order of their spawns; a number is never
    /// reused.
    TaskId
}
id! {
    /// A slot of the timer queue. It is free again once its timer has fired or was cancelled.
    TimerId
}
id! {
    /// A slot of the resource table (channel, lock, socket …). It is free again once the resource
    /// was dropped.
    ResourceId
}
id! {
    /// A callback. Callbacks count from 0 in the order in which they were scheduled.
    CallbackId
}
id! {
    /// A text in [`Tables`](super::Tables): a name, a file, a line of output.
    TextId
}
id! {
    /// A location in the source, in [`Tables`](super::Tables).
    LocationId
}

/// A number of events. Position 0 is before the first event, position `n` is behind the `n`th.
///
/// It has 64 bits: a server that writes 100,000 events a second fills 32 bits in twelve hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "formats", derive(serde::Serialize, serde::Deserialize))]
pub struct Position(pub u64);

impl TextId {
    /// An unknown text.
    pub const UNKNOWN: TextId = TextId(u32::MAX);
}

impl LocationId {
    /// An unknown location.
    pub const UNKNOWN: LocationId = LocationId(u32::MAX);
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A point in loop time: nanoseconds since the loop started, on the clock of the loop.
///
/// A virtual clock stops while tasks are polled and jumps when no task is ready. A real clock
/// leaves out the time for which the loop was paused.
///
/// Its alignment is four bytes, as for [`Span`]; so [`Moment::nanos`] copies where a reference to
/// the field would not compile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "formats", derive(serde::Serialize, serde::Deserialize))]
#[repr(Rust, packed(4))]
pub struct Moment(pub u64);

impl Moment {
    /// The start of the loop.
    pub const START: Moment = Moment(0);

    /// Seconds since the start of the loop.
    #[expect(
        clippy::cast_precision_loss,
        reason = "for people: 104 days of nanoseconds are exact"
    )]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The moment that many seconds after the start; the start itself for a negative number or NaN.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, which is meant"
    )]
    pub fn from_seconds(seconds: f64) -> Moment {
        Moment((seconds * 1e9).round() as u64)
    }

    /// Whole nanoseconds since the start of the loop.
    pub fn nanos(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this moment; 0 when `earlier` is later.
    pub fn since(self, earlier: Moment) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of loop time in nanoseconds, where a [`Moment`] is a point. Sums saturate.
///
/// Both are aligned to four bytes: with eight, an [`Event`](super::Event) would take 32 bytes
/// instead of 24.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed(4))]
pub struct Span(pub u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// The span in seconds.
    #[expect(
        clippy::cast_precision_loss,
        reason = "for people: 104 days of nanoseconds are exact"
    )]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The whole nanoseconds.
    pub fn nanos(self) -> u64 {
        self.0
    }
}

/// A point in time or a length of time, which is displayed in seconds.
pub trait LoopTime: fmt::Display + Copy {}

impl LoopTime for Moment {}

impl LoopTime for Span {}

impl fmt::Display for Span {
    /// Seconds with three decimals: `1.500`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.seconds())
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Duration {
        Duration::from_nanos(span.0)
    }
}

impl std::ops::Add for Span {
    type Output = Span;

    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl std::ops::AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl std::ops::Sub for Span {
    type Output = Span;

    /// The difference; 0 when `other` is longer.
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Span>>(spans: I) -> Span {
        spans.fold(Span::ZERO, std::ops::Add::add)
    }
}

impl std::ops::Add<Span> for Moment {
    type Output = Moment;

    fn add(self, span: Span) -> Moment {
        Moment(self.0.saturating_add(span.0))
    }
}

impl std::ops::Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, duration: Duration) -> Moment {
        Moment(
            self.0
                .saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)),
        )
    }
}

impl fmt::Display for Moment {
    /// Seconds with three decimals: `1.500`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.seconds())
    }
}
/// A count of events as the length of something in memory, where all counts that occur fit.
#[inline]
pub(crate) fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
