//! Writes records; [`encoding`](super::encoding) has their table.
//!
//! Each method writes one record. The writer keeps only the state that the next records are
//! relative to: a reader reaches the same state by reading (see [`Cursor`](super::Cursor)). It
//! checks nothing, because a loop calls it for every poll and every wake.

use std::collections::HashMap;

use super::{
    Advance, Outcome, PollOutcome, PollSample, ResourceKind, ResourceOp, Wait, WakeEffect, WokenBy,
    encoding::{Record, plus_one, put_record, zigzag},
};
use super::{CallbackId, LocationId, ResourceId, TaskId, TextId, TimerId};

/// Writes the records of a trace.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    /// The bytes that were written and not taken yet.
    bytes: Vec<u8>,
    /// How many bytes were taken.
    taken: usize,
    events: u64,
    /// The task that was polled last: tasks are written as a difference to it.
    last: u32,
    tasks: u32,
    texts: u32,
    locations: u32,
    callbacks: u32,
    last_name: TextId,
    last_place: LocationId,
    /// The texts that may be needed again: names and files, but not output.
    interned: HashMap<Box<str>, TextId>,
    /// The thread that the next wakes come from, as its text + 1; 0 for I/O.
    thread: u32,
}

impl Writer {
    /// A writer of an empty trace.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// How many events have been written. Definitions are not events.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many bytes have been written.
    pub fn written(&self) -> usize {
        self.taken + self.bytes.len()
    }

