//! Reads records; [`encoding`](super::encoding) has their table.
//!
//! Reading is split by frequency, for speed. [`Cursor::next_frequent`] decodes the five kinds that
//! most of a trace consists of, and is inlined into every loop over events. [`Cursor::next_rare`]
//! decodes all other events, and [`Cursor::next_definition`] what is between events. Each of them
//! leaves the cursor unchanged if the next record is not one of its own, if the record makes no
//! sense, or if it is cut off.

mod decode;
mod define;
pub(crate) mod resume;

use super::{
    Event, LocationId, Moment, PollOutcome, PollSample, ResourceEvent, ResourceId, ResourceOp,
    Span, TaskEvent, TaskId, TextId, WakeEffect, WokenBy,
    encoding::{Record, unzigzag},
    varint::Reader,
};

/// A place between two records, with the state that the next records are relative to.
///
/// A cursor is all that is needed to read on from its place, so a copy of it is a bookmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) offset: usize,
    pub(crate) now: Moment,
    pub(crate) polls: u64,
    pub(crate) ticks: u64,
    /// The task that was polled last: tasks are written as a difference to it.
    last: u32,
    /// How many tasks, texts and locations exist. A record that names another one makes no sense.
    tasks: u32,
    texts: u32,
    locations: u32,
    /// How many of the tasks were spawned in gaps.
    unseen: u32,
    /// Name and location of the last spawn, which are written only when they differ.
    last_name: TextId,
    last_place: LocationId,
    /// The cause of the next events: the running task or callback, the timer that fired, I/O, a
    /// thread, or the loop.
    actor: WokenBy,
}

/// A record that is not an event. Most define something that events refer to by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Definition<'a> {
    /// The next text.
    Text(&'a [u8]),
    /// The next location: file, line, column (from 1).
    Location(TextId, u32, u32),
    /// The next location: a suspended function, and the location that awaits it.
    Frame {
        /// Its file.
        file: TextId,
        /// The line, from 1.
        line: u32,
        /// The name of the function.
        function: TextId,
        /// The location in the function that awaits this one; unknown for the outermost function.
        outer: LocationId,
    },
    /// A task gets another name, which replaces the one from its spawn.
    Name(TaskId, TextId),
    /// The actor of the next events. A [`TaskEvent::Wake`] carries it, too.
    Wakes(WokenBy),
    /// The next tasks, which were spawned in a [gap](Event::Gap). Their status is not known.
    Tasks {
        /// How many there are.
        count: u32,
        /// Their name, or [`TextId::UNKNOWN`].
        name: TextId,
        /// Where they were spawned.
        at: LocationId,
        /// The task that spawned them; `None` if it is not known, or if no task did.
        parent: Option<TaskId>,
    },
    /// What was seen of a long poll, or of a long run of a callback, while it was under way.
    PollSample {
        /// How many polls and callbacks had ended before.
        poll: u64,
        /// What was seen.
        sample: PollSample,
    },
    /// The end of a [gap](Event::Gap): the cursor has the state behind it now, with this actor.
    Resume(WokenBy),
}

/// The kinds of the records that most of a trace consists of.
const POLL_START: u8 = Record::PollStart.kind();
const WAKE: u8 = Record::Wake.kind();
const POLL_PENDING: u8 = Record::PollPending.kind();
const POLL_READY: u8 = Record::PollReady.kind();
const OP: u8 = Record::Op.kind();

