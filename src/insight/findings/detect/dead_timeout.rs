//! `deadtimeout`: a limit that is due inside the poll of what it limits. It is a timer of the polled task itself,
//! or of a task that awaits the polled one.

use crate::replay::EventStep;
use crate::trace::{Span, Wait};

use super::{
    super::{claim::Claim, proof::Proof},
    harm::Harm,
    hold::HoldDetector,
    open_poll::OpenPoll,
};

impl HoldDetector {
    /// The timers of the polled task itself that were due inside the poll, and were cancelled
    /// because the work had finished.
    pub(super) fn dead_timeouts(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        took: Span,
    ) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (deadline, event) in std::mem::take(&mut self.cancelled) {
            let late = step.at().since(deadline);
            if deadline < poll.from || late < self.timeout {
                continue;
            }
            let (spot, also) = poll.spot(step);
            let proof = Proof::DeadTimeout { late, held: took };
            let claim = Claim::new(poll.task, spot, proof)
                .cost(late)
                .also([also])
                .evidence([poll.started, event, step.position()]);
            claims.push(claim);
        }
        claims
    }

    /// The tasks that await the polled one with a limit which was due inside the poll: a limit is the timer
    /// of a task that waits for another one.
    pub(super) fn guarded_work(
        &self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        took: Span,
        harm: &Harm,
    ) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (task, at, late) in harm
            .timers
            .iter()
            .filter(|(_, _, late)| *late >= self.timeout)
        {
            let row = task.and_then(|task| step.before.tasks.get(task));
            let waits = row.map(|row| row.wait);
            let is_awaited = if let Some(Wait::Join(joined)) = waits {
                Some(joined) == poll.task
            } else if let Some(Wait::All(group)) = waits {
                let mut members = step.before.members(group);
                members.any(|(member, _)| Some(member) == poll.task)
            } else {
                false
            };
            // The limit was due inside the poll, and not before it.
            if is_awaited && *late < took {
                let proof = Proof::DeadTimeout {
                    late: *late,
                    held: took,
                };
                let claim = Claim::new(poll.task, poll.spot(step).0, proof)
                    .cost(*late)
                    .also([*at])
                    .evidence([poll.started, step.position()]);
                claims.push(claim);
            }
        }
        claims
    }
}
