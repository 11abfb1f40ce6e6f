//! The polls of tasks: their beginning, their end, and what the task waits for from then on.

use crate::replay::{EventStep, TaskState};
use crate::trace::{PollOutcome, ResourceId, Span, TaskId, Wait};

use super::{Claims, MAIN, OpenPoll, Visitor, harm, spawned, stuck};

/// How long a loop that nothing known can wake has waited when it is stopped.
const WAITED: Span = Span(1_000_000_000);

impl Visitor {
    #[inline]
    pub(super) fn poll_started(&mut self, step: &EventStep<'_>, task: TaskId) {
        // The state forgets the outer task when a first inner one ends.
        if self.is_open && self.poll.task != Some(task) {
            self.outer.push(self.poll);
        }
        self.is_open = true;
        self.poll = OpenPoll::of_task(step, task);
        if let Some(ended) = self.limits.ended_wait(step.before, task) {
            self.poll.resumed = ended.at;
            self.poll.resumed_at_creation = ended.at_creation;
            self.poll.waited = ended.on;
        }
        self.guarded.polled();
        self.printed = false;
        self.lost.poll_started();
        self.spin.poll_started();
        self.nested.polled(task);
        self.late.poll_started(step, task, &mut self.claims);
        self.locks.resumed(step, task, &mut self.claims);
        self.series.resumed(step, &self.poll);
    }

    #[inline]
    pub(super) fn poll_ended(&mut self, step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) {
        let pending = outcome == PollOutcome::Pending;
        if !self.idle.is_empty()
            || self.waiting.is_some()
            || self.hung.has_found()
            || self.guarded.has_found()
        {
            self.poll_after_idle(step, task, outcome);
        }
        let claims = &mut self.claims;
        if self.poll.task == Some(task) {
            let nested = self.nested.is_inside(task) && {
                let delayed = harm::delayed_by(step, &self.poll);
                self.nested.held(step, &self.poll, delayed, claims)
            };
            if !nested {
                self.hold.poll_ended(step, &self.poll, claims);
            }
            self.lost.poll_ended(step, &self.poll, task, outcome);
            self.abandoned
                .poll_ended(step, task, self.poll.started, claims);
            self.locks.poll_ended(step, task, self.poll.started);
            self.late.poll_ended(step, &self.poll);
            self.spin.poll_ended(step, &self.poll, pending, claims);
            self.herd.poll_ended(step, &self.poll, pending, claims);
            self.unpolled.poll_ended(step, &self.poll, pending, claims);
        }
        if pending {
            self.suspended(step, task);
        } else {
            self.series.ended(task, claims);
            self.growth.ended(step, task, spawned(step.replay), claims);
            self.retry.ended(step, task, outcome, claims);
            self.nested.ended(step, task, claims);
            self.fair.ended(step, &self.uses, task, claims);
            self.passed_over.ended(task, claims);
            self.inversion.ended(step, task);
            self.pressure.ended(task);
            self.unpolled.ended(task);
            self.limits.ended(task);
            if task == MAIN {
                self.main_ends(step);
            }
        }
        let claims = &mut self.claims;
        self.fate
            .poll_ended(step, task, outcome, self.printed, claims);
        self.is_open = false;
        if let Some(outer) = self.outer.pop() {
            self.poll = outer;
            self.is_open = true;
        }
    }

    /// A poll ends after the loop seemed to wait for ever. If the task was not cancelled, something that
    /// is not recorded has woken it.
    fn poll_after_idle(&mut self, step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) {
        let row = step.before.tasks.get(task);
        let cancelled = row.is_some_and(TaskState::cancel_requested);
        let continues = match outcome {
            PollOutcome::Pending => !cancelled,
            PollOutcome::Ready => true,
            PollOutcome::Panicked | PollOutcome::Failed | PollOutcome::Cancelled => false,
        };
        if let Some(waiting) = self.waiting.take()
            && !continues
        {
            let waited = step.at().since(waiting.since);
            if waiting.beside_threads.is_some() {
                // Only who has stopped the program knows what its threads did.
                self.waiting = Some(waiting);
            } else if OpenPoll::is_virtual(step) || waited >= WAITED {
                self.idle.extend(&waiting.claims);
            }
        }
        self.guarded.poll_ended(outcome == PollOutcome::Pending);
        if continues {
            self.idle = Claims::default();
            self.hung.continues(task);
            self.guarded.continues(task);
        }
    }

    #[inline]
    fn suspended(&mut self, step: &EventStep<'_>, task: TaskId) {
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        if !row.phase.queued() {
            match row.wait {
                Wait::Acquire(lock) => {
                    self.locks.waits(step, (task, row), lock);
                    self.interval.waits(task, &self.poll);
                }
                Wait::Timer(timer) => {
                    self.fate.sleeps(task, row.wait_at);
                    if let Some(timer) = step.before.timer(timer) {
                        let (poll, sleeper) = (&self.poll, (task, row.wait_at));
                        self.interval
                            .sleeps(step, poll, sleeper, timer, &mut self.claims);
                    }
                }
                Wait::Receive(channel) => {
                    self.waits_for_item(step, (task, row), channel);
                    self.interval.waits(task, &self.poll);
                }
                Wait::Join(_) => self.nested.suspended(step, task, row),
                Wait::Unknown
                | Wait::Yield
                | Wait::Send(_)
                | Wait::Operation(_)
                | Wait::All(_)
                | Wait::Any(_) => {}
            }
            self.order.suspended(step, task, row.wait, row.wait_at);
            self.locks.suspended(step, task);
        } else if row.wait == Wait::Yield {
            self.interval.yields(step, task, &mut self.claims);
        }
        let (wait, at) = (row.wait, row.wait_at);
        self.series
            .suspended(step, task, wait, at, &mut self.claims);
    }

    /// A task comes back for the next item.
    fn waits_for_item(
        &mut self,
        step: &EventStep<'_>,
        (task, row): (TaskId, &TaskState),
        channel: ResourceId,
    ) {
        self.fate.hands_on(Some(task));
        self.inversion
            .comes_back(step, task, (channel, row.wait_at));
        self.pressure.receives(task, channel);
        if row.also == 0 {
            self.fair.waits_alone(task, channel);
        }
    }

    /// Main ends: the loop cancels all other tasks.
    fn main_ends(&mut self, step: &EventStep<'_>) {
        stuck::conclude(step.before, &self.uses, None, &mut self.claims);
        let is_server = |task| self.series.serves(task);
        self.fate
            .main_ends(step, &self.uses, is_server, &mut self.claims);
        self.locks.main_ends(step.before, &mut self.claims);
        let since = self.poll.started;
        self.peers.conclude(step.before, None, &mut self.claims);
        self.growth
            .conclude(step.before, since, spawned(step.replay), &mut self.claims);
        self.fair
            .conclude(step.before, &self.uses, true, &mut self.claims);
        self.inversion.conclude(step.before, &mut self.claims);
        self.pressure.conclude(step.before, &mut self.claims);
        self.handles
            .conclude(step.before, Some(since), &mut self.claims);
        self.main_ended = true;
    }
}
