//! Polls and callbacks: how each begins and ends, and what its task declares.

use crate::trace::{
    CallbackEvent, Event, LocationId, Moment, PollOutcome, PollSample, ResourceEvent, ResourceOp,
    Span, TaskEvent, TaskId, Wait, WakeEffect, WokenBy,
};

use super::{
    super::event::{StepOwner, WireWait},
    Converter, OpenOwner, OpenStep, Written,
};

/// A shorter step was not long, although the adapter has taken it for one.
const LONG: Span = Span(10_000_000);

/// Output that comes later in a step has a time of its own.
const LATER: Span = Span(1_000_000);

impl Converter {
    pub(super) fn begin_step(&mut self, index: usize, owner: StepOwner, time: Moment) -> Written {
        self.end_step(time)?;
        let owner = match owner {
            StepOwner::Task(task) => {
                self.fresh.remove(&task);
                OpenOwner::Task(self.task(task)?)
            }
            StepOwner::Callback(number) => match self.names.callbacks.remove(&number) {
                Some(callback) => OpenOwner::Callback(callback),
                // It was scheduled in a gap.
                None => return Ok(()),
            },
        };
        self.step = Some(OpenStep {
            owner,
            index: Some(index),
            wait: None,
            outcome: PollOutcome::Pending,
            is_cancelled: false,
            began: time,
            sample: None,
        });
        match owner {
            OpenOwner::Task(task) => {
                self.write_at(time, &Event::Task(TaskEvent::PollStart { task }))?;
                for (resource, value) in self.promised.remove(&task).unwrap_or_default() {
                    let op = ResourceOp::Acquired;
                    self.write(&Event::Resource(ResourceEvent::Op {
                        resource,
                        op,
                        value,
                    }))?;
                }
                self.deliver_cancel(task)
            }
            OpenOwner::Callback(callback) => {
                self.write_at(time, &Event::Callback(CallbackEvent::Start { callback }))
            }
        }
    }

    pub(super) fn end_step(&mut self, time: Moment) -> Written {
        let Some(step) = self.step.take() else {
            return Ok(());
        };
        let took = Span::ZERO;
        if let Some(sample) = step.sample
            && time.since(step.began) >= LONG
        {
            self.builder.poll_sample(sample);
        }
        match step.owner {
            OpenOwner::Callback(callback) => {
                self.names.wakers.remove(&callback);
                let event = CallbackEvent::End { callback, took };
                self.write_at(time, &Event::Callback(event))
            }
            OpenOwner::Task(task) => {
                if step.outcome == PollOutcome::Pending {
                    self.write_wait(task, step)?;
                }
                let outcome = step.outcome;
                let event = TaskEvent::PollEnd {
                    task,
                    outcome,
                    took,
                };
                self.write_at(time, &Event::Task(event))
            }
        }
    }

    pub(super) fn write_wait(&mut self, task: TaskId, step: OpenStep) -> Written {
        let (mut on, mut at) = step.wait.unwrap_or((Wait::Unknown, LocationId::UNKNOWN));
        if let Some((wait, place)) = self.notes.late.get(&step.index).copied() {
            (on, at) = (self.wait_of(wait)?, self.names.place(place)?);
        }
        self.write(&Event::Task(TaskEvent::Wait {
            task,
            on,
            at,
            at_creation: false,
            also: false,
        }))
    }

    pub(super) fn begin_eager(&mut self, index: usize, task: i64) -> Written {
        self.fresh.remove(&task);
        let task = self.task(task)?;
        self.outer.extend(self.step.take());
        self.step = Some(OpenStep {
            owner: OpenOwner::Task(task),
            index: Some(index),
            wait: None,
            outcome: PollOutcome::Pending,
            is_cancelled: false,
            began: self.builder.now(),
            sample: None,
        });
        self.write(&Event::Task(TaskEvent::PollStart { task }))
    }

    /// If an eager task's first step is under way, ends it and returns to the step around it.
    pub(super) fn end_eager(&mut self) -> Written {
        let Some(outer) = self.outer.pop() else {
            return Ok(());
        };
        self.end_step(self.builder.now())?;
        self.step = Some(outer);
        let actor = self.actor();
        self.builder.act_as(actor);
        Ok(())
    }

    pub(super) fn yield_step(&mut self, again: bool) -> Written {
        if again && let Some(OpenOwner::Task(task)) = self.step.map(|step| step.owner) {
            self.write(&Event::Task(TaskEvent::Wake {
                task,
                by: WokenBy::Task(task),
                effect: WakeEffect::Enqueued,
            }))?;
        }
        self.suspend((Wait::Yield, LocationId::UNKNOWN))
    }

