//! Builds a trace from whole events, which another program has recorded.

use std::collections::HashMap;

use crate::trace::{
    Advance, CallbackEvent, CallbackId, Cursor, Event, LocationId, Log, LoopEvent, MAX_UNSEEN,
    Meta, Moment, PollSample, ResourceEvent, Span, TaskEvent, TaskId, TextId, TimerEvent, WokenBy,
    Writer,
};

/// Why an event cannot be part of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The event is about a task that was not spawned yet.
    #[error("task {} was not spawned before", .0.0)]
    NoTask(TaskId),
    /// Gaps may declare a limited number of tasks: this one is too many.
    #[error("task {0} is too many: gaps may declare {MAX_UNSEEN} tasks")]
    GapTasks(u32),
    /// Tasks and callbacks are numbered from 0, in their order.
    #[error("the next number is {next}, not {found}")]
    Number {
        /// The number that would be right.
        next: u32,
        /// The number of the event.
        found: u32,
    },
    /// The event names a text or a location that was not added to this builder. Nothing can be
    /// written behind it.
    #[error("the event names a text or a location that is not in the trace")]
    Undefined,
}

/// Builds a trace from whole events, each with its time and its cause.
///
/// The [`Writer`] is made for a loop that records itself: it leaves out what follows from the order
/// of the events. Events from elsewhere may come in any order: polls may overlap, and any task may
/// wake any other. So the builder reads back what it has written, with a [`Cursor`]. Where a reader
/// would assume another cause than the event has, the builder writes the cause first.
#[derive(Clone, Debug, Default)]
pub struct TraceBuilder {
    writer: Writer,
    bytes: Vec<u8>,
    /// The reader's position, after all `bytes`.
    cursor: Cursor,
    locations: HashMap<(String, u32, u32), LocationId>,
    callbacks: u32,
}

impl TraceBuilder {
    /// A builder of an empty trace.
    pub fn new() -> TraceBuilder {
        TraceBuilder::default()
    }

    /// The time of the last event.
    pub fn now(&self) -> Moment {
        self.cursor.now
    }

    /// How many tasks were spawned, which is the number of the next one.
    pub fn tasks(&self) -> u32 {
        self.cursor.tasks()
    }

    /// How many polls have ended, runs of callbacks included.
    pub fn polls(&mut self) -> u64 {
        self.read_on();
        self.cursor.polls
    }

    /// How many callbacks were scheduled.
    pub fn callbacks(&self) -> u32 {
        self.callbacks
    }

    /// How many events were written.
    pub fn events(&self) -> u64 {
        self.writer.events()
    }

    /// Adds a text that may occur again, such as a name.
    pub fn name(&mut self, text: &str) -> TextId {
        self.writer.intern(text)
    }

    /// Adds a text that occurs once, such as a line of output.
    pub fn text(&mut self, text: &str) -> TextId {
        self.writer.text(text)
    }

    /// Adds a location in the source. A column of 0 is unknown.
    pub fn location(&mut self, file: &str, line: u32, column: u32) -> LocationId {
        let key = (file.to_owned(), line, column);
        if let Some(&known) = self.locations.get(&key) {
            return known;
        }
        let id = self.writer.location(file, line, column);
        self.locations.insert(key, id);
        id
    }

    /// Gives a task another name.
    ///
    /// # Errors
    ///
    /// If the task was not spawned.
    pub fn rename(&mut self, task: TaskId, name: &str) -> Result<(), BuildError> {
        self.check(task)?;
        self.writer.name_task(task, name);
        Ok(())
    }

    /// Gives a task another name, which is a text of this trace.
    pub(super) fn rename_text(&mut self, task: TaskId, name: TextId) -> Result<(), BuildError> {
        self.check(task)?;
        self.writer.name_task_text(task, name);
        Ok(())
    }

    /// Declares a task that was spawned in a gap, behind the event of the gap.
    ///
    /// # Errors
    ///
    /// If the parent was not spawned, or if more tasks are declared than a reader accepts.
    pub fn gap_task(
        &mut self,
        name: TextId,
        at: LocationId,
        parent: Option<TaskId>,
    ) -> Result<TaskId, BuildError> {
        parent.map_or(Ok(()), |parent| self.check(parent))?;
        let task = self.writer.gap_task(name, at, parent);
        self.read_on();
        self.check(task).map_err(|_| BuildError::GapTasks(task.0))?;
        Ok(task)
    }

    /// Continues behind a gap: at this time, with these numbers of polls and ticks, and in the poll
    /// of this task. None of the numbers goes back.
    ///
    /// # Errors
    ///
    /// If the task was not spawned.
    pub fn gap_end(
        &mut self,
        at: Moment,
        polls: u64,
        ticks: u64,
        running: Option<TaskId>,
    ) -> Result<(), BuildError> {
        running.map_or(Ok(()), |task| self.check(task))?;
        self.read_on();
        let place = self.cursor.behind_gap(at, polls, ticks, running);
        self.writer.gap_end(&place);
        self.read_on();
        Ok(())
    }

