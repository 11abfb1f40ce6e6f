//! Decoding of the events that are not frequent. Each is read to its end before it changes the
//! cursor.
//!
//! # The actor
//!
//! A wake does not name its cause, and a spawn does not name its parent: both are the *actor*, which
//! the cursor tracks.
//!
//! * In the wait phase, from `TICK_START` on, the actor is I/O. A `RESOURCE` record of the thread form
//!   replaces it by a thread, or by I/O again.
//! * In the timer phase it is the timer that fired last.
//! * In the run phase it is the loop. During a poll or a callback it is that task or callback.
//! * After `TICK_END` it is the loop.
//!
//! A trace of another program may have polls that overlap. There an `ACTOR` record names the actor
//! before each event for which these rules would give a wrong one.
//!
//! # Speed
//!
//! An event is larger than two registers, so a decoder returns it in memory. Copying it from there
//! stalls until it is written. Therefore [`Cursor::decode_event`] returns what a decoder returns,
//! without unwrapping it, and the decoders are inlined; so an event is written once, where the
//! caller wants it.

#![expect(
    clippy::inline_always,
    reason = "left to the compiler, decoding takes 1.6 times as long"
)]

use super::{Cursor, Reader};
use crate::trace::{
    Advance, CallbackEvent, CallbackId, Event, LoopEvent, Outcome, PollOutcome, ResourceEvent,
    ResourceId, ResourceKind, Span, TaskEvent, TaskId, TimerEvent, TimerId, Wait, WakeEffect,
    WokenBy, encoding::Record,
};

/// The bits of the small number of a spawn.
const OTHER_NAME: u8 = 1;
const OTHER_LOCATION: u8 = 2;
const NO_PARENT: u8 = 4;

impl Cursor {
    /// Reads an event. `None` if the record is a definition or frequent, if it makes no sense, or
    /// if it is cut off.
    #[inline(always)]
    pub(super) fn decode_event(
        &mut self,
        record: Record,
        small: u8,
        from: &mut Reader<'_>,
    ) -> Option<Event> {
        match record {
            Record::TickStart => Some(self.tick_start()),
            Record::TickEnd => Some(self.tick_end()),
            Record::Park => Some(Event::Loop(LoopEvent::Park { until: None })),
            Record::ParkUntil => self.park_until(from),
            Record::Advance => self.advance(Advance::from_code(small)?, from),
            Record::Timers => Some(timer_phase(from.in_tag(small)?)),
            Record::Run => Some(self.run_phase(from.in_tag(small)?)),
            Record::End => Some(end(Outcome::from_code(small)?)),
            Record::Gap => Some(gap(from.u64_in_tag(small)?)),
            Record::Output => self.output(from.in_tag(small)?, 0),
            Record::OutputAt => {
                let [text, at] = from.operands(Record::OutputAt, 0)?;
                self.output(narrow(text)?, narrow(at)?)
            }
            Record::Spawn => self.spawn(from.in_tag(small)?, from),
            Record::WakeRedundant => self.wake(from.in_tag(small)?, WakeEffect::Redundant),
            Record::WakeLate => self.wake(from.in_tag(small)?, WakeEffect::TooLate),
            Record::PollPanicked => self.poll_end(PollOutcome::Panicked, small, from),
            Record::PollCancelled => self.poll_end(PollOutcome::Cancelled, small, from),
            Record::PollFailed => {
                let [took] = from.operands(Record::PollFailed, 0)?;
                Some(self.end_poll(PollOutcome::Failed, took))
            }
            Record::Wait => self.wait(small, false, from),
            Record::WaitAlso => self.wait(small, true, from),
            Record::OtherWait => self.other_wait(from),
            Record::Joined => self.joined(from),
            Record::Failed => self.failed(from.in_tag(small)?),
            Record::CancelRequested => self.cancel_requested(from.in_tag(small)?, false),
            Record::HandleDropped => {
                let [task] = from.operands(Record::HandleDropped, 0)?;
                self.cancel_requested(narrow(task)?, true)
            }
            Record::CancelDelivered => self.cancel_delivered(from.in_tag(small)?),
            Record::TimerSet => self.timer_set(TimerId(from.in_tag(small)?), from),
            Record::TimerFired => Some(self.timer_fired(TimerId(from.in_tag(small)?))),
            Record::TimerCancelled => Some(timer_cancelled(TimerId(from.in_tag(small)?))),
            Record::ResourceCreated => self.resource_created(from, false),
            Record::ResourceFirstUsed => self.resource_created(from, true),
            Record::ResourceDropped => resource_dropped(from),
            Record::ResourceMember => self.resource_member(from),
            Record::ResourceBytes => self.resource_bytes(from),
            Record::CallbackScheduled => self.callback_scheduled(from),
            Record::CallbackStart => self.callback_start(from),
            Record::CallbackEnd => self.callback_end(from),
            // The frequent events.
            Record::Wake
            | Record::PollStart
            | Record::PollPending
            | Record::PollReady
            | Record::Op
            // The definitions.
            | Record::WakesFrom
            | Record::Actor
            | Record::Text
            | Record::Location
            | Record::Name
            | Record::Resume
            | Record::UnseenTasks
            | Record::GapLocation
            | Record::Frame
            | Record::PollSample => None,
        }
    }

