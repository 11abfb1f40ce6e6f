//! What happens, handed to the trace's writer, if anybody wants to know.

use std::{fmt, panic::Location};

use crate::trace::{
    Advance, LocationId, Moment, Outcome, PollOutcome, RingLog, TaskId, TextId, WakeEffect, Writer,
};

use super::{
    live_trace::LiveTrace,
    location_cache::LocationCache,
    sink::TraceSink,
    store::Store,
    task_name::{TaskName, location_name, short_name},
};

/// With something that reads along, on a virtual clock, records are handed over when there are this many bytes of them.
const LIVE_BLOCK: usize = 1 << 15;

/// The same for a file or a ring alone.
const SINK_BLOCK: usize = 1 << 14;

/// Records what happens. One that is off does nothing and costs a comparison.
#[derive(Debug)]
pub(in crate::runtime) struct Recorder {
    pub(in crate::runtime) on: bool,
    pub(in crate::runtime) writer: Writer,
    /// What the trace says the time is.
    now: u64,
    /// More events than this are not recorded: the run ends.
    limit: u32,
    locations: LocationCache,
    /// The last name of a type, by its address.
    last_name: (usize, TextId),
    live: Option<LiveTrace>,
    sink: TraceSink,
    /// Records are handed over at a poll when there are this many bytes of them. On a real clock any number is enough, so
    /// that what came before a poll that does not return is on the screen and in the file.
    block: usize,
    real_clock: bool,
    printed: Option<Box<dyn OutputSource>>,
}

/// What a program prints, whatever it prints it with.
pub trait OutputSource: fmt::Debug {
    /// Gives each line that was ended since the last time; and, if nothing is to be expected now, what has no end yet.
    fn lines(&mut self, all: bool, line: &mut dyn FnMut(&str));
}

impl Recorder {
    pub(super) fn new(
        on: bool,
        limit: u32,
        live: Option<LiveTrace>,
        sink: TraceSink,
        real_clock: bool,
    ) -> Recorder {
        let (writer, locations) = (Writer::new(), LocationCache::default());
        let block = if real_clock && (live.is_some() || sink.store.is_some()) {
            1
        } else if live.is_some() {
            LIVE_BLOCK
        } else if sink.is_any() {
            SINK_BLOCK
        } else {
            usize::MAX
        };
        Recorder {
            on,
            writer,
            now: 0,
            limit,
            locations,
            last_name: (0, TextId(0)),
            live,
            sink,
            block,
            real_clock,
            printed: None,
        }
    }

    /// Has what the program prints written down, each line in the poll after which it is there.
    pub(in crate::runtime) fn set_output_source(&mut self, printed: Option<Box<dyn OutputSource>>) {
        self.printed = printed;
    }

    /// Writes down what was printed.
    #[inline]
    pub(in crate::runtime) fn capture_output(&mut self, all: bool) {
        if self.on
            && let Some(printed) = &mut self.printed
        {
            printed.lines(all, &mut |line| self.writer.output(line));
        }
    }

    /// Whether as many events were recorded as are allowed.
    #[inline]
    pub(in crate::runtime) fn is_full(&self) -> bool {
        self.writer.events() >= self.limit
    }

    /// The time of the last stamp.
    #[inline]
    pub(in crate::runtime) fn now(&self) -> u64 {
        self.now
    }

    // ---- what happens at every poll

    #[inline]
    pub(in crate::runtime) fn poll_start(&mut self, task: TaskId) {
        if self.on {
            self.writer.poll_start(task);
            if let Some(live) = &self.live {
                live.poll_starts(task);
            }
            self.publish_if_due();
        }
    }

    #[inline]
    pub(in crate::runtime) fn wake(&mut self, task: TaskId, effect: WakeEffect) {
        if self.on {
            self.writer.wake(task, effect);
        }
    }

    #[inline]
    pub(in crate::runtime) fn poll_end(&mut self, outcome: PollOutcome, now: u64) {
        self.capture_output(false);
        let took = self.stamp(now);
        if self.on {
            self.writer.poll_end(outcome, took);
            if let Some(live) = &self.live {
                live.poll_ends();
            }
        }
    }

