//! `unfair` for tasks: a select that handles one of the tasks that have ended, and leaves another one in the
//! set of the next select, again and again.
//!
//! Each wait for the first of a group of tasks is a *round*. A task that has ended before a round is passed
//! over by the round before. A round counts only if the group has a new member: then another task was taken
//! in place of this one. Without a new member the task that selects makes no progress, which is a `wakestorm`.

use crate::insight::id_map::IdMap;

use crate::replay::EventStep;
use crate::trace::{LocationId, Moment, Position, ResourceId, Span, TaskId};

use super::super::{
    claim::{Claim, Claims, Spot},
    limits::Limits,
    proof::Proof,
    rule::{Rule, Severity},
};

/// The most tasks that select, and the most members of a group that are compared.
const KEPT: usize = 1024;
const MEMBERS: usize = 16;

/// A task that is passed over for so long does harm.
const LONG: Span = Span(1_000_000_000);

/// Looks for tasks that have ended and are passed over.
#[derive(Debug)]
pub(in crate::insight::findings) struct PassedOverDetector {
    times: u64,
    selects: IdMap<TaskId, Select>,
}

/// The last round of a task that selects.
#[derive(Clone, Debug, Default)]
struct Select {
    members: Vec<TaskId>,
    passed: Vec<PassedTask>,
}

/// A task that has ended and was not taken since.
#[derive(Clone, Copy, Debug)]
struct PassedTask {
    task: TaskId,
    rounds: u64,
    since: Moment,
    until: Moment,
    first: Position,
    last: Position,
    at: LocationId,
}

impl PassedOverDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> PassedOverDetector {
        PassedOverDetector {
            times: limits.count(Rule::Unfair, "times").max(2),
            selects: IdMap::default(),
        }
    }

    /// A task waits for the first of a group.
    pub(in crate::insight::findings) fn selects(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        group: ResourceId,
        at: LocationId,
        claims: &mut Claims,
    ) {
        let group = step.before.members(group).take(MEMBERS + 1);
        let members: Vec<(TaskId, bool)> = group
            .map(|(member, row)| (member, row.status().ended()))
            .collect();
        let is_known = self.selects.contains_key(&task);
        if members.len() > MEMBERS || (!is_known && self.selects.len() >= KEPT) {
            return;
        }
        let select = self.selects.entry(task).or_default();
        let is_new = |(member, _): &(TaskId, bool)| !select.members.contains(member);
        let has_new = members.iter().any(is_new);
        let (kept, taken) = select
            .passed
            .iter()
            .partition(|passed| members.contains(&(passed.task, true)));
        select.passed = kept;
        for (member, _) in members.iter().filter(|(_, ended)| *ended && has_new) {
            match select
                .passed
                .iter_mut()
                .find(|passed| passed.task == *member)
            {
                Some(passed) => {
                    passed.rounds += 1;
                    (passed.until, passed.last) = (step.at(), step.position());
                }
                None => select.passed.push(PassedTask {
                    task: *member,
                    rounds: 1,
                    since: step.at(),
                    until: step.at(),
                    first: step.position(),
                    last: step.position(),
                    at,
                }),
            }
        }
        select.members = members.into_iter().map(|(member, _)| member).collect();
        let taken: Vec<PassedTask> = taken;
        for passed in taken {
            claims.extend_one(self.claim(task, &passed, true));
        }
    }

    fn claim(&self, task: TaskId, passed: &PassedTask, is_taken: bool) -> Option<Claim> {
        if passed.rounds < self.times {
            return None;
        }
        let time = passed.until.since(passed.since);
        let severity = if time >= LONG || !is_taken {
            Severity::Warning
        } else {
            Severity::Info
        };
        let proof = Proof::UnfairTask {
            passed_over: passed.task,
            times: passed.rounds,
            time,
        };
        let claim = Claim::new(Some(task), Spot::exact(passed.at), proof)
            .severity(severity)
            .cost(time)
            .evidence([passed.first, passed.last]);
        Some(claim)
    }

    /// The tasks that were passed over to the end.
    pub(in crate::insight::findings) fn conclude(&self, claims: &mut Claims) {
        let mut selects: Vec<(&TaskId, &Select)> = self.selects.iter().collect();
        selects.sort_by_key(|(task, _)| **task);
        for (task, select) in selects {
            for passed in &select.passed {
                claims.extend_one(self.claim(*task, passed, false));
            }
        }
    }

    pub(in crate::insight::findings) fn ended(&mut self, task: TaskId, claims: &mut Claims) {
        if let Some(select) = self.selects.remove(&task) {
            for passed in &select.passed {
                claims.extend_one(self.claim(task, passed, false));
            }
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.selects.clear();
    }
}
