//! What happens to tasks between their polls: they are spawned, woken and cancelled.

use crate::replay::EventStep;
use crate::trace::{LocationId, Span, TaskEvent, TaskId, Wait, WakeEffect, WokenBy};

use super::{MAIN, Visitor, received_from, spawned, stuck};
use crate::insight::findings::claim::Spot;

/// How long a task has waited that gives up: less may be that of an attempt.
const GIVEN: Span = Span(50_000_000);

impl Visitor {
    #[inline]
    pub(super) fn task_event(&mut self, step: &EventStep<'_>, event: &TaskEvent) {
        match *event {
            TaskEvent::PollStart { task } => self.poll_started(step, task),
            TaskEvent::PollEnd { task, outcome, .. } => self.poll_ended(step, task, outcome),
            TaskEvent::Wake { task, by, effect } => self.woken(step, task, by, effect),
            TaskEvent::Wait {
                task,
                on,
                at,
                at_creation,
                also,
            } => {
                if let Wait::Join(joined) = on {
                    self.fate.awaited(step, joined);
                } else if let Some(channel) = received_from(on) {
                    self.guarded.waits_again(task, channel);
                    self.fair.waits(task, channel, at);
                } else if let Wait::Acquire(event) = on {
                    self.guarded.waits_again(task, event);
                    let spot = Spot::awaits(at, at_creation, on);
                    self.locks.asks(step.before, event, spot);
                } else if let Wait::Any(group) = on {
                    self.passed_over
                        .selects(step, task, group, at, &mut self.claims);
                }
                if let Wait::Operation(socket) = on {
                    self.peers.awaits(socket, Spot::awaits(at, at_creation, on));
                }
                self.limits.declares(step, task, on, also);
                self.declares(step, task, on, (at, at_creation));
                self.unpolled.declares(step, task, on, also);
                self.writes.waits(on);
            }
            TaskEvent::Joined { joined, .. } => self.fate.awaited(step, joined),
            TaskEvent::Spawn {
                task, at, parent, ..
            } => {
                self.poll.works();
                self.growth.spawned(step, at);
                self.lost.hands_on(step);
                self.nested.spawned(step, task, at, (parent, self.is_open));
                self.series.spawned(step, task, parent);
            }
            TaskEvent::Failed { task, message } => {
                self.fate.failed(step, &self.poll, task, message);
            }
            TaskEvent::CancelRequested { task, dropped } => {
                self.cancel_requested(step, task, dropped);
            }
            TaskEvent::CancelDelivered { .. } => {}
        }
    }

    /// The cancellation of a task is requested.
    fn cancel_requested(&mut self, step: &EventStep<'_>, task: TaskId, dropped: bool) {
        self.fate.cancel_requested(step, &self.uses, task, dropped);
        self.lost.cancel_requested(step, task);
        self.abandoned.cancel_requested(step, task);
        if !self.main_ended {
            let spawned = spawned(step.replay);
            self.growth
                .cancel_requested(step, task, spawned, &mut self.claims);
            self.gives_up(step, task);
            let only = (task != MAIN).then_some(task);
            self.peers.conclude(step.before, only, &mut self.claims);
        }
    }

    /// A task declares a wait while it may have an item in hand, or a part of one.
    #[inline]
    fn declares(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        on: Wait,
        (at, at_creation): (LocationId, bool),
    ) {
        self.lost.declares(task, on, (at, at_creation));
        self.abandoned
            .declares(step, task, on, at, &mut self.claims);
    }

    /// A task is woken, also one that is in the ready queue already.
    #[inline]
    fn woken(&mut self, step: &EventStep<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) {
        if self.poll.task != Some(task) {
            self.poll.progress += 1;
        }
        self.hold.woken(step, task, by, effect);
        self.retry.woken(step, task);
        self.unpolled.woken(step, task, by);
        if effect != WakeEffect::Enqueued {
            return;
        }
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        self.uses.woken(task, row.wait, by, step.position());
        self.abandoned.woken(step, (task, row.wait), by);
        self.handles.woken(step, row.wait);
        self.peers.woken(step, (task, row), by, &mut self.claims);
        self.herd.woken(step, task, row);
        self.pressure.woken(step, task, row);
        self.inversion.woken(step, task, row);
        if let Wait::Acquire(lock) = row.wait {
            self.locks.woken(task, lock);
        }
        if let WokenBy::Task(actor) = by {
            self.inversion
                .answered(step, &self.poll, (actor, task), &mut self.claims);
        }
    }

    /// What a task waits for does not come: its limit is reached, or it is cancelled.
    pub(super) fn gives_up(&mut self, step: &EventStep<'_>, task: TaskId) {
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        let limited = self.limits.of(step.before, task);
        let has_waited = step.at().since(row.since) >= GIVEN;
        if has_waited && (row.also == 0 || limited.is_some()) {
            let on = limited.map_or(row.wait, |limited| limited.on);
            let claims = &mut self.claims;
            self.locks.gives_up(step.before, on, claims);
            stuck::conclude_given_up(step.before, &self.uses, &self.limits, task, claims);
        }
    }
}