    /// How many bytes were written and not taken yet.
    pub fn pending(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the bytes that were written and not taken yet.
    pub fn take(&mut self) -> Vec<u8> {
        self.taken += self.bytes.len();
        std::mem::take(&mut self.bytes)
    }

    /// Like [`Writer::take`], but appends them to `to` and keeps the capacity of the buffer.
    pub fn drain_into(&mut self, to: &mut Vec<u8>) {
        self.taken += self.bytes.len();
        to.append(&mut self.bytes);
    }

    /// The bytes that were written and not taken yet.
    #[cfg(feature = "runtime")]
    pub(crate) fn pending_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Removes the first bytes of [`Writer::pending_bytes`].
    #[cfg(feature = "runtime")]
    pub(crate) fn forget(&mut self, count: usize) {
        self.taken += count;
        self.bytes.drain(..count);
    }

    // ---- the loop

    /// Writes a [`LoopEvent::TickStart`](super::LoopEvent::TickStart).
    #[inline]
    pub fn tick_start(&mut self) {
        self.event(Record::TickStart, 0, []);
    }

    /// Writes a [`LoopEvent::TickEnd`](super::LoopEvent::TickEnd).
    #[inline]
    pub fn tick_end(&mut self) {
        self.event(Record::TickEnd, 0, []);
    }

    /// Writes a [`LoopEvent::Park`](super::LoopEvent::Park); the next deadline is in `until`
    /// nanoseconds.
    pub fn park(&mut self, until: Option<u64>) {
        match until {
            None => self.event(Record::Park, 0, []),
            Some(until) => self.event(Record::ParkUntil, 0, [until]),
        }
    }

    /// Writes a [`LoopEvent::Advance`](super::LoopEvent::Advance).
    pub fn advance(&mut self, by: u64, why: Advance) {
        self.event(Record::Advance, why.code().into(), [by]);
    }

    /// Writes a [`LoopEvent::TimerPhase`](super::LoopEvent::TimerPhase).
    #[inline]
    pub fn timers(&mut self, due: u32) {
        self.event(Record::Timers, due.into(), []);
    }

    /// Writes a [`LoopEvent::RunPhase`](super::LoopEvent::RunPhase).
    #[inline]
    pub fn run(&mut self, ready: u32) {
        self.thread = 0;
        self.event(Record::Run, ready.into(), []);
    }

    /// Writes a [`Event::Gap`](super::Event::Gap).
    pub fn gap(&mut self, events: u64) {
        self.event(Record::Gap, events, []);
    }

    /// Declares a task that was spawned in a gap. Returns its number.
    #[cfg(feature = "formats")]
    pub(crate) fn gap_task(
        &mut self,
        name: TextId,
        at: LocationId,
        parent: Option<TaskId>,
    ) -> TaskId {
        let parent = parent.map_or(0, |parent| plus_one(parent.0));
        let operands = [1, plus_one(name.0), plus_one(at.0), parent];
        self.definition(Record::UnseenTasks, operands);
        self.tasks += 1;
        TaskId(self.tasks - 1)
    }

    /// Continues behind a gap, at a place that defines what this writer has defined.
    #[cfg(feature = "formats")]
    pub(crate) fn gap_end(&mut self, place: &super::Cursor) {
        place.write_resume(&mut self.bytes);
        self.last = place.polled().0;
        self.thread = u32::MAX;
    }

    /// Leaves out the number of a callback that was scheduled in a gap. Returns it.
    #[cfg(feature = "formats")]
    pub(crate) fn gap_callback(&mut self) -> CallbackId {
        self.callbacks += 1;
        CallbackId(self.callbacks - 1)
    }

    /// Writes a [`LoopEvent::End`](super::LoopEvent::End).
    pub fn end(&mut self, outcome: Outcome) {
        self.event(Record::End, outcome.code().into(), []);
    }

    // ---- tasks

    /// Writes a [`TaskEvent::Spawn`](super::TaskEvent::Spawn). Returns the number of the new task.
    pub fn spawn(&mut self, name: TextId, at: LocationId, has_parent: bool) -> TaskId {
        let flags = u64::from(name != self.last_name)
            | u64::from(at != self.last_place) << 1
            | u64::from(!has_parent) << 2;
        self.event(Record::Spawn, flags, [name.0.into(), plus_one(at.0)]);
        (self.last_name, self.last_place) = (name, at);
        self.tasks += 1;
        TaskId(self.tasks - 1)
    }

    /// Writes a [`TaskEvent::Wake`](super::TaskEvent::Wake). The cause is the actor:
    /// the running task or callback, or the timer that fired.
    pub fn wake(&mut self, task: TaskId, effect: WakeEffect) {
        match effect {
            WakeEffect::Enqueued => self.wake_enqueued(task),
            WakeEffect::Redundant => self.event(Record::WakeRedundant, self.difference(task), []),
            WakeEffect::TooLate => self.event(Record::WakeLate, self.difference(task), []),
        }
    }

    /// The same as [`Writer::wake`] for a wake that has put the task into the ready queue, as nearly
    /// all do.
    #[inline]
    pub(crate) fn wake_enqueued(&mut self, task: TaskId) {
        self.event(Record::Wake, self.difference(task), []);
    }

    /// The next wakes, up to the run phase, come from this thread, or from I/O if it is `None`.
    pub fn wakes_from(&mut self, thread: Option<TextId>) {
        let code = thread.map_or(0, |text| text.0 + 1);
        if code != self.thread {
            self.thread = code;
            self.definition(Record::WakesFrom, [code.into()]);
        }
    }

    /// Names the cause of the next events. Needed only for the trace of another program, in which
    /// polls may overlap, so that the order of the records does not tell the cause.
    pub fn set_actor(&mut self, actor: WokenBy) {
        if let WokenBy::Task(task) = actor {
            self.last = task.0;
        }
        self.thread = u32::MAX;
        let number = actor.number().unwrap_or(0);
        self.definition(Record::Actor, [actor.code().into(), number.into()]);
    }

    /// Writes a [`TaskEvent::PollStart`](super::TaskEvent::PollStart).
    #[expect(clippy::inline_always, reason = "as for `put_record`")]
    #[inline(always)]
    pub fn poll_start(&mut self, task: TaskId) {
        self.event(Record::PollStart, self.difference(task), []);
        self.last = task.0;
    }

    /// Writes a [`TaskEvent::PollEnd`](super::TaskEvent::PollEnd); the task is the running one.
    pub fn poll_end(&mut self, outcome: PollOutcome, took: u64) {
        match outcome {
            PollOutcome::Pending => self.event(Record::PollPending, took, []),
            PollOutcome::Ready => self.event(Record::PollReady, took, []),
            PollOutcome::Panicked => self.event(Record::PollPanicked, took, []),
            PollOutcome::Cancelled => self.event(Record::PollCancelled, took, []),
            PollOutcome::Failed => self.event(Record::PollFailed, 0, [took]),
        }
    }

    /// The same as [`Writer::poll_end`] for a task that is pending, as nearly all are.
    #[cfg(feature = "runtime")]
    #[inline]
    pub(crate) fn poll_pending(&mut self, took: u64) {
        self.event(Record::PollPending, took, []);
    }

    /// Writes a [`TaskEvent::Wait`](super::TaskEvent::Wait); the task is the running one.
    pub fn wait(&mut self, on: Wait, at: LocationId, also: bool) {
        let (code, number) = (on.code(), on.number().unwrap_or(0).into());
        // A tag has room for the first eight codes.
        if code > 7 {
            self.other_wait(on, at, u64::from(also));
        } else if also {
            self.event(Record::WaitAlso, code.into(), [number, plus_one(at.0)]);
        } else {
            self.event(Record::Wait, code.into(), [number, plus_one(at.0)]);
        }
    }

    /// Like [`Writer::wait`], if the `.await` is not known: `at` is where the awaited object was
    /// created.
    pub fn wait_at_creation(&mut self, on: Wait, at: LocationId, also: bool) {
        self.other_wait(on, at, u64::from(also) | 2);
    }

    fn other_wait(&mut self, on: Wait, at: LocationId, flags: u64) {
        let operands = [
            on.code().into(),
            flags,
            on.number().unwrap_or(0).into(),
            plus_one(at.0),
        ];
        self.event(Record::OtherWait, 0, operands);
    }

    /// Writes a [`TaskEvent::Joined`](super::TaskEvent::Joined); the task that awaits is the running
    /// one.
    pub fn joined(&mut self, joined: TaskId, at: LocationId) {
        let operands = [self.difference(joined), plus_one(at.0)];
        self.event(Record::Joined, 0, operands);
    }

    /// Writes a [`TaskEvent::Failed`](super::TaskEvent::Failed); the task is the running one.
    pub fn failed(&mut self, message: &str) {
        let text = self.text(message);
        self.failed_text(text);
    }

    /// Like [`Writer::failed`], with a text that is already defined.
    pub fn failed_text(&mut self, message: TextId) {
        self.event(Record::Failed, message.0.into(), []);
    }

    /// Writes a [`TaskEvent::CancelRequested`](super::TaskEvent::CancelRequested).
    pub fn cancel_asked(&mut self, task: TaskId, dropped: bool) {
        if dropped {
            self.event(Record::HandleDropped, 0, [self.difference(task)]);
        } else {
            self.event(Record::CancelRequested, self.difference(task), []);
        }
    }

    /// Writes a [`TaskEvent::CancelDelivered`](super::TaskEvent::CancelDelivered).
    pub fn cancel_delivered(&mut self, task: TaskId) {
        self.event(Record::CancelDelivered, self.difference(task), []);
    }

    // ---- timers

    /// Writes a [`TimerEvent::Set`](super::TimerEvent::Set); due in `after` nanoseconds, for
    /// the running task.
    pub fn timer_set(&mut self, timer: TimerId, after: u64) {
        self.event(Record::TimerSet, timer.0.into(), [after]);
    }

    /// Writes a [`TimerEvent::Fired`](super::TimerEvent::Fired).
    #[inline]
    pub fn timer_fired(&mut self, timer: TimerId) {
        self.event(Record::TimerFired, timer.0.into(), []);
    }

    /// Writes a [`TimerEvent::Cancelled`](super::TimerEvent::Cancelled).
    pub fn timer_cancelled(&mut self, timer: TimerId) {
        self.event(Record::TimerCancelled, timer.0.into(), []);
    }

    // ---- resources and callbacks

    /// Writes a [`ResourceEvent::Created`](super::ResourceEvent::Created).
    pub fn resource_new(
        &mut self,
        resource: ResourceId,
        kind: ResourceKind,
        name: TextId,
        at: LocationId,
        limit: u32,
    ) {
        let operands = created_operands(resource, kind, name, at, limit);
        self.event(Record::ResourceCreated, 0, operands);
    }

    /// Like [`Writer::resource_new`], for a resource that was created before its first use, which
    /// this is.
    pub fn resource_first_used(
        &mut self,
        resource: ResourceId,
        kind: ResourceKind,
        name: TextId,
        at: LocationId,
        limit: u32,
    ) {
        let operands = created_operands(resource, kind, name, at, limit);
        self.event(Record::ResourceFirstUsed, 0, operands);
    }

    /// Writes a [`ResourceEvent::Dropped`](super::ResourceEvent::Dropped).
    pub fn resource_dropped(&mut self, resource: ResourceId) {
        self.event(Record::ResourceDropped, 0, [resource.0.into()]);
    }

    /// Writes a [`ResourceEvent::Op`](super::ResourceEvent::Op).
    #[inline]
    pub fn used(&mut self, resource: ResourceId, op: ResourceOp, value: u32) {
        let operands = [op.code().into(), value.into()];
        self.event(Record::Op, resource.0.into(), operands);
    }

    /// Writes a [`ResourceEvent::Member`](super::ResourceEvent::Member).
    pub fn member(&mut self, group: ResourceId, task: TaskId) {
        let operands = [group.0.into(), self.difference(task)];
        self.event(Record::ResourceMember, 0, operands);
    }

    /// Writes a [`ResourceEvent::Bytes`](super::ResourceEvent::Bytes).
    pub fn bytes(&mut self, resource: ResourceId, text: &str) {
        let text = self.text(text);
        self.bytes_text(resource, text);
    }

    /// Like [`Writer::bytes`], with a text that is already defined.
    pub fn bytes_text(&mut self, resource: ResourceId, text: TextId) {
        let operands = [resource.0.into(), text.0.into()];
        self.event(Record::ResourceBytes, 0, operands);
    }

    /// Writes a [`CallbackEvent::Scheduled`](super::CallbackEvent::Scheduled). Returns its number.
    pub fn callback_scheduled(&mut self, name: TextId) -> CallbackId {
        let callback = CallbackId(self.callbacks);
        self.callbacks += 1;
        let operands = [callback.0.into(), name.0.into()];
        self.event(Record::CallbackScheduled, 0, operands);
        callback
    }

    /// Writes a [`CallbackEvent::Start`](super::CallbackEvent::Start).
    pub fn callback_start(&mut self, callback: CallbackId) {
        self.event(Record::CallbackStart, 0, [callback.0.into()]);
    }

    /// Writes a [`CallbackEvent::End`](super::CallbackEvent::End).
    pub fn callback_end(&mut self, callback: CallbackId, took: u64) {
        self.event(Record::CallbackEnd, 0, [callback.0.into(), took]);
    }

    /// Writes an [`Event::Output`](super::Event::Output).
    pub fn output(&mut self, line: &str) {
        let text = self.text(line);
        self.output_text(text);
    }

    /// Like [`Writer::output`], with a text that is already defined.
    pub fn output_text(&mut self, line: TextId) {
        self.event(Record::Output, line.0.into(), []);
    }

    /// Like [`Writer::output`], with the call that printed the line.
    pub fn output_at(&mut self, line: &str, at: LocationId) {
        let text = self.text(line);
        self.output_text_at(text, at);
    }

    /// Like [`Writer::output_at`], with a text that is already defined.
    pub fn output_text_at(&mut self, line: TextId, at: LocationId) {
        if at == LocationId::UNKNOWN {
            self.output_text(line);
        } else {
            self.event(Record::OutputAt, 0, [line.0.into(), plus_one(at.0)]);
        }
    }

    // ---- definitions

    /// Defines a text, even if there is an equal one. For output, which rarely repeats.
    ///
    /// A trace has at most 2³² - 2 texts. The last of them stands for all that would follow it.
    pub fn text(&mut self, text: &str) -> TextId {
        if self.texts >= TextId::UNKNOWN.0 - 1 {
            return TextId(self.texts - 1);
        }
        self.definition(Record::Text, [text.len() as u64]);
        self.bytes.extend_from_slice(text.as_bytes());
        self.texts += 1;
        TextId(self.texts - 1)
    }

    /// The number of a text of [`Writer::intern`], if it was defined.
    pub fn known(&self, text: &str) -> Option<TextId> {
        self.interned.get(text).copied()
    }

    /// The number of a text; defines the text if this is its first use.
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
        self.definition(
            Record::Location,
            [file.0.into(), line.into(), column.into()],
        );
        self.locations += 1;
        LocationId(self.locations - 1)
    }

