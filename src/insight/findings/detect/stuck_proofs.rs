//! Claims what is wrong with the resources that stuck tasks wait for, as far as it is proven. A limit that
//! ends the wait of a task asks for more proof.

use crate::replay::TaskState;
use crate::trace::{ResourceId, ResourceKind, TaskId, Wait};

use super::{
    super::{
        claim::{CauseKey, Claim, Claims},
        rule::{Rule, Severity},
    },
    stuck::{SEARCHED, Stuck},
};

impl Stuck<'_> {
    /// Claims what is wrong with the resources that stuck tasks wait for. Nothing can run.
    pub(super) fn resources(&self, claims: &mut Claims) -> Vec<CauseKey> {
        let mut causes = Vec::new();
        let unfinished: Vec<(TaskId, &TaskState)> =
            self.state.tasks.unfinished().take(SEARCHED).collect();
        let pending = unfinished
            .iter()
            .filter(|(task, _)| self.waits_for_one(*task));
        for (task, row) in pending {
            let claim = self.claim(*task, row, &unfinished);
            if let Some(claim) = claim.filter(|claim| self.is_proven(claim)) {
                // The ends of one circle of channels are one finding.
                let same = causes.iter().find(|cause: &&CauseKey| {
                    claim.rule == Rule::ChanDeadlock && cause.rule == claim.rule
                });
                let claim = claim.follows(same.copied());
                let may_be_meant = claim.rule == Rule::LostWakeup
                    && !self.limited.is_empty()
                    && !self.is_ready(*task)
                    && !self.has_cleared(*task);
                let claim = if may_be_meant {
                    claim.severity(Severity::Info)
                } else {
                    claim
                };
                causes.push(claim.key());
                claims.push(claim);
            }
        }
        causes
    }

    /// Claims what is wrong with the resource that a stuck task waits for.
    pub(super) fn claim(
        &self,
        task: TaskId,
        row: &TaskState,
        unfinished: &[(TaskId, &TaskState)],
    ) -> Option<Claim> {
        self.has_happened(task, row)
            .or_else(|| self.channel(task, unfinished))
    }

    /// Whether a claim is proven although a limit will end a wait. A task that takes items until none has
    /// come for some time is healthy. One that has taken items, and whose end a task with a limit awaits,
    /// is not.
    fn is_proven(&self, claim: &Claim) -> bool {
        if self.limited.is_empty() {
            return true;
        }
        let Some(task) = claim.task else {
            return false;
        };
        if claim.rule == Rule::LostWakeup {
            let is_missed = self.came_late(task) && self.is_awaited_with_limit(task);
            return self.is_ready(task) || self.has_cleared(task) || is_missed;
        }
        if claim.rule != Rule::SenderAlive {
            return self.beside_limit(task).is_none();
        }
        let Some(Wait::Receive(channel)) = self.wait(task) else {
            return false;
        };
        let takes = self.uses.received_by(task).any(|taken| taken == channel);
        takes && (self.is_awaited_with_limit(task) || self.has_one_limit(task, channel))
    }

    /// Whether the limit of a task was set before the task took its last item of a channel, to which no
    /// other unfinished task has sent. A limit of its own for each item would be younger.
    fn has_one_limit(&self, task: TaskId, channel: ResourceId) -> bool {
        let limit = self.limits.and_then(|limits| limits.set(self.state, task));
        let (Some(limit), Some(known)) = (limit, self.uses.of(channel)) else {
            return false;
        };
        let is_left = |sender: &TaskId| {
            let row = self.row(*sender);
            *sender != task && row.is_some_and(|row| !row.status().ended())
        };
        known.last_taken.is_some_and(|taken| limit < taken) && !known.senders.iter().any(is_left)
    }

    /// Whether a task waits for an event that was set while no task waited for it, and that the task itself
    /// has cleared.
    fn has_cleared(&self, task: TaskId) -> bool {
        let Some(Wait::Acquire(id)) = self.wait(task) else {
            return false;
        };
        let known = self.uses.of(id);
        known.is_some_and(|known| {
            let is_unseen = known.set.is_some_and(|set| Some(set) > known.woken);
            is_unseen && known.cleared_by == Some(task)
        })
    }

    /// Whether the event that a task waits for has come before it waited for it, and not since: it was set and
    /// cleared, or has woken other tasks. A task that it has woken before may wait for the next one.
    pub(super) fn came_late(&self, task: TaskId) -> bool {
        let Some(Wait::Acquire(id)) = self.wait(task) else {
            return false;
        };
        let (Some(known), Some(row)) = (self.uses.of(id), self.row(task)) else {
            return false;
        };
        let last = known.set.max(known.woken);
        let resource = self.state.resource(id);
        resource.is_some_and(|resource| resource.kind == ResourceKind::Event)
            && !known.served.contains(&task)
            && last.is_some_and(|last| last < row.woken())
    }

    fn is_awaited_with_limit(&self, task: TaskId) -> bool {
        let awaits = |limited: &TaskId| match self.wait(*limited) {
            Some(Wait::Join(joined)) => joined == task,
            Some(Wait::All(group)) => {
                let mut members = self.state.members(group);
                members.any(|(member, _)| member == task)
            }
            Some(_) | None => false,
        };
        self.limited.iter().any(awaits)
    }

    /// Whether what a task waits for is ready now.
    fn is_ready(&self, task: TaskId) -> bool {
        let Some(Wait::Receive(id) | Wait::Acquire(id)) = self.wait(task) else {
            return false;
        };
        let resource = self.state.resource(id);
        resource.is_some_and(|resource| resource.value > 0 || resource.closed)
    }
}
