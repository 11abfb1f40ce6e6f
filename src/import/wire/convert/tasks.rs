//! Tasks, callbacks and timers: how each is created, and what puts it into the ready queue.

use crate::trace::{
    CallbackEvent, CallbackId, Event, LocationId, TaskEvent, TaskId, TextId, TimerEvent, TimerId,
    WakeEffect, WokenBy,
};

use super::{Converter, WireError, Written};

impl Converter {
    pub(super) fn spawn(&mut self, number: i64, name: i64, place: i64, parent: i64) -> Written {
        let task = TaskId(self.builder.tasks());
        let parent = self.names.tasks.get(&parent).copied();
        self.names.tasks.insert(number, task);
        self.fresh.insert(number);
        if !self.is_running {
            (self.main, self.main_outcome) = (Some(task), None);
        }
        let (name, at) = (self.names.text(name)?, self.names.place(place)?);
        self.write(&Event::Task(TaskEvent::Spawn {
            task,
            name,
            at,
            parent,
        }))
    }

    pub(super) fn rename(&mut self, task: i64, name: i64) -> Written {
        let (task, name) = (self.task(task)?, self.names.text(name)?);
        Ok(self.builder.rename_text(task, name)?)
    }

    /// A task; one that was created in a gap gets a row without a name.
    pub(super) fn task(&mut self, number: i64) -> Result<TaskId, WireError> {
        if let Some(task) = self.names.tasks.get(&number) {
            return Ok(*task);
        }
        let (name, at) = (TextId::UNKNOWN, LocationId::UNKNOWN);
        let task = self.builder.gap_task(name, at, None)?;
        self.names.tasks.insert(number, task);
        Ok(task)
    }

    pub(super) fn wake(&mut self, number: i64, by: WokenBy) -> Written {
        let task = self.task(number)?;
        if self.fresh.remove(&number) {
            return Ok(());
        }
        let effect = WakeEffect::Enqueued;
        self.write(&Event::Task(TaskEvent::Wake { task, by, effect }))
    }

    /// A callback enters the ready queue; `timer` is the one that was due for it. If the callback only
    /// wakes the task that waits for this timer, what it does is said to be done by the timer.
    pub(super) fn schedule(&mut self, number: i64, name: i64, timer: Option<TimerId>) -> Written {
        let callback = CallbackId(self.builder.callbacks());
        self.names.callbacks.insert(number, callback);
        let name = self.names.text(name)?;
        let waker = timer.filter(|_| self.names.waking.contains(&name));
        let wakers = waker.map(|timer| (callback, timer));
        self.names.wakers.extend(wakers);
        self.write(&Event::Callback(CallbackEvent::Scheduled {
            callback,
            name,
        }))
    }

    pub(super) fn set_timer(&mut self, number: i64, deadline: i64, task: i64) -> Written {
        let task = self.names.tasks.get(&task).copied();
        let deadline = self.moment(deadline).max(self.builder.now());
        let timer = self.names.new_timer(number);
        self.write(&Event::Timer(TimerEvent::Set {
            timer,
            task,
            deadline,
        }))
    }

    /// A timer was due. Returns the timer, unless it was set in a gap.
    pub(super) fn fire(&mut self, number: i64) -> Result<Option<TimerId>, WireError> {
        let timer = self.names.free_timer(number);
        if let Some(timer) = timer {
            self.write(&Event::Timer(TimerEvent::Fired { timer }))?;
        }
        Ok(timer)
    }
}
