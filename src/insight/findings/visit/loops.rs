//! What the loop does, its timers and its callbacks.

use crate::replay::EventStep;
use crate::trace::{Advance, CallbackEvent, LoopEvent, TimerEvent};

use super::{Claims, OpenPoll, Visitor, stuck, waits_for_itself};

impl Visitor {
    pub(super) fn loop_event(&mut self, step: &EventStep<'_>, event: &LoopEvent) {
        match *event {
            LoopEvent::Park { until } => {
                self.hold.parked(until);
                self.growth.parked(until);
                self.hung.parked(step.before, &self.uses);
                if let Some(until) = until {
                    let known = (&self.uses, &self.limits, &self.locks);
                    self.guarded.parked(step, until, known);
                }
                if until.is_none() && self.idle.is_empty() {
                    self.note_idle(step);
                }
            }
            LoopEvent::RunPhase { .. } => self.hold.run_phase(step, &mut self.claims),
            LoopEvent::Advance { why, .. } => {
                self.poll.has_times = true;
                if why == Advance::Waited {
                    self.growth.waited(step);
                }
                self.hold.advanced(step, why, &mut self.claims);
            }
            LoopEvent::TickStart => self.hold.tick_starts(),
            LoopEvent::TimerPhase { .. } | LoopEvent::TickEnd | LoopEvent::End { .. } => {}
        }
    }

    /// The loop waits without a deadline: notes which tasks are stuck, if nothing could wake one.
    #[inline(never)]
    fn note_idle(&mut self, step: &EventStep<'_>) {
        stuck::conclude_idle(step.before, &self.uses, &mut self.idle);
        let is_over = !self.idle.is_empty();
        self.locks.conclude(step.before, is_over, &mut self.idle);
        if self.idle.is_empty() && waits_for_itself(step.before) {
            let mut claims = Claims::default();
            stuck::conclude_stalled(step.before, &self.uses, &mut claims);
            self.waiting = Some((step.at(), claims));
        }
    }

    pub(super) fn timer_event(&mut self, step: &EventStep<'_>, event: &TimerEvent) {
        match *event {
            TimerEvent::Set { task, deadline, .. } => {
                self.poll.works();
                if let Some(task) = task {
                    self.unpolled.timer_set(step, task, deadline);
                    self.lost.timer_set(step, task);
                }
            }
            TimerEvent::Fired { timer } => {
                self.guarded.timer_fired(step);
                self.late.timer_fired(step, timer, &mut self.claims);
                self.unpolled.timer_fired(step, timer);
                self.lost.timer_fired(step, timer, &self.limits);
                self.abandoned.timer_fired(step, timer, &self.limits);
                if let Some(task) = step.before.timer(timer).and_then(|timer| timer.task) {
                    self.gives_up(step, task);
                }
            }
            TimerEvent::Cancelled { timer } => {
                self.hold.timer_cancelled(step, &self.poll, timer);
                if let Some(timer) = step.before.timer(timer)
                    && let Some(task) = timer.task
                {
                    self.lost.timer_cancelled(task, timer.set);
                }
            }
        }
    }

    pub(super) fn callback_event(&mut self, step: &EventStep<'_>, event: &CallbackEvent) {
        match *event {
            CallbackEvent::Scheduled { callback, .. } => {
                self.poll.works();
                self.spin.scheduled(callback);
                self.hold.scheduled(step, callback);
            }
            CallbackEvent::Start { .. } => {
                self.poll = OpenPoll::of_callback(step);
                self.is_open = false;
                self.printed = false;
            }
            CallbackEvent::End { .. } => {
                self.hold.poll_ended(step, &self.poll, &mut self.claims);
                self.herd
                    .poll_ended(step, &self.poll, false, &mut self.claims);
            }
        }
    }
}
