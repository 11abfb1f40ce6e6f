//! From events that were seen elsewhere to a trace.

use std::collections::HashMap;

use crate::trace::{
    Advance, CallbackEvent, Cursor, Event, LocationId, Log, LoopEvent, Meta, Moment, ResourceEvent,
    TaskEvent, TaskId, TextId, TimerEvent, WokenBy, Writer,
};

/// Why an event cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// It is about a task that is not there yet.
    #[error("task {} was not spawned before", .0.0)]
    NoTask(TaskId),
    /// Tasks and callbacks are numbered from 0, as they come.
    #[error("the next number is {next}, not {found}")]
    Number {
        /// The number that would be right.
        next: u32,
        /// The one that was given.
        found: u32,
    },
}

/// Writes a trace out of whole events, each with its moment and its actors.
///
/// A [`Writer`] writes what a loop does as it does it, and leaves out what the order says. Here nothing follows from the
/// order: a poll may begin before another one has ended, a wake may come from anybody. Where the order would say
/// something else, a record says who is at it. The cursor that will read the bytes goes along behind, and knows.
#[derive(Debug, Default)]
pub struct TraceBuilder {
    writer: Writer,
    bytes: Vec<u8>,
    cursor: Cursor,
    places: HashMap<(String, u32, u32), LocationId>,
    callbacks: u32,
}

impl TraceBuilder {
    /// A builder of an empty trace.
    pub fn new() -> TraceBuilder {
        TraceBuilder::default()
    }

    /// The moment of the last event.
    pub fn now(&self) -> Moment {
        self.cursor.now
    }

    /// How many tasks have been spawned: the number of the next one.
    pub fn tasks(&self) -> u32 {
        self.cursor.tasks()
    }

    /// How many callbacks have been scheduled.
    pub fn callbacks(&self) -> u32 {
        self.callbacks
    }

    /// How many events have been written.
    pub fn events(&self) -> u32 {
        self.writer.events()
    }

    /// A text that may come again.
    pub fn name(&mut self, text: &str) -> TextId {
        self.writer.intern(text)
    }

    /// A text that will not come again.
    pub fn text(&mut self, text: &str) -> TextId {
        self.writer.text(text)
    }

    /// A place in the source.
    pub fn place(&mut self, file: &str, line: u32, column: u32) -> LocationId {
        let key = (file.to_owned(), line, column);
        if let Some(&known) = self.places.get(&key) {
            return known;
        }
        let id = self.writer.location(file, line, column);
        self.places.insert(key, id);
        id
    }

    /// Gives a task another name.
    ///
    /// # Errors
    ///
    /// If there is no such task.
    pub fn rename(&mut self, task: TaskId, name: &str) -> Result<(), BuildError> {
        self.check(task)?;
        self.writer.name_task(task, name);
        Ok(())
    }

    /// Writes an event. A moment earlier than the last one counts as that; what a poll took follows from its end.
    ///
    /// # Errors
    ///
    /// If it is about a task that is not there, or a new one has a number out of turn.
    pub fn event(&mut self, at: Moment, event: &Event) -> Result<(), BuildError> {
        self.validate(event)?;
        let passed = at.since(self.cursor.now);
        let takes_time = matches!(
            event,
            Event::Task(TaskEvent::PollEnd { .. })
                | Event::Callback(CallbackEvent::End { .. })
                | Event::Loop(LoopEvent::Advance { .. })
        );
        if passed > 0 && !takes_time {
            self.writer.advance(passed, Advance::Passed);
            self.read_on();
        }
        if let Some(actor) = self.actor_of(event) {
            self.writer.set_actor(actor);
        }
        self.write(event, passed);
        self.read_on();
        Ok(())
    }

    /// The trace.
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
        let in_turn = |found: u32, next: u32| {
            if found == next {
                Ok(())
            } else {
                Err(BuildError::Number { next, found })
            }
        };
        match *event {
            Event::Task(TaskEvent::Spawn { task, parent, .. }) => {
                in_turn(task.0, self.tasks())?;
                parent.map_or(Ok(()), |parent| self.check(parent))
            }
            Event::Callback(CallbackEvent::Scheduled { callback, .. }) => {
                in_turn(callback.0, self.callbacks)
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
            | Event::Timer(TimerEvent::Set { task, .. }) => self.check(task),
            Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => Ok(()),
        }
    }