    /// Nanoseconds since the last stamp.
    #[inline]
    pub(in crate::runtime) fn stamp(&mut self, now: u64) -> u64 {
        let took = now.saturating_sub(self.now);
        self.now += took;
        took
    }

    // ---- what happens now and then

    /// Writes, if it is on.
    #[inline]
    pub(in crate::runtime) fn write(&mut self, write: impl FnOnce(&mut Writer)) {
        if self.on {
            write(&mut self.writer);
        }
    }

    /// Loop time has moved to `now` by itself.
    pub(in crate::runtime) fn advance(&mut self, now: u64, why: Advance) {
        let by = self.stamp(now);
        if self.on && by > 0 {
            self.writer.advance(by, why);
        }
    }

    pub(in crate::runtime) fn thread(&mut self, name: Option<&str>) {
        if self.on {
            let text = name.map(|name| self.writer.intern(name));
            self.writer.wakes_from(text);
        }
    }

    /// A task was made, by the running one if there is one. Only to be called if this is on.
    #[inline]
    pub(in crate::runtime) fn spawn(
        &mut self,
        name: TaskName<'_>,
        at: &'static Location<'static>,
        has_parent: bool,
    ) {
        let name = match name {
            TaskName::Type(name) if self.last_name.0 == name.as_ptr().addr() => self.last_name.1,
            TaskName::Type(name) => match short_name(name) {
                Some(short) => {
                    let text = self.writer.intern(short);
                    self.last_name = (name.as_ptr().addr(), text);
                    text
                }
                None => self.writer.intern(&location_name(at)),
            },
            TaskName::Given(name) => self.writer.intern(name),
        };
        let at = self.locations.id(at, &mut self.writer);
        self.writer.spawn(name, at, has_parent);
    }

    pub(in crate::runtime) fn text(&mut self, text: &str) -> TextId {
        if self.on {
            self.writer.intern(text)
        } else {
            TextId(0)
        }
    }

    /// The number of a place in the source.
    #[inline]
    pub(in crate::runtime) fn place(&mut self, place: &'static Location<'static>) -> LocationId {
        if self.on {
            self.locations.id(place, &mut self.writer)
        } else {
            LocationId::UNKNOWN
        }
    }

    /// The place of an `.await`: `awaited`, unless that is in the middle of some library; then `made`.
    #[inline]
    pub(in crate::runtime) fn await_location(
        &mut self,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) -> LocationId {
        if !self.on {
            return LocationId::UNKNOWN;
        }
        let place = if self.locations.is_program(awaited) {
            awaited
        } else {
            made
        };
        self.locations.id(place, &mut self.writer)
    }

    /// Hands over what was recorded, if anything wants it.
    pub(in crate::runtime) fn publish(&mut self) {
        match &self.live {
            live if self.sink.is_any() => self.sink.drain(&mut self.writer, live.as_ref()),
            Some(live) => live.push(|to| self.writer.drain_into(to)),
            None => {}
        }
    }

    /// Hands over what was recorded, if it is enough.
    #[inline]
    pub(in crate::runtime) fn publish_if_due(&mut self) {
        if self.writer.pending() >= self.block {
            self.publish();
        }
    }

    /// The loop waits, or does so no more.
    pub(in crate::runtime) fn parked(&mut self, parked: bool) {
        if let Some(live) = self.live.as_ref().filter(|_| self.real_clock) {
            live.set_parked(parked.then_some(Moment(self.now)));
        }
    }

    pub(in crate::runtime) fn paused(&mut self, paused: bool) {
        self.publish();
        if let Some(live) = &self.live {
            live.set_paused(paused);
        }
    }

    /// The run is over: nothing is recorded after this.
    pub(in crate::runtime) fn end(&mut self, outcome: Outcome) {
        self.capture_output(true);
        self.write(|writer| writer.end(outcome));
        self.on = false;
    }

    /// Hands over the last of it. Returns what nobody else reads, and the file if there is one.
    pub(in crate::runtime) fn finish(&mut self) -> (Vec<u8>, Option<Store>) {
        self.publish();
        if let Some(live) = &self.live {
            live.end();
        }
        let sink = std::mem::take(&mut self.sink);
        let records = sink
            .ring
            .map_or_else(|| self.writer.take(), RingLog::into_records);
        (records, sink.store)
    }
}