    pub(super) fn suspend(&mut self, wait: (Wait, LocationId)) -> Written {
        if let Some(step) = &mut self.step {
            step.wait = Some(wait);
        }
        self.end_eager()
    }

    pub(super) fn done(&mut self, outcome: i64, text: i64) -> Written {
        let Some(OpenOwner::Task(task)) = self.step.map(|step| step.owner) else {
            return Ok(());
        };
        let outcome = match outcome {
            0 => PollOutcome::Ready,
            1 => {
                if !self.step.is_some_and(|step| step.is_cancelled) {
                    self.names.cancelled.insert(task);
                    self.deliver_cancel(task)?;
                }
                PollOutcome::Cancelled
            }
            _ => {
                let message = self.names.text(text)?;
                self.write(&Event::Task(TaskEvent::Failed { task, message }))?;
                PollOutcome::Failed
            }
        };
        if self.main == Some(task) {
            self.main_outcome = Some(outcome);
        }
        if let Some(step) = &mut self.step {
            step.outcome = outcome;
        }
        self.end_eager()
    }

    /// The cancellation of a task was requested, or is implied because the task was freed.
    pub(super) fn request_cancel(&mut self, task: i64, dropped: bool) -> Written {
        let task = self.task(task)?;
        self.names.cancelled.insert(task);
        self.main_cancels += u32::from(self.main == Some(task));
        self.write(&Event::Task(TaskEvent::CancelRequested { task, dropped }))
    }

    /// An unfinished task was freed, inside any step or between two: Python closes its coroutine, so
    /// it ends in a poll of its own within the step that is under way.
    pub(super) fn freed(&mut self, index: usize, task: i64) -> Written {
        self.request_cancel(task, true)?;
        self.begin_eager(index, task)?;
        self.done(1, -1)
    }

    /// The exception of a task that has failed is looked at: by the running task, or by a callback,
    /// for which main stands.
    pub(super) fn retrieved(&mut self, task: i64) -> Written {
        let joined = self.task(task)?;
        let task = match self.step.map(|step| step.owner) {
            Some(OpenOwner::Task(task)) => task,
            Some(OpenOwner::Callback(_)) | None => TaskId(0),
        };
        let at = LocationId::UNKNOWN;
        self.write(&Event::Task(TaskEvent::Joined { task, joined, at }))
    }

    /// A cancellation is thrown into the task whose step has begun. If no request was seen, the
    /// recording does not tell which task has made it.
    pub(super) fn throw(&mut self, task: i64) -> Written {
        let task = self.task(task)?;
        self.names.cancelled.insert(task);
        self.deliver_cancel(task)
    }

    /// Delivers the cancellation of the running task, if it was requested.
    fn deliver_cancel(&mut self, task: TaskId) -> Written {
        if !self.names.cancelled.remove(&task) {
            return Ok(());
        }
        if let Some(step) = &mut self.step {
            step.is_cancelled = true;
        }
        self.write(&Event::Task(TaskEvent::CancelDelivered { task }))
    }

    /// A line was printed. Its time is written only if it is much later than the beginning of the step.
    pub(super) fn output(&mut self, text: i64, place: i64, time: i64) -> Written {
        let (text, at) = (self.names.text(text)?, self.names.place(place)?);
        let now = self.builder.now();
        let own = (time >= 0).then(|| self.moment(time));
        let time = own.filter(|own| own.since(now) >= LATER).unwrap_or(now);
        self.write_at(time, &Event::Output { text, at })
    }

    /// Where the thread of the open step was, and for how long it has computed.
    pub(super) fn late(&mut self, place: i64, processor: i64) -> Written {
        let sample = PollSample {
            at: self.names.place(place)?,
            processor: u64::try_from(processor).ok().map(Span),
        };
        if let Some(step) = &mut self.step {
            step.sample = Some(sample);
        }
        Ok(())
    }

    /// A wait that was found in a later frame than the end of its poll.
    pub(super) fn late_wait(&mut self, task: i64, wait: WireWait, place: i64) -> Written {
        let (task, on) = (self.task(task)?, self.wait_of(wait)?);
        let at = self.names.place(place)?;
        self.write(&Event::Task(TaskEvent::Wait {
            task,
            on,
            at,
            at_creation: false,
            also: false,
        }))
    }
}
