//! Loop time: nanoseconds since the loop started.

use std::{cell::Cell, time::Duration};

use crate::trace::ClockKind;

/// The clock of a loop. A virtual clock advances only when the loop moves it. A real one runs,
/// except while the loop is paused.
#[derive(Debug)]
pub(in crate::runtime) struct Clock {
    kind: ClockKind,
    /// Reads the processor's time stamp counter, for half the cost of `Instant::now`. It is read
    /// once per poll.
    counter: quanta::Clock,
    /// The counter at the start of the loop, plus the time for which the loop has been paused.
    origin: Cell<u64>,
    /// Virtual time.
    virtual_now: Cell<u64>,
}

impl Clock {
    pub(in crate::runtime) fn new(kind: ClockKind) -> Clock {
        let counter = match kind {
            ClockKind::Real => quanta::Clock::new(),
            // Virtual time does not depend on the counter, so its frequency need not be measured.
            ClockKind::Virtual => quanta::Clock::mock().0,
        };
        let origin = Cell::new(counter.raw());
        Clock {
            kind,
            counter,
            origin,
            virtual_now: Cell::new(0),
        }
    }

    pub(in crate::runtime) fn is_virtual(&self) -> bool {
        self.kind == ClockKind::Virtual
    }

    /// Loop time, in nanoseconds.
    #[inline]
    pub(in crate::runtime) fn now(&self) -> u64 {
        match self.kind {
            ClockKind::Virtual => self.virtual_now.get(),
            ClockKind::Real => self
                .counter
                .delta_as_nanos(self.origin.get(), self.counter.raw()),
        }
    }

    /// Moves a virtual clock forward to `to`.
    pub(in crate::runtime) fn jump(&self, to: u64) {
        self.virtual_now.set(to.max(self.virtual_now.get()));
    }

    /// Begins a pause. Returns what [`Clock::resume`] needs to end it.
    pub(in crate::runtime) fn pause(&self) -> u64 {
        self.counter.raw()
    }

    /// Ends a pause: loop time continues from where [`Clock::pause`] was called.
    pub(in crate::runtime) fn resume(&self, paused: u64) {
        if self.kind == ClockKind::Real {
            self.origin
                .set(self.origin.get() + self.counter.raw().saturating_sub(paused));
        }
    }
}

/// A duration in nanoseconds. A duration of more than 584 years becomes `u64::MAX`.
pub(in crate::runtime) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
