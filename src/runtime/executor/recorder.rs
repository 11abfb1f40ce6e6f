//! Turns the actions of the loop into records, and hands the records over.
//!
//! The recorder owns the trace's [`Writer`] and knows the loop time that the trace has reached.
//! Every event with a duration is measured from there, with [`Recorder::stamp`].
//!
//! Records collect in the writer until they are *published*: to a [`LiveTrace`], a [`Store`], a
//! ring, or several of them. When that happens depends on the receivers and on the clock, see
//! [`block_size`]. Without a receiver the records stay in the writer and become the run's log.

use std::{fmt, panic::Location};

use crate::trace::{
    Advance, LocationId, Moment, Outcome, PollOutcome, PollSample, ResourceId, RingLog, Span,
    TaskId, TextId, WakeEffect, Writer,
};

use super::{
    byte_text::byte_text,
    clock::Clock,
    lines::{self, PollWatch, SHORTEST},
    live_trace::LiveTrace,
    location_cache::LocationCache,
    store::Store,
    task_name::{TaskName, location_name, short_name},
    waker_uses::{LastUse, WakerUses},
};

/// How many bytes of records are published at once to a [`LiveTrace`] on a virtual clock.
const LIVE_BLOCK: usize = 1 << 15;

/// How many bytes of records are published at once to a file or a ring alone.
const SINK_BLOCK: usize = 1 << 14;

/// The shortest work that is recorded on a real clock, in nanoseconds.
const SHORTEST_WORK: u64 = 1_000_000;

/// How many bytes of text a recording may spend on the contents of sockets, because a server may run
/// for days. After that, only texts that the recording contains already are recorded.
const MAX_BYTES_TEXT: usize = 8 << 20;

/// Writes the events of a loop into its trace. A call of a recorder that is off costs one
/// comparison.
#[derive(Debug)]
pub(in crate::runtime) struct Recorder {
    pub(in crate::runtime) on: bool,
    pub(in crate::runtime) writer: Writer,
    /// The loop time that the trace has reached.
    now: u64,
    /// The run ends after this many events.
    limit: u64,
    locations: LocationCache,
    /// A cache of one entry: the address of the last type name that a task was named after, and the
    /// number of the task name. Often many tasks of one type are spawned in a row.
    last_name: (usize, TextId),
    live: Option<LiveTrace>,
    sink: TraceSink,
    /// The file of the sink is the only receiver. Records are then sent, not pushed.
    sends: bool,
    /// Records are published when there are this many bytes of them.
    block: usize,
    real_clock: bool,
    /// Tells the watchdog which poll is open.
    watch: PollWatch,
    /// Where tasks use their own wakers.
    pub(super) uses: WakerUses,
    output: Option<Box<dyn OutputSource>>,
    /// How many bytes of text may still be recorded for the bytes of sockets.
    bytes_left: usize,
}

/// Where a program's captured output comes from.
pub trait OutputSource: fmt::Debug + Send {
    /// Calls `line` with each line that was completed since the last call. With `all`, also with an
    /// unfinished last line.
    fn lines(&mut self, all: bool, line: &mut dyn FnMut(&str));
    /// Whether the output since the last call is of the poll that ends now. Output of which that is
    /// not known is read between two ticks, and is recorded without a task.
    fn is_of_this_poll(&mut self) -> bool {
        true
    }
}

impl Recorder {
    pub(super) fn new(
        on: bool,
        limit: u64,
        live: Option<LiveTrace>,
        sink: TraceSink,
        real_clock: bool,
    ) -> Recorder {
        let block = block_size(live.as_ref(), &sink, real_clock);
        let sends = live.is_none() && sink.ring.is_none() && sink.store.is_some();
        Recorder {
            on,
            writer: Writer::new(),
            now: 0,
            limit,
            locations: LocationCache::default(),
            last_name: (0, TextId(0)),
            live,
            sink,
            sends,
            block,
            real_clock,
            watch: if on && real_clock {
                PollWatch::new()
            } else {
                PollWatch::default()
            },
            uses: WakerUses::default(),
            output: None,
            bytes_left: 0,
        }
    }

    /// Records the bytes that are read from sockets and written to them.
    pub(super) fn keep_bytes(&mut self) {
        self.bytes_left = MAX_BYTES_TEXT;
    }

    /// Records what the program prints from now on. Each line is recorded in the poll that
    /// completed the line.
    pub(super) fn set_output_source(&mut self, output: Option<Box<dyn OutputSource>>) {
        self.output = output;
    }