    // ---- the loop

    #[inline(always)]
    fn tick_start(&mut self) -> Event {
        self.ticks = self.ticks.wrapping_add(1);
        self.actor = WokenBy::Io;
        Event::Loop(LoopEvent::TickStart)
    }

    #[inline(always)]
    fn tick_end(&mut self) -> Event {
        self.actor = WokenBy::Loop;
        Event::Loop(LoopEvent::TickEnd)
    }

    #[inline(always)]
    fn park_until(&self, from: &mut Reader<'_>) -> Option<Event> {
        let [until] = from.operands(Record::ParkUntil, 0)?;
        let until = Some(self.later(until));
        Some(Event::Loop(LoopEvent::Park { until }))
    }

    #[inline(always)]
    fn advance(&mut self, why: Advance, from: &mut Reader<'_>) -> Option<Event> {
        let [by] = from.operands(Record::Advance, 0)?;
        self.now = self.later(by);
        Some(Event::Loop(LoopEvent::Advance { by: Span(by), why }))
    }

    #[inline(always)]
    fn run_phase(&mut self, ready: u32) -> Event {
        self.actor = WokenBy::Loop;
        Event::Loop(LoopEvent::RunPhase { ready })
    }

    #[inline(always)]
    fn output(&self, text: u32, at: u32) -> Option<Event> {
        let (text, at) = (self.known_text(text)?, self.known_location(at)?);
        Some(Event::Output { text, at })
    }

    // ---- tasks