    /// The number of a callback that was scheduled in a gap.
    pub fn gap_callback(&mut self) -> CallbackId {
        self.callbacks += 1;
        self.writer.gap_callback()
    }

    /// Writes an event that happened at this time, or at the time of the last event if that is
    /// later. The time that a poll took is computed: the `took` of the event is ignored.
    ///
    /// # Errors
    ///
    /// If the event is about a task that was not spawned, if a new task or callback does not have the
    /// next number, or if a text or a location is not of this builder.
    pub fn event(&mut self, at: Moment, event: &Event) -> Result<(), BuildError> {
        self.validate(event)?;
        let passed = at.since(self.cursor.now);
        let takes_time = matches!(
            event,
            Event::Task(TaskEvent::PollEnd { .. })
                | Event::Callback(CallbackEvent::End { .. })
                | Event::Loop(LoopEvent::Advance { .. })
        );
        if passed > Span::ZERO && !takes_time {
            self.writer.advance(passed.nanos(), Advance::Passed);
            self.read_on();
        }
        if let Some(actor) = self.actor_of(event) {
            self.writer.set_actor(actor);
        }
        self.write(event, passed);
        self.read_on();
        // A reader stops at a record that names what is not there.
        if self.cursor.offset() == self.bytes.len() {
            Ok(())
        } else {
            Err(BuildError::Undefined)
        }
    }

    /// Adds a location in an await chain: `outer` awaits it, or is unknown.
    pub fn frame(
        &mut self,
        file: TextId,
        line: u32,
        function: TextId,
        outer: LocationId,
    ) -> LocationId {
        self.writer.frame(file, line, function, outer)
    }

    /// Says what was seen of the poll that is open.
    pub fn poll_sample(&mut self, sample: PollSample) {
        self.writer.poll_sample(sample);
        self.read_on();
    }

    /// Says what causes the next events, where their order does not tell it.
    pub fn act_as(&mut self, actor: WokenBy) {
        if self.cursor.actor() != actor {
            self.writer.set_actor(actor);
            self.read_on();
        }
    }

    /// Takes the records that were written since the last call. The first call returns the
    /// beginning of the trace.
    pub fn take(&mut self) -> Vec<u8> {
        self.read_on();
        self.cursor.offset = 0;
        std::mem::take(&mut self.bytes)
    }

    /// Finishes the trace.
    pub fn finish(mut self, meta: Meta) -> Log {
        self.writer.drain_into(&mut self.bytes);
        Log {
            bytes: self.bytes,
            meta,
        }
    }

    fn check(&self, task: TaskId) -> Result<(), BuildError> {
        if task.0 < self.tasks() {
            Ok(())
        } else {
            Err(BuildError::NoTask(task))
        }
    }

    fn validate(&self, event: &Event) -> Result<(), BuildError> {
        match *event {
            Event::Task(TaskEvent::Spawn { task, parent, .. }) => {
                check_number(task.0, self.tasks())?;
                parent.map_or(Ok(()), |parent| self.check(parent))
            }
            Event::Task(TaskEvent::Wake { task, by, .. }) => {
                if let WokenBy::Task(by) = by {
                    self.check(by)?;
                }
                self.check(task)
            }
            Event::Task(
                TaskEvent::PollStart { task }
                | TaskEvent::PollEnd { task, .. }
                | TaskEvent::Wait { task, .. }
                | TaskEvent::Failed { task, .. }
                | TaskEvent::CancelRequested { task, .. }
                | TaskEvent::CancelDelivered { task },
            )
            | Event::Timer(TimerEvent::Set {
                task: Some(task), ..
            })
            | Event::Resource(ResourceEvent::Member { task, .. }) => self.check(task),
            Event::Task(TaskEvent::Joined { task, joined, .. }) => {
                self.check(joined)?;
                self.check(task)
            }
            Event::Callback(CallbackEvent::Scheduled { callback, .. }) => {
                check_number(callback.0, self.callbacks)
            }
            Event::Callback(CallbackEvent::Start { .. } | CallbackEvent::End { .. })
            | Event::Timer(
                TimerEvent::Set { task: None, .. }
                | TimerEvent::Fired { .. }
                | TimerEvent::Cancelled { .. },
            )
            | Event::Loop(_)
            | Event::Resource(
                ResourceEvent::Created { .. }
                | ResourceEvent::Op { .. }
                | ResourceEvent::Bytes { .. }
                | ResourceEvent::Dropped { .. },
            )
            | Event::Output { .. }
            | Event::Gap { .. } => Ok(()),
        }
    }

