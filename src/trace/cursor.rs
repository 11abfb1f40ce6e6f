//! Reads records, see [`encoding`](super::encoding).

mod decode;
pub(crate) mod resume;

use super::{
    Event, LocationId, Moment, PollOutcome, TaskEvent, TaskId, TextId, WakeEffect, WokenBy,
    encoding::{FOLLOWS, kind, unzigzag},
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
        let (kind, small, mut reader) = self.tag(bytes)?;
        let event = match kind {
            kind::POLL_START => {
                let task = self.task(small, &mut reader)?;
                self.last = task.0;
                self.actor = WokenBy::Task(task);
                Event::Task(TaskEvent::PollStart { task })
            }
            kind::WAKE => Event::Task(TaskEvent::Wake {
                task: self.task(small, &mut reader)?,
                by: self.actor,
                effect: WakeEffect::Enqueued,
            }),
            kind::POLL_PENDING => self.poll_end(PollOutcome::Pending, small, &mut reader)?,
            kind::POLL_READY => self.poll_end(PollOutcome::Ready, small, &mut reader)?,
            _ => return None,
        };
        self.offset = reader.at;
        Some(event)
    }

    /// The next event, if it is one of the other kinds.
    #[inline(never)]
    pub(crate) fn next_rare(&mut self, bytes: &[u8]) -> Option<Event> {
        let (kind, small, mut reader) = self.tag(bytes)?;
        let event = self.cold(kind, small, &mut reader);
        if event.is_some() {
            self.offset = reader.at;
        }
        event
    }

    /// The next definition, if there is one before the next event.
    #[inline(never)]
    pub(crate) fn next_definition<'a>(&mut self, bytes: &'a [u8]) -> Option<Definition<'a>> {
        let (kind, small, mut reader) = self.tag(bytes)?;
        let definition = match (kind, small) {
            (kind::DEFINE, _) => self.definition(small, &mut reader)?,
            (kind::RESOURCE, 2) => self.thread(&mut reader)?,
            (kind::RESOURCE, 3) => self.set_actor(&mut reader)?,
            _ => return None,
        };
        self.offset = reader.at;
        Some(definition)
    }

    /// A tag, taken apart, and the reader of what comes after it.
    #[inline]
    fn tag<'a>(&self, bytes: &'a [u8]) -> Option<(u8, u8, Reader<'a>)> {
        let mut reader = Reader {
            bytes,
            at: self.offset,
        };
        let tag = reader.byte()?;
        Some((tag >> 3, tag & 7, reader))
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
        let took = if small == FOLLOWS {
            reader.varint()?
        } else {
            u64::from(small)
        };
        self.end_turn(took);
        Some(Event::Task(TaskEvent::PollEnd {
            task: TaskId(self.last),
            outcome,
            took,
        }))
    }

    #[inline]
    fn end_turn(&mut self, took: u64) {
        self.now = self.later(took);
        self.polls = self.polls.wrapping_add(1);
        self.actor = WokenBy::Loop;
    }

    /// A task: a difference to the one that was last polled. It must have been spawned.
    #[inline]
    fn task(&self, small: u8, reader: &mut Reader<'_>) -> Option<TaskId> {
        let task = self
            .last
            .wrapping_add_signed(unzigzag(reader.small(small)?));
        (task < self.tasks).then_some(TaskId(task))
    }

    fn text(&self, small: u8, reader: &mut Reader<'_>) -> Option<TextId> {
        let text = reader.small(small)?;
        self.known_text(text)
    }

    fn known_text(&self, text: u32) -> Option<TextId> {
        (text < self.texts).then_some(TextId(text))
    }

    fn location(&self, reader: &mut Reader<'_>) -> Option<LocationId> {
        match reader.u32()?.checked_sub(1) {
            None => Some(LocationId::UNKNOWN),
            Some(location) => (location < self.locations).then_some(LocationId(location)),
        }
    }

    #[inline]
    fn later(&self, by: u64) -> Moment {
        Moment(self.now.0.saturating_add(by))
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// The number in a tag, or the varint after it.
    #[inline]
    fn small(&mut self, small: u8) -> Option<u32> {
        if small == FOLLOWS {
            self.u32()
        } else {
            Some(u32::from(small))
        }
    }

    #[inline]
    fn u32(&mut self) -> Option<u32> {
        let byte = self.byte()?;
        if byte < 0x80 {
            return Some(u32::from(byte));
        }
        self.at -= 1;
        u32::try_from(self.varint()?).ok()
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let slice = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(slice)
    }
}
