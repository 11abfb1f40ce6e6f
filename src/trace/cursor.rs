//! Reads records, see [`code`](super::code).

use super::{
    Advance, CallbackId, Event, LocationId, Moment, Outcome, PollOutcome, ResourceId, ResourceKind,
    TaskId, TextId, TimerId, Verb, Wait, WakeEffect, Waker,
    code::{FOLLOWS, kind, unzigzag},
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
    last_name: TextId,
    last_place: LocationId,
    /// Whoever is at it.
    actor: Waker,
}

/// A record: an event, or a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// Something happened.
    Event(Event),
    /// Something that later events refer to.
    Define(Definition<'a>),
}

/// What an event can refer to by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Definition<'a> {
    /// The next text.
    Text(&'a [u8]),
    /// The next location: file, line, column (from 1).
    Location(TextId, u32, u32),
    /// A task's name from now on (and, as it has only one, from its start).
    Name(TaskId, TextId),
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
        last_name: TextId(0),
        last_place: LocationId(0),
        actor: Waker::Loop,
    };

    /// The next event; `None` at the end, and where the bytes make no sense.
    #[inline]
    pub fn next_event(&mut self, bytes: &[u8]) -> Option<Event> {
        loop {
            match self.next_record(bytes)? {
                Record::Event(event) => return Some(event),
                Record::Define(_) => {}
            }
        }
    }

    /// The next record; `None` at the end, and where the bytes make no sense (the cursor then stays where it is).
    #[inline]
    pub fn next_record<'a>(&mut self, bytes: &'a [u8]) -> Option<Record<'a>> {
        let mut reader = Reader {
            bytes,
            at: self.offset,
        };
        // A copy is changed, so that half a record leaves no trace.
        let mut next = *self;
        let record = loop {
            let tag = reader.byte()?;
            let (kind, small) = (tag >> 3, tag & 7);
            break match kind {
                kind::POLL_START | kind::WAKE | kind::POLL_PENDING | kind::POLL_READY => {
                    Record::Event(next.hot(kind, small, &mut reader)?)
                }
                kind::DEFINE => Record::Define(next.definition(small, &mut reader)?),
                kind::RESOURCE if small == 2 => {
                    next.thread(&mut reader)?;
                    next.offset = reader.at;
                    *self = next;
                    continue;
                }
                _ => Record::Event(next.cold(kind, small, &mut reader)?),
            };
        };
        next.offset = reader.at;
        *self = next;
        Some(record)
    }

    /// How many tasks have been spawned.
    pub fn tasks(&self) -> u32 {
        self.tasks
    }

    /// The four kinds that most of a trace consists of.
    #[inline]
    fn hot(&mut self, kind: u8, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        match kind {
            kind::POLL_START => {
                let task = self.task(small, reader)?;
                self.last = task.0;
                self.actor = Waker::Task(task);
                Some(Event::PollStart { task })
            }
            kind::WAKE => {
                let task = self.task(small, reader)?;
                Some(Event::Wake {
                    task,
                    by: self.actor,
                    effect: WakeEffect::Enqueued,
                })
            }
            _ => {
                let outcome = if kind == kind::POLL_PENDING {
                    PollOutcome::Pending
                } else {
                    PollOutcome::Ready
                };
                self.poll_end(outcome, small, reader)
            }
        }
    }

    /// Says where the wakes that follow come from: no event, and nothing to refer to.
    fn thread(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.actor = match reader.u32()?.checked_sub(1) {
            None => Waker::Io,
            Some(text) => Waker::Thread(self.known_text(text)?),
        };
        Some(())
    }

    /// What happens to the loop.
    #[inline(never)]
    fn cold(&mut self, kind: u8, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        Some(match kind {
            kind::TICK_START => {
                self.ticks = self.ticks.wrapping_add(1);
                self.actor = Waker::Io;
                Event::TickStart
            }
            kind::TICK_END => {
                self.actor = Waker::Loop;
                Event::TickEnd
            }
            kind::PARK if small == 1 => Event::Park {
                until: Some(self.later(reader.varint()?)),
            },
            kind::PARK => Event::Park { until: None },
            kind::ADVANCE => {
                let why = Advance::from_code(small)?;
                let by = reader.varint()?;
                self.now = self.later(by);
                Event::Advance { by, why }
            }
            kind::TIMERS => Event::Timers {
                due: reader.small(small)?,
            },
            kind::RUN => {
                self.actor = Waker::Loop;
                Event::Run {
                    ready: reader.small(small)?,
                }
            }
            kind::GAP => Event::Gap {
                events: reader.small(small)?,
            },
            kind::OUTPUT => Event::Output {
                text: self.text(small, reader)?,
            },
            kind::END => Event::End {
                outcome: Outcome::from_code(small)?,
            },
            _ => return self.cold_task(kind, small, reader),
        })
    }

    /// What happens to tasks.
    fn cold_task(&mut self, kind: u8, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        Some(match kind {
            kind::SPAWN => self.spawn(small, reader)?,
            kind::WAKE_REDUNDANT => self.no_enqueue(WakeEffect::Redundant, small, reader)?,
            kind::WAKE_LATE => self.no_enqueue(WakeEffect::TooLate, small, reader)?,
            kind::POLL_PANICKED => self.poll_end(PollOutcome::Panicked, small, reader)?,
            kind::POLL_CANCELLED => self.poll_end(PollOutcome::Cancelled, small, reader)?,
            kind::WAIT | kind::WAIT_ALSO => self.wait(small, kind == kind::WAIT_ALSO, reader)?,
            kind::FAILED => Event::Failed {
                task: TaskId(self.last),
                message: self.text(small, reader)?,
            },
            kind::CANCEL_ASKED => {
                // Nobody outside can ask: in the wait phase it is the loop itself, which has come to its end.
                if matches!(self.actor, Waker::Io | Waker::Thread(_)) {
                    self.actor = Waker::Loop;
                }
                Event::CancelAsked {
                    task: self.task(small, reader)?,
                }
            }
            kind::CANCEL_DELIVERED => Event::CancelDelivered {
                task: self.task(small, reader)?,
            },
            _ => return self.cold_thing(kind, small, reader),
        })
    }

    fn no_enqueue(&self, effect: WakeEffect, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        Some(Event::Wake {
            task: self.task(small, reader)?,
            by: self.actor,
            effect,
        })
    }

    /// What happens to timers, resources and callbacks.
    fn cold_thing(&mut self, kind: u8, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        Some(match kind {
            kind::TIMER_SET => {
                let timer = TimerId(reader.small(small)?);
                Event::TimerSet {
                    timer,
                    task: TaskId(self.last),
                    deadline: self.later(reader.varint()?),
                }
            }
            kind::TIMER_FIRED => {
                let timer = TimerId(reader.small(small)?);
                self.actor = Waker::Timer(timer);
                Event::TimerFired { timer }
            }
            kind::TIMER_CANCELLED => Event::TimerCancelled {
                timer: TimerId(reader.small(small)?),
            },
            kind::RESOURCE => self.resource(small, reader)?,
            kind::USE => {
                let resource = ResourceId(reader.small(small)?);
                let verb = Verb::from_code(reader.byte()?)?;
                Event::Use {
                    resource,
                    verb,
                    value: reader.u32()?,
                }
            }
            kind::CALLBACK => self.callback(small, reader)?,
            _ => return None,
        })
    }

    fn spawn(&mut self, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        let flags = if small == FOLLOWS {
            reader.byte()?
        } else {
            small
        };
        if flags & 1 != 0 {
            self.last_name = self.known_text(reader.u32()?)?;
        }
        if flags & 2 != 0 {
            self.last_place = self.location(reader)?;
        }
        let name = self.known_text(self.last_name.0)?;
        let parent = match (flags & 4, self.actor) {
            (0, Waker::Task(task)) => Some(task),
            _ => None,
        };
        let task = TaskId(self.tasks);
        self.tasks = self.tasks.checked_add(1)?;
        Some(Event::Spawn {
            task,
            name,
            at: self.last_place,
            parent,
        })
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
        Some(Event::PollEnd {
            task: TaskId(self.last),
            outcome,
            took,
        })
    }

    #[inline]
    fn end_turn(&mut self, took: u64) {
        self.now = self.later(took);
        self.polls = self.polls.wrapping_add(1);
        self.actor = Waker::Loop;
    }

    fn wait(&mut self, small: u8, also: bool, reader: &mut Reader<'_>) -> Option<Event> {
        let number = reader.u32()?;
        let on = match small {
            0 => Wait::Unknown,
            1 => Wait::Yield,
            2 => Wait::Timer(TimerId(number)),
            3 => Wait::Join(TaskId(number)),
            4 => Wait::Send(ResourceId(number)),
            5 => Wait::Receive(ResourceId(number)),
            6 => Wait::Acquire(ResourceId(number)),
            _ => Wait::Operation(ResourceId(number)),
        };
        Some(Event::Wait {
            task: TaskId(self.last),
            on,
            at: self.location(reader)?,
            also,
        })
    }

    fn resource(&mut self, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        let resource = ResourceId(reader.u32()?);
        Some(match small {
            0 => Event::ResourceNew {
                resource,
                kind: ResourceKind::from_code(reader.byte()?)?,
                name: {
                    let text = reader.u32()?;
                    self.known_text(text)?
                },
                at: self.location(reader)?,
                limit: reader.u32()?,
            },
            1 => Event::ResourceDropped { resource },
            _ => return None,
        })
    }

    fn callback(&mut self, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        let callback = CallbackId(reader.u32()?);
        Some(match small {
            0 => {
                let text = reader.u32()?;
                Event::CallbackScheduled {
                    callback,
                    name: self.known_text(text)?,
                }
            }
            1 => {
                self.actor = Waker::Callback(callback);
                Event::CallbackStart { callback }
            }
            2 => {
                let took = reader.varint()?;
                self.end_turn(took);
                Event::CallbackEnd { callback, took }
            }
            _ => return None,
        })
    }

    fn definition<'a>(&mut self, small: u8, reader: &mut Reader<'a>) -> Option<Definition<'a>> {
        Some(match small {
            0 => {
                let length = usize::try_from(reader.varint()?).ok()?;
                let text = reader.slice(length)?;
                self.texts = self.texts.checked_add(1)?;
                Definition::Text(text)
            }
            1 => {
                let file = reader.u32()?;
                let file = self.known_text(file)?;
                let (line, column) = (reader.u32()?, reader.u32()?);
                self.locations = self.locations.checked_add(1)?;
                Definition::Location(file, line, column)
            }
            2 => {
                let task = TaskId(reader.u32()?);
                let name = reader.u32()?;
                if task.0 >= self.tasks {
                    return None;
                }
                Definition::Name(task, self.known_text(name)?)
            }
            _ => return None,
        })
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
