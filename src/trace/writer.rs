//! Writes records, see [`encoding`](super::encoding). Every method is one record and does no more than the bytes ask for.

use std::collections::HashMap;

use super::{
    Advance, Outcome, PollOutcome, ResourceKind, ResourceOp, Wait, WakeEffect, WokenBy,
    encoding::{FOLLOWS, MORE_DROPPED, MORE_POLL_FAILED, kind, zigzag},
};
use super::{CallbackId, LocationId, ResourceId, TaskId, TextId, TimerId};

/// Turns what happens into bytes.
#[derive(Debug, Default)]
pub struct Writer {
    /// What has been written and not been taken.
    bytes: Vec<u8>,
    /// Bytes written before those.
    taken: usize,
    events: u32,
    /// The task that was last polled: tasks are written as a difference to it.
    last: u32,
    tasks: u32,
    texts: u32,
    locations: u32,
    callbacks: u32,
    last_name: TextId,
    last_place: LocationId,
    /// The texts that may come again: names and files, not output.
    interned: HashMap<Box<str>, TextId>,
    /// Text + 1 of the thread that the wakes being written came from.
    thread: u32,
}

impl Writer {
    /// A writer of an empty trace.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// How many events have been written. Definitions do not count.
    pub fn events(&self) -> u32 {
        self.events
    }

    /// How many bytes have been written.
    pub fn written(&self) -> usize {
        self.taken + self.bytes.len()
    }