    /// Records the lines that were printed since the last call; with `all`, also an unfinished last
    /// line.
    #[inline]
    pub(in crate::runtime) fn capture_output(&mut self, all: bool) {
        if self.on
            && let Some(output) = &mut self.output
        {
            output.lines(all, &mut |line| self.writer.output(line));
        }
    }

    /// Records the lines that the poll has printed.
    #[inline]
    fn capture_poll_output(&mut self) {
        if self.on
            && let Some(output) = &mut self.output
        {
            poll_output(output.as_mut(), &mut self.writer);
        }
    }

    /// Whether the limit of events is reached.
    #[inline]
    pub(in crate::runtime) fn is_full(&self) -> bool {
        self.on && self.writer.events() >= self.limit
    }

    /// The loop time that the trace has reached.
    #[inline]
    pub(in crate::runtime) fn now(&self) -> u64 {
        self.now
    }

    // ---- at every poll

    #[expect(
        clippy::inline_always,
        reason = "a part of the loop: a call would save and restore the registers of each poll"
    )]
    #[inline(always)]
    pub(in crate::runtime) fn poll_start(&mut self, task: TaskId) {
        if self.on {
            self.writer.poll_start(task);
            self.watch.poll_starts(self.writer.events());
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

    /// Records a wake that has put a task into the ready queue.
    #[inline]
    pub(in crate::runtime) fn wake_enqueued(&mut self, task: TaskId) {
        if self.on {
            self.writer.wake_enqueued(task);
        }
    }

    /// Records the end of a poll after which the task is pending: [`Recorder::end_poll`] for nearly
    /// all polls, without the choice of a record. Only to be called while the recorder is on.
    #[expect(
        clippy::inline_always,
        reason = "a part of the loop: a call would save and restore the registers of each poll"
    )]
    #[inline(always)]
    pub(in crate::runtime) fn suspend_poll(&mut self, clock: &Clock) -> bool {
        if let Some(output) = &mut self.output {
            poll_output(output.as_mut(), &mut self.writer);
        }
        let took = self.stamp(clock.now());
        if took >= SHORTEST {
            self.late_poll(took, clock);
        }
        self.writer.poll_pending(took);
        if let Some(live) = &self.live {
            live.poll_ends();
        }
        self.writer.events() >= self.limit
    }

    /// Records the end of a poll of the loop. Returns whether the limit of events is reached.
    ///
    /// Reading the clock costs as much as half a short poll, so a recorder that is off does not read
    /// it. Then the loop reads it once for each tick, if it has a timer or a time limit.
    #[inline]
    pub(in crate::runtime) fn end_poll(&mut self, outcome: PollOutcome, clock: &Clock) -> bool {
        if self.on {
            self.poll_end(outcome, clock);
        }
        self.is_full()
    }

    pub(in crate::runtime) fn poll_end(&mut self, outcome: PollOutcome, clock: &Clock) {
        self.capture_poll_output();
        let took = self.stamp(clock.now());
        if self.on {
            if took >= SHORTEST {
                self.late_poll(took, clock);
            }
            self.writer.poll_end(outcome, took);
            if let Some(live) = &self.live {
                live.poll_ends();
            }
        }
    }

    /// Moves the trace's time to `now`. Returns by how many nanoseconds.
    #[inline]
    pub(in crate::runtime) fn stamp(&mut self, now: u64) -> u64 {
        let took = now.saturating_sub(self.now);
        self.now += took;
        took
    }

    /// Records what was seen of a poll that has lasted long, before its end is recorded. The clock does not
    /// run while that is awaited.
    #[cold]
    fn late_poll(&mut self, took: u64, clock: &Clock) {
        let paused = clock.pause();
        let seen = self.watch.take(took);
        clock.resume(paused);
        let Some(seen) = seen else { return };
        let at = seen.line.map_or(LocationId::UNKNOWN, |line| {
            self.locations.line_id(&line, &mut self.writer)
        });
        let processor = seen.processor.map(Span);
        self.writer.poll_sample(PollSample { at, processor });
    }

    /// Whether the uses of wakers are noted.
    pub(super) fn notes_uses(&self) -> bool {
        self.watch.is_on()
    }

    /// Notes that a task that is polled uses its waker.
    pub(super) fn note_use(&mut self, task: u32, last: &LastUse) {
        if self.on {
            self.uses.note(task, last, self.now);
        }
    }

    /// The location of the innermost line of the program among return addresses. The clock does not run while the
    /// debug information is read.
    pub(super) fn location_among(&mut self, addresses: &[usize], clock: &Clock) -> LocationId {
        let paused = clock.pause();
        let line = lines::line_among(addresses);
        clock.resume(paused);
        line.map_or(LocationId::UNKNOWN, |line| {
            self.locations.line_id(&line, &mut self.writer)
        })
    }

    // ---- now and then

    /// The loop runs on this thread from now on, or, if not `enters`, on none.
    pub(in crate::runtime) fn runs_here(&mut self, enters: bool) {
        if !enters {
            self.watch.waits();
        } else if self.on {
            self.watch.enters();
        }
    }

    /// Calls `write` with the writer, if the recorder is on.
    #[inline]
    pub(in crate::runtime) fn write(&mut self, write: impl FnOnce(&mut Writer)) {
        if self.on {
            write(&mut self.writer);
        }
    }

    /// Records that loop time has moved to `now` while no poll ended.
    ///
    /// Work of less than a millisecond is not recorded on a real clock. Every line of code takes some
    /// time; the time becomes part of the poll.
    pub(in crate::runtime) fn advance(&mut self, now: u64, why: Advance) {
        let is_brief = now.saturating_sub(self.now) < SHORTEST_WORK;
        if self.real_clock && why == Advance::Worked && is_brief {
            return;
        }
        let by = self.stamp(now);
        if self.on && by > 0 {
            self.writer.advance(by, why);
        }
    }

    /// Records that the next wakes come from a thread, or from I/O.
    pub(in crate::runtime) fn thread(&mut self, name: Option<&str>) {
        if self.on {
            let text = name.map(|name| self.writer.intern(name));
            self.writer.wakes_from(text);
        }
    }

    /// Records what was read or written, if the recording keeps the bytes of sockets.
    pub(in crate::runtime) fn bytes(&mut self, resource: ResourceId, bytes: &[u8]) {
        if !self.on || bytes.is_empty() || self.bytes_left == 0 {
            return;
        }
        // Requests and answers are often equal, and equal texts are stored once.
        let text = byte_text(bytes);
        let Some(known) = self.writer.known(&text).or_else(|| {
            self.bytes_left = self.bytes_left.checked_sub(text.len())?;
            Some(self.writer.intern(&text))
        }) else {
            return;
        };
        self.writer.bytes_text(resource, known);
    }

    /// Records a spawn, by the running task if `has_parent`. Only to be called while the recorder
    /// is on.
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

    /// The number of a text.
    pub(in crate::runtime) fn text(&mut self, text: &str) -> TextId {
        if self.on {
            self.writer.intern(text)
        } else {
            TextId(0)
        }
    }

    /// The number of a source location.
    #[inline]
    pub(in crate::runtime) fn location(&mut self, at: &'static Location<'static>) -> LocationId {
        if self.on {
            self.locations.id(at, &mut self.writer)
        } else {
            LocationId::UNKNOWN
        }
    }

    /// The number of a location in the program that has one already and was looked up lately.
    #[inline]
    pub(in crate::runtime) fn known_program(
        &self,
        at: &'static Location<'static>,
    ) -> Option<LocationId> {
        self.locations.known_program(at)
    }

    /// Whether a location is in the program itself, and not in a library.
    #[inline]
    pub(in crate::runtime) fn is_program(&mut self, at: &'static Location<'static>) -> bool {
        self.locations.is_program(at)
    }

    /// The number of a location in the program; unknown for one inside of a library.
    pub(in crate::runtime) fn program_location(
        &mut self,
        at: &'static Location<'static>,
    ) -> LocationId {
        if self.on {
            self.locations.program_id(at, &mut self.writer)
        } else {
            LocationId::UNKNOWN
        }
    }

    // ---- handing over

    /// Publishes all records, if they have a receiver.
    #[inline(never)]
    pub(in crate::runtime) fn publish(&mut self) {
        if self.sends {
            self.send();
            return;
        }
        match &self.live {
            live if self.sink.is_any() => self.sink.drain(&mut self.writer, live.as_ref()),
            Some(live) => live.push(|to| self.writer.drain_into(to)),
            None => {}
        }
    }

    /// Sends all records to the file, which is their only receiver.
    #[expect(
        clippy::inline_always,
        reason = "called at every poll: a call would save and restore registers"
    )]
    #[inline(always)]
    fn send(&mut self) {
        if let Some(store) = &mut self.sink.store {
            store.send(&mut self.writer);
        }
    }

    /// Publishes all records, if there are enough of them.
    #[expect(
        clippy::inline_always,
        reason = "called at every poll: a call would save and restore registers"
    )]
    #[inline(always)]
    pub(in crate::runtime) fn publish_if_due(&mut self) {
        if self.writer.pending() >= self.block {
            if self.sends {
                self.send();
            } else {
                self.publish();
            }
        }
    }

    /// Notes in the live trace that the loop parks or is no longer parked. On a virtual clock no
    /// loop time passes while the loop is parked, so a reader has no use for the note.
    pub(in crate::runtime) fn parked(&mut self, parked: bool) {
        self.set_waiting(parked);
        if let Some(live) = self.live.as_ref().filter(|_| self.real_clock) {
            live.set_parked(parked.then_some(Moment(self.now)));
        }
    }

    /// Tells the watchdog whether polls may begin.
    fn set_waiting(&self, waits: bool) {
        if waits {
            self.watch.waits();
        } else {
            self.watch.continues();
        }
    }

    /// Notes in the live trace that the loop is paused or resumed. Publishes all records first,
    /// because a paused loop does not record, and its reader would miss them until it is resumed.
    pub(in crate::runtime) fn paused(&mut self, paused: bool) {
        self.publish();
        self.set_waiting(paused);
        if let Some(live) = &self.live {
            live.set_paused(paused);
        }
    }

    /// Records the end of the run, and turns the recorder off.
    pub(in crate::runtime) fn end(&mut self, outcome: Outcome) {
        self.capture_output(true);
        self.write(|writer| writer.end(outcome));
        self.on = false;
        self.watch.waits();
        self.watch = PollWatch::default();
    }

    /// Hands over the last records. Returns the records that no receiver has taken, and the file if
    /// there is one.
    pub(in crate::runtime) fn finish(&mut self) -> (Vec<u8>, Option<Store>) {
        self.publish();
        if let Some(live) = &self.live {
            live.end();
        }
        let sink = std::mem::take(&mut self.sink);
        let rest = self.writer.take();
        let records = match (sink.ring, &sink.store) {
            (Some(ring), _) => ring.into_records(),
            // They were sent.
            (None, Some(_)) => Vec::new(),
            (None, None) => rest,
        };
        (records, sink.store)
    }
}

