//! What the loop does, its timers and its callbacks.

use crate::replay::EventStep;
use crate::trace::{Advance, CallbackEvent, LoopEvent, Span, TimerEvent};

use super::{Claims, OpenPoll, Visitor, Waiting, has_other_threads, stuck, waits_for_itself};

/// How long a loop has waited, without a deadline, when tasks that wait for each other are looked for although
/// I/O may wake others.
const LONG: Span = Span(1_000_000_000);

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
            LoopEvent::Advance { by, why } => {
                self.poll.has_times = true;
                if why == Advance::Waited {
                    self.growth.waited(step);
                    if by >= LONG && self.idle.is_empty() {
                        stuck::conclude_circles(step.before, &self.uses, &mut self.idle);
                    }
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
            let beside_threads = has_other_threads(step.before).then(|| {
                let mut claims = Claims::default();
                stuck::conclude_idle_beside_threads(step.before, &self.uses, &mut claims);
                claims
            });
            self.waiting = Some(Waiting {
                since: step.at(),
                after_main: self.main_ended,
                claims,
                beside_threads,
            });
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
                if let Some(timer) = step.before.timer(timer)
                    && let Some(task) = timer.task
                {
                    self.locks.timer_fired(step, task, timer.set);
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
            CallbackEvent::Scheduled { callback, name } => {
                self.poll.works();
                self.late.scheduled(step, &self.poll, name);
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
                self.late.callback_ended(step, &self.poll);
                self.herd
                    .poll_ended(step, &self.poll, false, &mut self.claims);
            }
        }
    }
}