    /// How many bytes have not been taken.
    pub fn pending(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes written since this was last called.
    pub fn take(&mut self) -> Vec<u8> {
        self.taken += self.bytes.len();
        std::mem::take(&mut self.bytes)
    }

    /// Appends what was written since the last time to `to`, keeping the room for more.
    pub fn drain_into(&mut self, to: &mut Vec<u8>) {
        self.taken += self.bytes.len();
        to.append(&mut self.bytes);
    }

    // ---- the loop

    /// See [`LoopEvent::TickStart`](super::LoopEvent::TickStart).
    #[inline]
    pub fn tick_start(&mut self) {
        self.event(kind::TICK_START, 0);
    }

    /// See [`LoopEvent::TickEnd`](super::LoopEvent::TickEnd).
    #[inline]
    pub fn tick_end(&mut self) {
        self.event(kind::TICK_END, 0);
    }

    /// See [`LoopEvent::Park`](super::LoopEvent::Park); the next deadline is `until` nanoseconds away.
    pub fn park(&mut self, until: Option<u64>) {
        self.event(kind::PARK, u8::from(until.is_some()));
        if let Some(until) = until {
            self.varint(until);
        }
    }

    /// See [`LoopEvent::Advance`](super::LoopEvent::Advance).
    pub fn advance(&mut self, by: u64, why: Advance) {
        self.event(kind::ADVANCE, why.code());
        self.varint(by);
    }

    /// See [`LoopEvent::TimerPhase`](super::LoopEvent::TimerPhase).
    #[inline]
    pub fn timers(&mut self, due: u32) {
        self.number(kind::TIMERS, due.into());
    }

    /// See [`LoopEvent::RunPhase`](super::LoopEvent::RunPhase).
    #[inline]
    pub fn run(&mut self, ready: u32) {
        self.thread = 0;
        self.number(kind::RUN, ready.into());
    }

    /// See [`Event::Gap`](super::Event::Gap).
    pub fn gap(&mut self, events: u32) {
        self.number(kind::GAP, events.into());
    }

    /// See [`LoopEvent::End`](super::LoopEvent::End).
    pub fn end(&mut self, outcome: Outcome) {
        self.event(kind::END, outcome.code());
    }

    // ---- tasks

    /// See [`TaskEvent::Spawn`](super::TaskEvent::Spawn). Returns the number of the new task.
    pub fn spawn(&mut self, name: TextId, at: LocationId, has_parent: bool) -> TaskId {
        let other_name = name != self.last_name;
        let other_place = at != self.last_place;
        let small = u8::from(other_name) | u8::from(other_place) << 1 | u8::from(!has_parent) << 2;
        // All three at once would read as "a varint follows", so that one is written out.
        self.event(kind::SPAWN, small);
        if small == FOLLOWS {
            self.varint(u64::from(FOLLOWS));
        }
        if other_name {
            self.varint(name.0.into());
            self.last_name = name;
        }
        if other_place {
            self.location_ref(at);
            self.last_place = at;
        }
        self.tasks += 1;
        TaskId(self.tasks - 1)
    }

    /// See [`TaskEvent::Wake`](super::TaskEvent::Wake). The waker is the task, callback or timer that is at it.
    #[inline]
    pub fn wake(&mut self, task: TaskId, effect: WakeEffect) {
        let kind = match effect {
            WakeEffect::Enqueued => kind::WAKE,
            WakeEffect::Redundant => kind::WAKE_REDUNDANT,
            WakeEffect::TooLate => kind::WAKE_LATE,
        };
        self.task(kind, task);
    }

    /// The wakes from here to the run phase came from this thread; `None` for I/O.
    pub fn wakes_from(&mut self, thread: Option<TextId>) {
        let code = thread.map_or(0, |text| text.0 + 1);
        if code != self.thread {
            self.thread = code;
            self.bytes.push(kind::RESOURCE << 3 | 2);
            self.varint(code.into());
        }
    }

    /// Whoever is at it from here on: for a trace that is not written by a loop, in which the order does not say so.
    pub fn set_actor(&mut self, actor: WokenBy) {
        if let WokenBy::Task(task) = actor {
            self.last = task.0;
        }
        self.thread = u32::MAX;
        self.bytes.push(kind::RESOURCE << 3 | 3);
        self.bytes.push(actor.code());
        self.varint(actor.number().unwrap_or(0).into());
    }

    /// See [`TaskEvent::PollStart`](super::TaskEvent::PollStart).
    #[inline]
    pub fn poll_start(&mut self, task: TaskId) {
        self.task(kind::POLL_START, task);
        self.last = task.0;
    }

    /// See [`TaskEvent::PollEnd`](super::TaskEvent::PollEnd); the task is the one that runs.
    #[inline]
    pub fn poll_end(&mut self, outcome: PollOutcome, took: u64) {
        let kind = match outcome {
            PollOutcome::Pending => kind::POLL_PENDING,
            PollOutcome::Ready => kind::POLL_READY,
            PollOutcome::Panicked => kind::POLL_PANICKED,
            PollOutcome::Cancelled => kind::POLL_CANCELLED,
            PollOutcome::Failed => return self.poll_failed(took),
        };
        self.number(kind, took);
    }

    #[cold]
    fn poll_failed(&mut self, took: u64) {
        self.event(kind::MORE, MORE_POLL_FAILED);
        self.varint(took);
    }

    /// See [`TaskEvent::Wait`](super::TaskEvent::Wait); the task is the one that runs.
    pub fn wait(&mut self, on: Wait, at: LocationId, also: bool) {
        self.event(if also { kind::WAIT_ALSO } else { kind::WAIT }, on.code());
        self.varint(on.number().unwrap_or(0).into());
        self.location_ref(at);
    }

    /// See [`TaskEvent::Failed`](super::TaskEvent::Failed); the task is the one that runs.
    pub fn failed(&mut self, message: &str) {
        let text = self.text(message);
        self.failed_text(text);
    }

    /// The same, with a text that is defined already.
    pub fn failed_text(&mut self, message: TextId) {
        self.number(kind::FAILED, message.0.into());
    }

    /// See [`TaskEvent::CancelRequested`](super::TaskEvent::CancelRequested).
    pub fn cancel_asked(&mut self, task: TaskId, dropped: bool) {
        if dropped {
            self.event(kind::MORE, MORE_DROPPED);
            self.varint(self.difference(task).into());
        } else {
            self.task(kind::CANCEL_ASKED, task);
        }
    }

    /// See [`TaskEvent::CancelDelivered`](super::TaskEvent::CancelDelivered).
    pub fn cancel_delivered(&mut self, task: TaskId) {
        self.task(kind::CANCEL_DELIVERED, task);
    }

    // ---- timers

    /// See [`TimerEvent::Set`](super::TimerEvent::Set); due in `after` nanoseconds, for the task that runs.
    pub fn timer_set(&mut self, timer: TimerId, after: u64) {
        self.number(kind::TIMER_SET, timer.0.into());
        self.varint(after);
    }

    /// See [`TimerEvent::Fired`](super::TimerEvent::Fired).
    #[inline]
    pub fn timer_fired(&mut self, timer: TimerId) {
        self.number(kind::TIMER_FIRED, timer.0.into());
    }

    /// See [`TimerEvent::Cancelled`](super::TimerEvent::Cancelled).
    pub fn timer_cancelled(&mut self, timer: TimerId) {
        self.number(kind::TIMER_CANCELLED, timer.0.into());
    }

    // ---- resources and callbacks

    /// See [`ResourceEvent::Created`](super::ResourceEvent::Created).
    pub fn resource_new(
        &mut self,
        resource: ResourceId,
        kind: ResourceKind,
        name: TextId,
        at: LocationId,
        limit: u32,
    ) {
        self.event(kind::RESOURCE, 0);
        self.varint(resource.0.into());
        self.bytes.push(kind.code());
        self.varint(name.0.into());
        self.location_ref(at);
        self.varint(limit.into());
    }

    /// See [`ResourceEvent::Dropped`](super::ResourceEvent::Dropped).
    pub fn resource_dropped(&mut self, resource: ResourceId) {
        self.event(kind::RESOURCE, 1);
        self.varint(resource.0.into());
    }

    /// See [`ResourceEvent::Op`](super::ResourceEvent::Op).
    #[inline]
    pub fn used(&mut self, resource: ResourceId, op: ResourceOp, value: u32) {
        self.number(kind::USE, resource.0.into());
        self.bytes.push(op.code());
        self.varint(value.into());
    }

    /// See [`CallbackEvent::Scheduled`](super::CallbackEvent::Scheduled). Returns its number.
    pub fn callback_scheduled(&mut self, name: TextId) -> CallbackId {
        let callback = CallbackId(self.callbacks);
        self.callbacks += 1;
        self.event(kind::CALLBACK, 0);
        self.varint(callback.0.into());
        self.varint(name.0.into());
        callback
    }

    /// See [`CallbackEvent::Start`](super::CallbackEvent::Start).
    pub fn callback_start(&mut self, callback: CallbackId) {
        self.event(kind::CALLBACK, 1);
        self.varint(callback.0.into());
    }

    /// See [`CallbackEvent::End`](super::CallbackEvent::End).
    pub fn callback_end(&mut self, callback: CallbackId, took: u64) {
        self.event(kind::CALLBACK, 2);
        self.varint(callback.0.into());
        self.varint(took);
    }

    /// See [`Event::Output`](super::Event::Output).
    pub fn output(&mut self, line: &str) {
        let text = self.text(line);
        self.output_text(text);
    }

    /// The same, with a text that is defined already.
    pub fn output_text(&mut self, line: TextId) {
        self.number(kind::OUTPUT, line.0.into());
    }

    // ---- definitions

    /// Defines a text that will not come again.
    pub fn text(&mut self, text: &str) -> TextId {
        self.bytes.push(kind::DEFINE << 3);
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
        self.texts += 1;
        TextId(self.texts - 1)
    }

    /// The number of a text that may come again: defines it the first time.
    pub fn intern(&mut self, text: &str) -> TextId {
        if let Some(&id) = self.interned.get(text) {
            return id;
        }
        let id = self.text(text);
        self.interned.insert(text.into(), id);
        id
    }

    /// Defines a location.
    pub fn location(&mut self, file: &str, line: u32, column: u32) -> LocationId {
        let file = self.intern(file);
        self.bytes.push(kind::DEFINE << 3 | 1);
        self.varint(file.0.into());
        self.varint(line.into());
        self.varint(column.into());
        self.locations += 1;
        LocationId(self.locations - 1)
    }

    /// Gives a task another name.
    pub fn name_task(&mut self, task: TaskId, name: &str) {
        let name = self.intern(name);
        self.bytes.push(kind::DEFINE << 3 | 2);
        self.varint(task.0.into());
        self.varint(name.0.into());
    }

    // ---- bytes

    #[inline]
    fn event(&mut self, kind: u8, small: u8) {
        self.events += 1;
        self.bytes.push(kind << 3 | small);
    }

    /// An event with a number in its tag, if it is small enough.
    #[inline]
    fn number(&mut self, kind: u8, number: u64) {
        if number < u64::from(FOLLOWS) {
            #[expect(clippy::cast_possible_truncation, reason = "below 7")]
            self.event(kind, number as u8);
        } else {
            self.event(kind, FOLLOWS);
            self.varint(number);
        }
    }

    #[inline]
    fn task(&mut self, kind: u8, task: TaskId) {
        self.number(kind, self.difference(task).into());
    }

    /// A task, as the difference to the one that was last polled.
    #[inline]
    fn difference(&self, task: TaskId) -> u32 {
        zigzag(task.0.wrapping_sub(self.last).cast_signed())
    }

    /// A location, or 0 for none.
    fn location_ref(&mut self, at: LocationId) {
        self.varint(u64::from(at.0.wrapping_add(1)));
    }

    #[inline]
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low seven bits are meant"
            )]
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        self.bytes.push(number as u8);
    }
}
