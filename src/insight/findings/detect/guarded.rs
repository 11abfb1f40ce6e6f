//! A loop that waits for nothing but timeouts.
//!
//! A program that hangs is often ended by a timeout around it, which cancels its tasks before the state
//! shows that they were stuck. When the loop begins to wait, and each timer is the limit of a task that
//! waits for something else, what is stuck is noted. It is claimed if a limit is reached before anything
//! else happens.

use crate::replay::{EventStep, State};
use crate::trace::{Moment, Span, TaskId, Wait};

use super::{
    super::{claim::Claims, hang::waits_inside},
    channels::ResourceUses,
    locks::LockDetector,
    stuck,
};

/// The most timers of a loop that waits for timeouts.
const LIMITS: usize = 8;

/// How long a loop waits that is stuck. A shorter limit may be that of an attempt.
const LONG: Span = Span(500_000_000);

/// What is stuck while the loop waits for timeouts.
#[derive(Debug, Default)]
pub(in crate::insight::findings) struct GuardedWait {
    /// Until when the loop waits, and what is claimed if it waits for so long.
    stuck: Option<(Moment, Claims)>,
}

impl GuardedWait {
    /// The loop begins to wait until a deadline.
    #[inline]
    pub(in crate::insight::findings) fn parked(
        &mut self,
        step: &EventStep<'_>,
        until: Moment,
        uses: &ResourceUses,
        locks: &LockDetector,
    ) {
        self.stuck = None;
        let timers = step.before.timers.len();
        if until.since(step.at()) >= LONG && timers <= LIMITS && has_limits_only(step.before) {
            let mut claims = Claims::default();
            stuck::conclude_guarded(step.before, uses, &mut claims);
            locks.conclude(step.before, &mut claims);
            self.stuck = (!claims.is_empty()).then_some((until, claims));
        }
    }

    /// A timer fires.
    pub(in crate::insight::findings) fn timer_fired(
        &mut self,
        step: &EventStep<'_>,
        claims: &mut Claims,
    ) {
        if let Some((until, stuck)) = self.stuck.take()
            && step.at() >= until
        {
            claims.extend(&stuck);
        }
    }

    /// A task is polled.
    #[inline]
    pub(in crate::insight::findings) fn continues(&mut self) {
        self.stuck = None;
    }
}

/// Whether each timer belongs to a task that waits for something else, and nothing outside of the
/// program can wake one.
fn has_limits_only(state: &State) -> bool {
    let is_limit = |task: TaskId| {
        let row = state.tasks.get(task);
        row.is_some_and(|row| match row.wait {
            Wait::Send(_)
            | Wait::Receive(_)
            | Wait::Acquire(_)
            | Wait::Join(_)
            | Wait::All(_)
            | Wait::Any(_) => true,
            Wait::Unknown | Wait::Yield | Wait::Timer(_) | Wait::Operation(_) => false,
        })
    };
    state.timers.values().all(|timer| is_limit(timer.task)) && waits_inside(state)
}