    /// Who has to be named before an event, as the order does not say it.
    fn actor_of(&self, event: &Event) -> Option<WokenBy> {
        let actor = self.cursor.actor();
        match *event {
            Event::Task(TaskEvent::Wake { by, .. }) => Some(by).filter(|by| *by != actor),
            Event::Task(TaskEvent::Spawn { parent, .. }) => {
                parent.map(WokenBy::Task).filter(|by| *by != actor)
            }
            Event::Task(
                TaskEvent::PollEnd { task, .. }
                | TaskEvent::Wait { task, .. }
                | TaskEvent::Failed { task, .. },
            )
            | Event::Timer(TimerEvent::Set { task, .. }) => {
                Some(WokenBy::Task(task)).filter(|_| self.cursor.polled() != task)
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => None,
        }
    }

    fn write(&mut self, event: &Event, passed: u64) {
        let to = &mut self.writer;
        match *event {
            Event::Loop(LoopEvent::TickStart) => to.tick_start(),
            Event::Loop(LoopEvent::Park { until }) => {
                to.park(until.map(|until| until.since(self.cursor.now)));
            }
            Event::Loop(LoopEvent::Advance { why, .. }) => to.advance(passed, why),
            Event::Loop(LoopEvent::TimerPhase { due }) => to.timers(due),
            Event::Loop(LoopEvent::RunPhase { ready }) => to.run(ready),
            Event::Loop(LoopEvent::TickEnd) => to.tick_end(),
            Event::Gap { events } => to.gap(events),
            Event::Loop(LoopEvent::End { outcome }) => to.end(outcome),
            Event::Output { text } => to.output_text(text),
            Event::Task(_) | Event::Timer(_) | Event::Resource(_) | Event::Callback(_) => {
                self.write_task(event, passed);
            }
        }
    }

    fn write_task(&mut self, event: &Event, passed: u64) {
        let to = &mut self.writer;
        match *event {
            Event::Task(TaskEvent::Spawn {
                name, at, parent, ..
            }) => drop(to.spawn(name, at, parent.is_some())),
            Event::Task(TaskEvent::Wake { task, effect, .. }) => to.wake(task, effect),
            Event::Task(TaskEvent::PollStart { task }) => to.poll_start(task),
            Event::Task(TaskEvent::Wait { on, at, also, .. }) => to.wait(on, at, also),
            Event::Task(TaskEvent::PollEnd { outcome, .. }) => to.poll_end(outcome, passed),
            Event::Task(TaskEvent::Failed { message, .. }) => to.failed_text(message),
            Event::Task(TaskEvent::CancelRequested { task, dropped }) => {
                to.cancel_asked(task, dropped);
            }
            Event::Task(TaskEvent::CancelDelivered { task }) => to.cancel_delivered(task),
            Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => self.write_thing(event, passed),
        }
    }

    fn write_thing(&mut self, event: &Event, passed: u64) {
        let to = &mut self.writer;
        match *event {
            Event::Timer(TimerEvent::Set {
                timer, deadline, ..
            }) => to.timer_set(timer, deadline.since(self.cursor.now)),
            Event::Timer(TimerEvent::Fired { timer }) => to.timer_fired(timer),
            Event::Timer(TimerEvent::Cancelled { timer }) => to.timer_cancelled(timer),
            Event::Resource(ResourceEvent::Created {
                resource,
                kind,
                name,
                at,
                limit,
            }) => to.resource_new(resource, kind, name, at, limit),
            Event::Resource(ResourceEvent::Op {
                resource,
                op,
                value,
            }) => to.used(resource, op, value),
            Event::Resource(ResourceEvent::Dropped { resource }) => to.resource_dropped(resource),
            Event::Callback(CallbackEvent::Scheduled { name, .. }) => {
                to.callback_scheduled(name);
                self.callbacks += 1;
            }
            Event::Callback(CallbackEvent::Start { callback }) => to.callback_start(callback),
            Event::Callback(CallbackEvent::End { callback, .. }) => {
                to.callback_end(callback, passed);
            }
            Event::Loop(_) | Event::Task(_) | Event::Output { .. } | Event::Gap { .. } => {}
        }
    }

    fn read_on(&mut self) {
        self.writer.drain_into(&mut self.bytes);
        while self.cursor.next_event(&self.bytes).is_some() {}
    }
}