/// Records the lines that a poll has printed.
#[inline(never)]
fn poll_output(output: &mut dyn OutputSource, writer: &mut Writer) {
    if output.is_of_this_poll() {
        output.lines(false, &mut |line| writer.output(line));
    }
}

/// How many bytes of records are published at once.
///
/// On a real clock, 1: every poll publishes what came before it, so that a poll that does not
/// return hides nothing from the screen or from the file. On a virtual clock a run waits for
/// nothing and is soon over, and larger blocks are cheaper.
fn block_size(live: Option<&LiveTrace>, sink: &TraceSink, real_clock: bool) -> usize {
    if real_clock && (live.is_some() || sink.store.is_some()) {
        1
    } else if live.is_some() {
        LIVE_BLOCK
    } else if sink.is_any() {
        SINK_BLOCK
    } else {
        usize::MAX
    }
}

/// The receivers of a trace besides a [`LiveTrace`]: a file and a ring in memory.
#[derive(Debug, Default)]
pub(super) struct TraceSink {
    pub(super) store: Option<Store>,
    /// Keeps the newest part of the trace in memory.
    pub(super) ring: Option<RingLog>,
    /// The buffer of [`TraceSink::drain`], kept for its allocation.
    block: Vec<u8>,
}

impl TraceSink {
    pub(super) fn new(store: Option<Store>, ring: Option<RingLog>) -> TraceSink {
        TraceSink {
            store,
            ring,
            block: Vec::new(),
        }
    }

    pub(super) fn is_any(&self) -> bool {
        self.store.is_some() || self.ring.is_some()
    }

    /// Hands the records to the live trace, the ring and the file, of which there are two. A file that cannot be written
    /// does not stop the run.
    pub(super) fn drain(&mut self, writer: &mut Writer, live: Option<&LiveTrace>) {
        self.block.clear();
        writer.drain_into(&mut self.block);
        if let Some(live) = live {
            live.push(|to| to.extend_from_slice(&self.block));
        }
        if let Some(ring) = &mut self.ring {
            ring.push(&self.block);
        }
        if let Some(store) = &self.store {
            store.push(|to| to.extend_from_slice(&self.block));
        }
    }
}
