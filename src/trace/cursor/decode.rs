//! The kinds of records that come now and then. Each is read to its end before it changes the cursor.

use super::{Cursor, Definition, Reader};
use crate::trace::{
    Advance, CallbackEvent, CallbackId, Event, LoopEvent, Outcome, PollOutcome, ResourceEvent,
    ResourceId, ResourceKind, ResourceOp, TaskEvent, TaskId, TextId, TimerEvent, TimerId, Wait,
    WakeEffect, WokenBy,
    encoding::{FOLLOWS, MORE_DROPPED, MORE_POLL_FAILED, kind},
};

impl Cursor {
    pub(super) fn thread(&mut self, reader: &mut Reader<'_>) -> Option<Definition<'static>> {
        self.actor = match reader.u32()?.checked_sub(1) {
            None => WokenBy::Io,
            Some(text) => WokenBy::Thread(self.known_text(text)?),
        };
        Some(Definition::Wakes(self.actor))
    }

    pub(super) fn set_actor(&mut self, reader: &mut Reader<'_>) -> Option<Definition<'static>> {
        let (code, number) = (reader.byte()?, reader.u32()?);
        let actor = WokenBy::from_code(code, number)?;
        match actor {
            WokenBy::Task(task) if task.0 < self.tasks => self.last = task.0,
            WokenBy::Task(_) => return None,
            WokenBy::Thread(text) => drop(self.known_text(text.0)?),
            WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Loop
            | WokenBy::Unknown => {}
        }
        self.actor = actor;
        Some(Definition::Wakes(self.actor))
    }

    /// What happens to the loop.
    #[inline]
    pub(super) fn cold(&mut self, kind: u8, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        Some(match kind {
            kind::TICK_START => {
                self.ticks = self.ticks.wrapping_add(1);
                self.actor = WokenBy::Io;
                Event::Loop(LoopEvent::TickStart)
            }
            kind::TICK_END => {
                self.actor = WokenBy::Loop;
                Event::Loop(LoopEvent::TickEnd)
            }
            kind::PARK if small == 1 => Event::Loop(LoopEvent::Park {
                until: Some(self.later(reader.varint()?)),
            }),
            kind::PARK => Event::Loop(LoopEvent::Park { until: None }),
            kind::ADVANCE => {
                let why = Advance::from_code(small)?;
                let by = reader.varint()?;
                self.now = self.later(by);
                Event::Loop(LoopEvent::Advance { by, why })
            }
            kind::TIMERS => Event::Loop(LoopEvent::TimerPhase {
                due: reader.small(small)?,
            }),
            kind::RUN => {
                let ready = reader.small(small)?;
                self.actor = WokenBy::Loop;
                Event::Loop(LoopEvent::RunPhase { ready })
            }
            kind::GAP => Event::Gap {
                events: reader.small(small)?,
            },
            kind::OUTPUT => Event::Output {
                text: self.text(small, reader)?,
            },
            kind::END => Event::Loop(LoopEvent::End {
                outcome: Outcome::from_code(small)?,
            }),
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
            kind::FAILED => Event::Task(TaskEvent::Failed {
                task: TaskId(self.last),
                message: self.text(small, reader)?,
            }),
            kind::CANCEL_ASKED => self.cancel_asked(small, false, reader)?,
            kind::MORE if small == MORE_DROPPED => self.cancel_asked(FOLLOWS, true, reader)?,
            kind::MORE if small == MORE_POLL_FAILED => {
                self.poll_end(PollOutcome::Failed, FOLLOWS, reader)?
            }
            kind::CANCEL_DELIVERED => Event::Task(TaskEvent::CancelDelivered {
                task: self.task(small, reader)?,
            }),
            _ => return self.cold_thing(kind, small, reader),
        })
    }

    fn cancel_asked(&mut self, small: u8, dropped: bool, reader: &mut Reader<'_>) -> Option<Event> {
        let task = self.task(small, reader)?;
        // Nobody outside can ask: in the wait phase it is the loop itself, which has come to its end.
        if matches!(self.actor, WokenBy::Io | WokenBy::Thread(_)) {
            self.actor = WokenBy::Loop;
        }
        Some(Event::Task(TaskEvent::CancelRequested { task, dropped }))
    }

    fn no_enqueue(&self, effect: WakeEffect, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        Some(Event::Task(TaskEvent::Wake {
            task: self.task(small, reader)?,
            by: self.actor,
            effect,
        }))
    }

    /// What happens to timers, resources and callbacks.
    fn cold_thing(&mut self, kind: u8, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        Some(match kind {
            kind::TIMER_SET => {
                let timer = TimerId(reader.small(small)?);
                Event::Timer(TimerEvent::Set {
                    timer,
                    task: TaskId(self.last),
                    deadline: self.later(reader.varint()?),
                })
            }
            kind::TIMER_FIRED => {
                let timer = TimerId(reader.small(small)?);
                self.actor = WokenBy::Timer(timer);
                Event::Timer(TimerEvent::Fired { timer })
            }
            kind::TIMER_CANCELLED => Event::Timer(TimerEvent::Cancelled {
                timer: TimerId(reader.small(small)?),
            }),
            kind::RESOURCE => self.resource(small, reader)?,
            kind::USE => {
                let resource = ResourceId(reader.small(small)?);
                let op = ResourceOp::from_code(reader.byte()?)?;
                Event::Resource(ResourceEvent::Op {
                    resource,
                    op,
                    value: reader.u32()?,
                })
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
        let name = if flags & 1 != 0 {
            reader.u32()?
        } else {
            self.last_name.0
        };
        let at = if flags & 2 != 0 {
            self.location(reader)?
        } else {
            self.last_place
        };
        let name = self.known_text(name)?;
        let parent = match (flags & 4, self.actor) {
            (0, WokenBy::Task(task)) => Some(task),
            _ => None,
        };
        let task = TaskId(self.tasks);
        self.tasks = self.tasks.checked_add(1)?;
        (self.last_name, self.last_place) = (name, at);
        Some(Event::Task(TaskEvent::Spawn {
            task,
            name,
            at,
            parent,
        }))
    }

    fn wait(&mut self, small: u8, also: bool, reader: &mut Reader<'_>) -> Option<Event> {
        let number = reader.u32()?;
        let on = Wait::from_code(small, number)?;
        Some(Event::Task(TaskEvent::Wait {
            task: TaskId(self.last),
            on,
            at: self.location(reader)?,
            also,
        }))
    }

    fn resource(&mut self, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        let resource = ResourceId(reader.u32()?);
        Some(match small {
            0 => Event::Resource(ResourceEvent::Created {
                resource,
                kind: ResourceKind::from_code(reader.byte()?)?,
                name: {
                    let text = reader.u32()?;
                    self.known_text(text)?
                },
                at: self.location(reader)?,
                limit: reader.u32()?,
            }),
            1 => Event::Resource(ResourceEvent::Dropped { resource }),
            _ => return None,
        })
    }

    fn callback(&mut self, small: u8, reader: &mut Reader<'_>) -> Option<Event> {
        let callback = CallbackId(reader.u32()?);
        Some(match small {
            0 => {
                let text = reader.u32()?;
                Event::Callback(CallbackEvent::Scheduled {
                    callback,
                    name: self.known_text(text)?,
                })
            }
            1 => {
                self.actor = WokenBy::Callback(callback);
                Event::Callback(CallbackEvent::Start { callback })
            }
            2 => {
                let took = reader.varint()?;
                self.end_turn(took);
                Event::Callback(CallbackEvent::End { callback, took })
            }
            _ => return None,
        })
    }

    pub(super) fn definition<'a>(
        &mut self,
        small: u8,
        reader: &mut Reader<'a>,
    ) -> Option<Definition<'a>> {
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
            3 => self.resume(reader)?,
            4 => self.add_unseen_tasks(reader)?,
            5 => {
                let file = match reader.u32()?.checked_sub(1) {
                    None => TextId::UNKNOWN,
                    Some(text) => self.known_text(text)?,
                };
                let (line, column) = (reader.u32()?, reader.u32()?);
                self.locations = self.locations.checked_add(1)?;
                Definition::Location(file, line, column)
            }
            _ => return None,
        })
    }
}