    /// A spawn writes name and location only where they differ from the last spawn's, and a flag
    /// where the running task is not the parent.
    #[inline(always)]
    fn spawn(&mut self, flags: u32, from: &mut Reader<'_>) -> Option<Event> {
        let flags = u8::try_from(flags).ok()?;
        let [name, at] = from.operands(Record::Spawn, flags)?;
        let name = if flags & OTHER_NAME != 0 {
            narrow(name)?
        } else {
            self.last_name.0
        };
        let name = self.known_text(name)?;
        let at = if flags & OTHER_LOCATION != 0 {
            self.known_location(narrow(at)?)?
        } else {
            self.last_place
        };
        let parent = self.actor.task().filter(|_| flags & NO_PARENT == 0);
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

    /// A wake without effect: the task was ready already, or had ended.
    #[inline(always)]
    fn wake(&self, difference: u32, effect: WakeEffect) -> Option<Event> {
        let (task, by) = (self.known_task(difference)?, self.actor);
        Some(Event::Task(TaskEvent::Wake { task, by, effect }))
    }

    /// A wait is declared by the task whose poll is open.
    #[inline(always)]
    fn wait(&self, code: u8, also: bool, from: &mut Reader<'_>) -> Option<Event> {
        let [number, at] = from.operands(Record::Wait, 0)?;
        Some(Event::Task(TaskEvent::Wait {
            task: TaskId(self.last),
            on: Wait::from_code(code, narrow(number)?)?,
            at: self.known_location(narrow(at)?)?,
            at_creation: false,
            also,
        }))
    }

    #[inline(always)]
    fn other_wait(&self, from: &mut Reader<'_>) -> Option<Event> {
        let [code, flags, number, at] = from.operands(Record::OtherWait, 0)?;
        Some(Event::Task(TaskEvent::Wait {
            task: TaskId(self.last),
            on: Wait::from_code(u8::try_from(code).ok()?, narrow(number)?)?,
            at: self.known_location(narrow(at)?)?,
            at_creation: flags & 2 != 0,
            also: flags & 1 != 0,
        }))
    }

    #[inline(always)]
    fn joined(&self, from: &mut Reader<'_>) -> Option<Event> {
        let [joined, at] = from.operands(Record::Joined, 0)?;
        Some(Event::Task(TaskEvent::Joined {
            task: TaskId(self.last),
            joined: self.known_task(narrow(joined)?)?,
            at: self.known_location(narrow(at)?)?,
        }))
    }

    #[inline(always)]
    fn failed(&self, message: u32) -> Option<Event> {
        let (task, message) = (TaskId(self.last), self.known_text(message)?);
        Some(Event::Task(TaskEvent::Failed { task, message }))
    }

    #[inline(always)]
    fn cancel_requested(&mut self, difference: u32, dropped: bool) -> Option<Event> {
        let task = self.known_task(difference)?;
        // Nothing outside the loop can request it: in the wait phase it is the loop itself, at its
        // end.
        if matches!(self.actor, WokenBy::Io | WokenBy::Thread(_)) {
            self.actor = WokenBy::Loop;
        }
        Some(Event::Task(TaskEvent::CancelRequested { task, dropped }))
    }

    #[inline(always)]
    fn cancel_delivered(&self, difference: u32) -> Option<Event> {
        let task = self.known_task(difference)?;
        Some(Event::Task(TaskEvent::CancelDelivered { task }))
    }

    // ---- timers, resources, callbacks

    /// A timer belongs to the task whose poll is open, if one is. Its deadline is written as the time
    /// from now.
    #[inline(always)]
    fn timer_set(&self, timer: TimerId, from: &mut Reader<'_>) -> Option<Event> {
        let [after] = from.operands(Record::TimerSet, 0)?;
        Some(Event::Timer(TimerEvent::Set {
            timer,
            task: self.actor.task(),
            deadline: self.later(after),
        }))
    }

    #[inline(always)]
    fn timer_fired(&mut self, timer: TimerId) -> Event {
        self.actor = WokenBy::Timer(timer);
        Event::Timer(TimerEvent::Fired { timer })
    }

    #[inline(always)]
    fn resource_created(&self, from: &mut Reader<'_>, at_first_use: bool) -> Option<Event> {
        let [resource, kind, name, at, limit] = from.operands(Record::ResourceCreated, 0)?;
        Some(Event::Resource(ResourceEvent::Created {
            resource: ResourceId(narrow(resource)?),
            kind: ResourceKind::from_code(u8::try_from(kind).ok()?)?,
            name: self.known_text(narrow(name)?)?,
            at: self.known_location(narrow(at)?)?,
            limit: narrow(limit)?,
            at_first_use,
        }))
    }

    #[inline(always)]
    fn resource_member(&self, from: &mut Reader<'_>) -> Option<Event> {
        let [resource, task] = from.operands(Record::ResourceMember, 0)?;
        Some(Event::Resource(ResourceEvent::Member {
            resource: ResourceId(narrow(resource)?),
            task: self.known_task(narrow(task)?)?,
        }))
    }

    #[inline(always)]
    fn resource_bytes(&self, from: &mut Reader<'_>) -> Option<Event> {
        let [resource, text] = from.operands(Record::ResourceBytes, 0)?;
        Some(Event::Resource(ResourceEvent::Bytes {
            resource: ResourceId(narrow(resource)?),
            text: self.known_text(narrow(text)?)?,
        }))
    }

    #[inline(always)]
    fn callback_scheduled(&self, from: &mut Reader<'_>) -> Option<Event> {
        let [callback, name] = from.operands(Record::CallbackScheduled, 0)?;
        Some(Event::Callback(CallbackEvent::Scheduled {
            callback: CallbackId(narrow(callback)?),
            name: self.known_text(narrow(name)?)?,
        }))
    }

    #[inline(always)]
    fn callback_start(&mut self, from: &mut Reader<'_>) -> Option<Event> {
        let [callback] = from.operands(Record::CallbackStart, 0)?;
        let callback = CallbackId(narrow(callback)?);
        self.actor = WokenBy::Callback(callback);
        Some(Event::Callback(CallbackEvent::Start { callback }))
    }

    #[inline(always)]
    fn callback_end(&mut self, from: &mut Reader<'_>) -> Option<Event> {
        let [callback, took] = from.operands(Record::CallbackEnd, 0)?;
        let callback = CallbackId(narrow(callback)?);
        self.end_run(took);
        Some(Event::Callback(CallbackEvent::End {
            callback,
            took: Span(took),
        }))
    }
}

#[inline(always)]
fn timer_phase(due: u32) -> Event {
    Event::Loop(LoopEvent::TimerPhase { due })
}

#[inline(always)]
fn end(outcome: Outcome) -> Event {
    Event::Loop(LoopEvent::End { outcome })
}

#[inline(always)]
fn gap(events: u64) -> Event {
    Event::Gap { events }
}

#[inline(always)]
fn timer_cancelled(timer: TimerId) -> Event {
    Event::Timer(TimerEvent::Cancelled { timer })
}

#[inline(always)]
fn resource_dropped(from: &mut Reader<'_>) -> Option<Event> {
    let [resource] = from.operands(Record::ResourceDropped, 0)?;
    let resource = ResourceId(narrow(resource)?);
    Some(Event::Resource(ResourceEvent::Dropped { resource }))
}

/// A number that the format limits to 32 bits.
#[inline(always)]
pub(super) fn narrow(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}