    /// The actor that has to be written before an event; `None` if a reader would assume it anyway.
    ///
    /// A reader takes the cause of a wake, a spawn and so on from the order of the events: mostly it
    /// is the task whose poll began last.
    fn actor_of(&self, event: &Event) -> Option<WokenBy> {
        let assumed = self.cursor.actor();
        match *event {
            Event::Task(TaskEvent::Wake { by, .. }) => Some(by).filter(|by| *by != assumed),
            Event::Task(TaskEvent::Spawn { parent, .. }) => {
                parent.map(WokenBy::Task).filter(|by| *by != assumed)
            }
            Event::Task(
                TaskEvent::PollEnd { task, .. }
                | TaskEvent::Wait { task, .. }
                | TaskEvent::Joined { task, .. }
                | TaskEvent::Failed { task, .. },
            ) => Some(WokenBy::Task(task)).filter(|_| self.cursor.polled() != task),
            Event::Timer(TimerEvent::Set { task, .. }) => {
                let actor = task.map_or(WokenBy::Unknown, WokenBy::Task);
                Some(actor).filter(|_| assumed.task() != task)
            }
            Event::Task(
                TaskEvent::PollStart { .. }
                | TaskEvent::CancelRequested { .. }
                | TaskEvent::CancelDelivered { .. },
            )
            | Event::Timer(TimerEvent::Fired { .. } | TimerEvent::Cancelled { .. })
            | Event::Loop(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => None,
        }
    }

    fn write(&mut self, event: &Event, passed: Span) {
        match *event {
            Event::Loop(event) => self.write_loop_event(event, passed),
            Event::Task(event) => self.write_task_event(event, passed),
            Event::Timer(event) => self.write_timer_event(event),
            Event::Resource(event) => self.write_resource_event(event),
            Event::Callback(event) => self.write_callback_event(event, passed),
            Event::Output { text, at } => self.writer.output_text_at(text, at),
            Event::Gap { events } => self.writer.gap(events),
        }
    }

    fn write_loop_event(&mut self, event: LoopEvent, passed: Span) {
        let to = &mut self.writer;
        match event {
            LoopEvent::TickStart => to.tick_start(),
            LoopEvent::Park { until } => {
                to.park(until.map(|until| until.since(self.cursor.now).nanos()));
            }
            LoopEvent::Advance { why, .. } => to.advance(passed.nanos(), why),
            LoopEvent::TimerPhase { due } => to.timers(due),
            LoopEvent::RunPhase { ready } => to.run(ready),
            LoopEvent::TickEnd => to.tick_end(),
            LoopEvent::End { outcome } => to.end(outcome),
        }
    }

    fn write_task_event(&mut self, event: TaskEvent, passed: Span) {
        let to = &mut self.writer;
        match event {
            TaskEvent::Spawn {
                name, at, parent, ..
            } => drop(to.spawn(name, at, parent.is_some())),
            TaskEvent::Wake { task, effect, .. } => to.wake(task, effect),
            TaskEvent::PollStart { task } => to.poll_start(task),
            TaskEvent::Wait {
                on,
                at,
                at_creation: true,
                also,
                ..
            } => to.wait_at_creation(on, at, also),
            TaskEvent::Wait { on, at, also, .. } => to.wait(on, at, also),
            TaskEvent::Joined { joined, at, .. } => to.joined(joined, at),
            TaskEvent::PollEnd { outcome, .. } => to.poll_end(outcome, passed.nanos()),
            TaskEvent::Failed { message, .. } => to.failed_text(message),
            TaskEvent::CancelRequested { task, dropped } => to.cancel_asked(task, dropped),
            TaskEvent::CancelDelivered { task } => to.cancel_delivered(task),
        }
    }

    fn write_timer_event(&mut self, event: TimerEvent) {
        let to = &mut self.writer;
        match event {
            TimerEvent::Set {
                timer, deadline, ..
            } => to.timer_set(timer, deadline.since(self.cursor.now).nanos()),
            TimerEvent::Fired { timer } => to.timer_fired(timer),
            TimerEvent::Cancelled { timer } => to.timer_cancelled(timer),
        }
    }

    fn write_resource_event(&mut self, event: ResourceEvent) {
        let to = &mut self.writer;
        match event {
            ResourceEvent::Created {
                resource,
                kind,
                name,
                at,
                limit,
                at_first_use: false,
            } => to.resource_new(resource, kind, name, at, limit),
            ResourceEvent::Created {
                resource,
                kind,
                name,
                at,
                limit,
                at_first_use: true,
            } => to.resource_first_used(resource, kind, name, at, limit),
            ResourceEvent::Op {
                resource,
                op,
                value,
            } => to.used(resource, op, value),
            ResourceEvent::Member { resource, task } => to.member(resource, task),
            ResourceEvent::Bytes { resource, text } => to.bytes_text(resource, text),
            ResourceEvent::Dropped { resource } => to.resource_dropped(resource),
        }
    }

    fn write_callback_event(&mut self, event: CallbackEvent, passed: Span) {
        let to = &mut self.writer;
        match event {
            CallbackEvent::Scheduled { name, .. } => {
                to.callback_scheduled(name);
                self.callbacks += 1;
            }
            CallbackEvent::Start { callback } => to.callback_start(callback),
            CallbackEvent::End { callback, .. } => to.callback_end(callback, passed.nanos()),
        }
    }

    /// Moves the cursor behind what was written.
    fn read_on(&mut self) {
        self.writer.drain_into(&mut self.bytes);
        while self.cursor.next_event(&self.bytes).is_some() {}
    }
}

fn check_number(found: u32, next: u32) -> Result<(), BuildError> {
    if found == next {
        Ok(())
    } else {
        Err(BuildError::Number { next, found })
    }
}