#[cfg(test)]
thread_local! {
    /// How many definitions this thread has decoded, for tests that count work.
    pub(crate) static DEFINITIONS_READ: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

impl Default for Cursor {
    fn default() -> Self {
        Cursor::START
    }
}

impl Cursor {
    /// The start of a trace.
    pub const START: Cursor = Cursor {
        offset: 0,
        now: Moment::START,
        polls: 0,
        ticks: 0,
        last: 0,
        tasks: 0,
        texts: 0,
        locations: 0,
        unseen: 0,
        last_name: TextId(0),
        last_place: LocationId(0),
        actor: WokenBy::Loop,
    };

    /// Reads the next event. Returns `None` at the end and where the bytes make no sense; the
    /// cursor then stays where it is.
    #[inline]
    pub fn next_event(&mut self, bytes: &[u8]) -> Option<Event> {
        loop {
            if let Some(event) = self.next_frequent(bytes) {
                return Some(event);
            }
            if let Some(event) = self.next_rare(bytes) {
                return Some(event);
            }
            self.next_definition(bytes)?;
        }
    }

    /// Reads the next event if it is of one of the five kinds that most of a trace consists of.
    ///
    /// A reader of millions of events gets these in registers: storing an event in memory and
    /// loading it again takes longer than decoding it.
    #[expect(
        clippy::inline_always,
        reason = "left to itself the compiler makes it a call, and hands the event over in memory"
    )]
    #[inline(always)]
    pub(crate) fn next_frequent(&mut self, bytes: &[u8]) -> Option<Event> {
        let (tag, mut reader) = self.tag(bytes)?;
        let small = tag & 7;
        let event = match tag >> 3 {
            POLL_START => {
                let task = self.task(small, &mut reader)?;
                self.last = task.0;
                self.actor = WokenBy::Task(task);
                Event::Task(TaskEvent::PollStart { task })
            }
            WAKE => Event::Task(TaskEvent::Wake {
                task: self.task(small, &mut reader)?,
                by: self.actor,
                effect: WakeEffect::Enqueued,
            }),
            POLL_PENDING => self.poll_end(PollOutcome::Pending, small, &mut reader)?,
            POLL_READY => self.poll_end(PollOutcome::Ready, small, &mut reader)?,
            OP => resource_op(ResourceId(reader.in_tag(small)?), &mut reader)?,
            _ => return None,
        };
        self.offset = reader.at;
        Some(event)
    }

    /// Reads the next event if it is of one of the other kinds.
    #[inline(never)]
    pub(crate) fn next_rare(&mut self, bytes: &[u8]) -> Option<Event> {
        let (tag, mut reader) = self.tag(bytes)?;
        let event = self.decode_event(Record::of_tag(tag)?, tag & 7, &mut reader);
        if event.is_some() {
            self.offset = reader.at;
        }
        event
    }

    /// Reads the next record if it is not an event.
    #[inline(never)]
    pub(crate) fn next_definition<'a>(&mut self, bytes: &'a [u8]) -> Option<Definition<'a>> {
        let (tag, mut reader) = self.tag(bytes)?;
        let definition = self.decode_definition(Record::of_tag(tag)?, &mut reader)?;
        self.offset = reader.at;
        #[cfg(test)]
        DEFINITIONS_READ.with(|read| read.set(read.get() + 1));
        Some(definition)
    }

    /// The tag of the next record, and the reader of what comes after it.
    #[inline]
    fn tag<'a>(&self, bytes: &'a [u8]) -> Option<(u8, Reader<'a>)> {
        let mut reader = Reader {
            bytes,
            at: self.offset,
        };
        Some((reader.byte()?, reader))
    }

    /// How many bytes are before this place.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Loop time.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// How many polls of tasks and runs of callbacks have ended.
    pub fn polls(&self) -> u64 {
        self.polls
    }

    /// How many ticks have begun.
    pub fn ticks(&self) -> u64 {
        self.ticks
    }

    /// The cause of the next events, as far as they do not name one themselves.
    pub fn actor(&self) -> WokenBy {
        self.actor
    }

    /// The task that was polled last. The next end of a poll is of this task.
    pub fn polled(&self) -> TaskId {
        TaskId(self.last)
    }

    /// How many tasks exist, including those spawned in gaps.
    pub fn tasks(&self) -> u32 {
        self.tasks
    }

    #[inline]
    fn poll_end(
        &mut self,
        outcome: PollOutcome,
        small: u8,
        reader: &mut Reader<'_>,
    ) -> Option<Event> {
        let took = reader.u64_in_tag(small)?;
        Some(self.end_poll(outcome, took))
    }

    #[inline]
    fn end_poll(&mut self, outcome: PollOutcome, took: u64) -> Event {
        self.end_run(took);
        Event::Task(TaskEvent::PollEnd {
            task: TaskId(self.last),
            outcome,
            took: Span(took),
        })
    }

    /// A poll or a callback has ended.
    #[inline]
    fn end_run(&mut self, took: u64) {
        self.now = self.later(took);
        self.polls = self.polls.wrapping_add(1);
        self.actor = WokenBy::Loop;
    }

    /// The task that a tag names, as a difference to the one that was polled last. It must exist.
    #[inline]
    fn task(&self, small: u8, reader: &mut Reader<'_>) -> Option<TaskId> {
        self.known_task(reader.in_tag(small)?)
    }

    #[inline]
    fn known_task(&self, difference: u32) -> Option<TaskId> {
        let task = self.last.wrapping_add_signed(unzigzag(difference));
        (task < self.tasks).then_some(TaskId(task))
    }

    fn known_text(&self, text: u32) -> Option<TextId> {
        (text < self.texts).then_some(TextId(text))
    }

    /// A location that is written plus one, with 0 for unknown. It must have been defined.
    fn known_location(&self, plus_one: u32) -> Option<LocationId> {
        match plus_one.checked_sub(1) {
            None => Some(LocationId::UNKNOWN),
            Some(location) => (location < self.locations).then_some(LocationId(location)),
        }
    }

    #[inline]
    fn later(&self, by: u64) -> Moment {
        Moment(self.now.0.saturating_add(by))
    }
}

#[inline]
fn resource_op(resource: ResourceId, from: &mut Reader<'_>) -> Option<Event> {
    let [op, value] = from.operands(Record::Op, 0)?;
    Some(Event::Resource(ResourceEvent::Op {
        resource,
        op: ResourceOp::from_code(u8::try_from(op).ok()?)?,
        value: u32::try_from(value).ok()?,
    }))
}
