//! Reads records, see [`encoding`](super::encoding).

mod decode;
pub(crate) mod resume;

use super::{
    Event, LocationId, Moment, PollOutcome, Span, TaskEvent, TaskId, TextId, WakeEffect, WokenBy,
    encoding::{Record, unzigzag},
    varint::Reader,
};

/// A place between two records: where it is, and the little that the next ones are relative to.
///
/// It is all that is needed to read on from here, so a copy of it is a bookmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Bytes before this place.
    pub offset: usize,
    /// Loop time.
    pub now: Moment,
    /// Polls that have ended, of tasks and callbacks.
    pub polls: u32,
    /// Ticks that have begun.
    pub ticks: u32,
    /// The task that was last polled: tasks are written as a difference to it.
    last: u32,
    tasks: u32,
    texts: u32,
    locations: u32,
    /// How many of the tasks were not seen spawned.
    declared: u32,
    last_name: TextId,
    last_place: LocationId,
    /// Whoever is at it.
    actor: WokenBy,
}

/// What is no event: mostly what events can refer to by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition<'a> {
    /// The next text.
    Text(&'a [u8]),
    /// The next location: file, line, column (from 1).
    Location(TextId, u32, u32),
    /// A task's name from now on (and, as it has only one, from its start).
    Name(TaskId, TextId),
    /// Where the wakes that follow come from. [`TaskEvent::Wake`] says so itself.
    Wakes(WokenBy),
    /// The next tasks: they were spawned in a [gap](Event::Gap), and what they do is not known.
    Tasks {
        /// How many there are.
        count: u32,
        /// What they are called; [`TextId::UNKNOWN`] if that is not known.
        name: TextId,
        /// Where they were spawned.
        at: LocationId,
        /// The task that spawned them, if it is known.
        parent: Option<TaskId>,
    },
    /// The end of a [gap](Event::Gap): the cursor stands behind it now, and this one is at it.
    Resume(WokenBy),
}

/// The kinds of the records that most of a trace consists of.
const POLL_START: u8 = Record::PollStart.kind();
const WAKE: u8 = Record::Wake.kind();
const POLL_PENDING: u8 = Record::PollPending.kind();
const POLL_READY: u8 = Record::PollReady.kind();

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
        declared: 0,
        last_name: TextId(0),
        last_place: LocationId(0),
        actor: WokenBy::Loop,
    };

    /// The next event; `None` at the end, and where the bytes make no sense (the cursor then stays where it is).
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

    // A record is read by one of the three below. Each leaves the cursor alone if the record is not one of its own,
    // or is cut off: it reads all of it before it changes anything.

    /// The next event, if it is one of the four kinds that most of a trace consists of.
    ///
    /// Apart from the others, so that who reads millions of events gets these in registers: to write an event down
    /// and read it again takes longer than to decode it.
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
            _ => return None,
        };
        self.offset = reader.at;
        Some(event)
    }

    /// The next event, if it is one of the other kinds.
    #[inline(never)]
    pub(crate) fn next_rare(&mut self, bytes: &[u8]) -> Option<Event> {
        let (tag, mut reader) = self.tag(bytes)?;
        let event = self.decode_event(Record::of_tag(tag)?, tag & 7, &mut reader);
        if event.is_some() {
            self.offset = reader.at;
        }
        event
    }

    /// The next definition, if there is one before the next event.
    #[inline(never)]
    pub(crate) fn next_definition<'a>(&mut self, bytes: &'a [u8]) -> Option<Definition<'a>> {
        let (tag, mut reader) = self.tag(bytes)?;
        let definition = self.decode_definition(Record::of_tag(tag)?, &mut reader)?;
        self.offset = reader.at;
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

    /// Whoever is at it: what is written next without a waker or a parent of its own is done by this one.
    pub fn actor(&self) -> WokenBy {
        self.actor
    }

    /// The task that was polled last, whose poll ends next.
    pub fn polled(&self) -> TaskId {
        TaskId(self.last)
    }

    /// How many tasks have been spawned.
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
        let took = reader.nanos_in_tag(small)?;
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

    /// A location that is written plus one; it must have been defined.
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
