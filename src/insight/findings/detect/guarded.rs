//! A loop that waits for nothing but timeouts.
//!
//! A program that hangs is often ended by a timeout around it, which cancels its tasks before the state
//! shows that they were stuck:
//!
//! 1. When the loop begins to wait, and each timer is the limit of a task that waits for something else,
//!    what is stuck is noted.
//! 2. If a limit is reached before anything else happens, that is found.
//! 3. It is withdrawn if one of its tasks without a limit continues without being cancelled, or if a task
//!    with a limit waits for the same channel or event again.
//!
//! If nothing is known to be wrong with what the tasks wait for, the loop has done nothing until the limit
//! was reached, and nothing is known that could have ended the wait earlier. The program may have waited on
//! purpose, so that is an info.

use crate::replay::{EventStep, State, Status, TimerState};
use crate::trace::{Moment, ResourceId, Span, TaskId, Wait};

use super::{
    super::{
        claim::{Claim, Claims},
        hang::waits_for_nothing_outside,
        rule::Rule,
    },
    channels::ResourceUses,
    limited::LimitedWaits,
    locks::LockDetector,
    stuck,
    unfair::received_from,
};

/// The most timers of a loop that waits for timeouts.
const LIMITS: usize = 8;

/// How long a loop waits that is stuck. A shorter limit may be that of an attempt.
const LONG: Span = Span(500_000_000);

/// The length of a limit of which nothing is known that could end its wait earlier.
const STALLED: Span = Span(1_000_000_000);

/// The most claims that are kept.
const KEPT: usize = 256;

/// What is stuck while the loop waits for timeouts.
#[derive(Debug, Default)]
pub(in crate::insight::findings) struct GuardedWait {
    /// Until when the loop waits, and what is claimed if it waits for so long.
    stuck: Option<(Moment, Vec<FoundStuck>)>,
    /// What was stuck until a limit was reached.
    found: Vec<FoundStuck>,
}

/// A claim about a task that is stuck.
#[derive(Clone, Debug)]
struct FoundStuck {
    claim: Claim,
    /// The task, if it has no limit of its own.
    task: Option<TaskId>,
    /// The task with a limit that waits for a channel or an event, and that resource.
    limited: Option<(TaskId, ResourceId)>,
    /// The open poll of that task waits for the resource again. The first time, that is the wait itself,
    /// which ends with its limit.
    again: bool,
}

impl GuardedWait {
    /// The loop begins to wait until a deadline.
    #[inline]
    pub(in crate::insight::findings) fn parked(
        &mut self,
        step: &EventStep<'_>,
        until: Moment,
        known: (&ResourceUses, &LimitedWaits, &LockDetector),
    ) {
        self.stuck = None;
        let timers = step.before.timers.len();
        if until.since(step.at()) >= LONG
            && timers <= LIMITS
            && has_limits_only(step.before, known.1)
        {
            self.look(step.before, until, known);
        }
    }

    #[inline(never)]
    fn look(
        &mut self,
        state: &State,
        until: Moment,
        (uses, limits, locks): (&ResourceUses, &LimitedWaits, &LockDetector),
    ) {
        let mut claims = Claims::default();
        stuck::conclude_guarded(state, uses, limits, &mut claims);
        locks.conclude(state, false, &mut claims);
        if claims.is_empty() {
            locks.conclude_guarded(state, limits, &mut claims);
        }
        // The loop may be parked until somewhat later than the deadline.
        let timers = state.timers.values();
        let first = timers.min_by_key(|timer| timer.deadline);
        let is_long = |timer: &TimerState| timer.deadline.since(timer.set_at) >= STALLED;
        if claims.is_empty() && first.is_some_and(is_long) {
            stuck::conclude_guarded_stall(state, uses, limits, &mut claims);
        }
        let has_timer = |task: TaskId| {
            let mut timers = state.timers.values();
            timers.any(|timer| timer.task == Some(task))
        };
        let stuck = claims.into_merged().into_iter().map(|merged| {
            let claim = merged.worst;
            let limited = claim.task.filter(|task| has_timer(*task));
            let waits = limited.and_then(|task| {
                let beside = limits.of(state, task).map(|limit| limit.on);
                Some((task, beside.or(state.tasks.get(task).map(|row| row.wait))?))
            });
            FoundStuck {
                task: claim.task.filter(|_| limited.is_none()),
                limited: waits.and_then(|(task, on)| {
                    let may_be_again = matches!(claim.rule, Rule::SenderAlive | Rule::Stalled);
                    let resource = if let Wait::Acquire(event) = on {
                        Some(event)
                    } else {
                        received_from(on)
                    };
                    Some((task, resource.filter(|_| may_be_again)?))
                }),
                claim,
                again: false,
            }
        });
        let stuck: Vec<FoundStuck> = stuck.collect();
        self.stuck = (!stuck.is_empty()).then_some((until, stuck));
    }

    /// A timer fires.
    pub(in crate::insight::findings) fn timer_fired(&mut self, step: &EventStep<'_>) {
        if let Some((until, stuck)) = self.stuck.take()
            && step.at() >= until
            && self.found.len() + stuck.len() <= KEPT
        {
            self.found.extend(stuck);
        }
    }

    /// A task is polled.
    #[inline]
    pub(in crate::insight::findings) fn polled(&mut self) {
        self.stuck = None;
    }

    /// Whether a finding may have to be withdrawn.
    #[inline]
    pub(in crate::insight::findings) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// A task continues without being cancelled.
    pub(in crate::insight::findings) fn continues(&mut self, task: TaskId) {
        self.found.retain(|found| found.task != Some(task));
    }

    /// A task waits for a channel or an event.
    #[inline]
    pub(in crate::insight::findings) fn waits_again(&mut self, task: TaskId, resource: ResourceId) {
        for found in &mut self.found {
            found.again |= found.limited == Some((task, resource));
        }
    }

    /// A poll ends: a task that waits for the resource again, as far as is known, is not stuck.
    pub(in crate::insight::findings) fn poll_ended(&mut self, pending: bool) {
        self.found.retain(|found| !(pending && found.again));
        for found in &mut self.found {
            found.again = false;
        }
    }

    /// What was stuck until a limit was reached.
    pub(in crate::insight::findings) fn conclude(&self, claims: &mut Claims) {
        for found in &self.found {
            claims.push(found.claim.clone());
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        *self = GuardedWait::default();
    }
}

/// Whether each timer belongs to a task that waits for something else, and nothing outside of the
/// program can wake one.
fn has_limits_only(state: &State, limits: &LimitedWaits) -> bool {
    let is_limit = |task: TaskId| {
        let row = state.tasks.get(task);
        let waits = row.is_some_and(|row| match row.wait {
            Wait::Send(_)
            | Wait::Receive(_)
            | Wait::Acquire(_)
            | Wait::Join(_)
            | Wait::All(_)
            | Wait::Any(_) => true,
            Wait::Unknown | Wait::Yield | Wait::Timer(_) | Wait::Operation(_) => false,
        });
        waits || limits.of(state, task).is_some()
    };
    let mut unfinished = state.tasks.unfinished();
    state
        .timers
        .values()
        .all(|timer| timer.task.is_some_and(is_limit))
        && waits_for_nothing_outside(state)
        && unfinished
            .all(|(task, row)| row.status() == Status::Pending || limits.of(state, task).is_some())
}