    /// Defines a location in an await chain: `outer` awaits it.
    pub fn frame(
        &mut self,
        file: TextId,
        line: u32,
        function: TextId,
        outer: LocationId,
    ) -> LocationId {
        let operands = [
            file.0.into(),
            line.into(),
            plus_one(function.0),
            plus_one(outer.0),
        ];
        self.definition(Record::Frame, operands);
        self.locations += 1;
        LocationId(self.locations - 1)
    }

    /// Gives a task another name.
    pub fn name_task(&mut self, task: TaskId, name: &str) {
        let name = self.intern(name);
        self.name_task_text(task, name);
    }

    /// Gives a task another name, which is a text of this trace.
    pub fn name_task_text(&mut self, task: TaskId, name: TextId) {
        self.definition(Record::Name, [task.0.into(), name.0.into()]);
    }

    /// Says what was seen of the poll that is open.
    pub fn poll_sample(&mut self, sample: PollSample) {
        let processor = sample.processor.map_or(0, |time| time.0.saturating_add(1));
        self.definition(Record::PollSample, [plus_one(sample.at.0), processor]);
    }

    // ---- bytes

    /// Writes a record that is an event.
    #[expect(clippy::inline_always, reason = "as for `put_record`")]
    #[inline(always)]
    fn event<const N: usize>(&mut self, record: Record, small: u64, operands: [u64; N]) {
        self.events += 1;
        put_record(&mut self.bytes, record, small, operands);
    }

    /// Writes a record that is not an event.
    fn definition<const N: usize>(&mut self, record: Record, operands: [u64; N]) {
        put_record(&mut self.bytes, record, 0, operands);
    }

    /// A task, as the difference to the one that was polled last.
    #[inline]
    fn difference(&self, task: TaskId) -> u64 {
        zigzag(task.0.wrapping_sub(self.last).cast_signed()).into()
    }
}

fn created_operands(
    resource: ResourceId,
    kind: ResourceKind,
    name: TextId,
    at: LocationId,
    limit: u32,
) -> [u64; 5] {
    [
        resource.0.into(),
        kind.code().into(),
        name.0.into(),
        plus_one(at.0),
        limit.into(),
    ]
}
