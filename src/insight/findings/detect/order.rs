//! `ordering`: results that come in another order than their tasks were spawned in.
//!
//! Two sources give results as they come: a wait for the first of several tasks, and a channel into
//! which each of several tasks of one place puts one item for the task that has spawned them. If the
//! order differs, a consumer that pairs the results with its requests by their positions pairs the
//! wrong ones. Whether it does is not recorded, so the finding is an info.

use std::collections::HashMap;

use crate::replay::{EventStep, SlotTable, State};
use crate::trace::{LocationId, Moment, ResourceId, ResourceOp, TaskId, Wait};

use super::super::{
    claim::{Claim, Claims, Spot},
    limits::Limits,
    proof::{NamedResource, Proof},
    rule::{Rule, Severity},
};

/// The most consumers and channels that are kept.
const KEPT: usize = 4096;

/// The most results of one consumer that are compared.
const RESULTS: usize = 64;

/// Looks for results in another order.
#[derive(Debug)]
pub(in crate::insight::findings) struct OrderDetector {
    results: u64,
    /// By consumer and place: the tasks of which it awaits the first.
    awaited: HashMap<(TaskId, LocationId), Vec<TaskId>>,
    channels: SlotTable<Results>,
}

/// The items of a channel.
#[derive(Clone, Debug)]
struct Results {
    named: NamedResource,
    /// Each sender, in the order of the items; `None` if that is no fan-in of single results.
    senders: Option<Vec<TaskId>>,
    /// The task that takes them out, and where it waits for them.
    taken: Option<(TaskId, LocationId)>,
}

impl OrderDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> OrderDetector {
        OrderDetector {
            results: limits.count(Rule::Ordering, "results").max(2),
            awaited: HashMap::new(),
            channels: SlotTable::default(),
        }
    }

    /// A task suspends.
    #[inline]
    pub(in crate::insight::findings) fn suspended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        wait: Wait,
        at: LocationId,
    ) {
        match wait {
            Wait::Any(group) if self.awaited.len() < KEPT => {
                let known = self.awaited.entry((task, at)).or_default();
                for (member, _) in step.before.members(group) {
                    if known.len() < RESULTS && !known.contains(&member) {
                        known.push(member);
                    }
                }
            }
            Wait::Receive(channel) => {
                if let Some(results) = self.channels.get_mut(channel.index()) {
                    results.taken.get_or_insert((task, at));
                }
            }
            Wait::Unknown
            | Wait::Yield
            | Wait::Timer(_)
            | Wait::Join(_)
            | Wait::Send(_)
            | Wait::Acquire(_)
            | Wait::Operation(_)
            | Wait::All(_)
            | Wait::Any(_) => {}
        }
    }

    /// An item is put into a channel.
    #[inline]
    pub(in crate::insight::findings) fn sent(
        &mut self,
        step: &EventStep<'_>,
        channel: ResourceId,
        op: ResourceOp,
    ) {
        let Some(task) = step
            .before
            .running
            .task()
            .filter(|_| op == ResourceOp::Sent)
        else {
            return;
        };
        let known = self.channels.get(channel.index());
        match known.map(|results| results.senders.is_some()) {
            Some(false) => return,
            None if self.channels.len() >= KEPT => return,
            Some(true) | None => {}
        }
        let Some(named) = NamedResource::of(step.before, channel) else {
            return;
        };
        let new = || Results {
            named,
            senders: Some(Vec::new()),
            taken: None,
        };
        let results = self.channels.get_or_fill(channel.index(), new);
        let Some(senders) = &mut results.senders else {
            return;
        };
        let origin = |task: TaskId| {
            let info = step.tables().task(task);
            info.map(|info| (info.parent, info.at))
        };
        let is_alike = senders
            .first()
            .is_none_or(|first| origin(*first) == origin(task));
        if senders.contains(&task) || !is_alike || senders.len() >= RESULTS {
            results.senders = None;
        } else {
            senders.push(task);
        }
    }

    /// The channel exists no longer: says what it has done.
    pub(in crate::insight::findings) fn dropped(
        &mut self,
        step: &EventStep<'_>,
        channel: ResourceId,
        claims: &mut Claims,
    ) {
        if let Some(results) = self.channels.take(channel.index()) {
            let parent = |task| step.tables().task(task).and_then(|info| info.parent);
            claims.extend_one(self.fan_in(&results, parent));
        }
    }

    fn fan_in(
        &self,
        results: &Results,
        parent: impl Fn(TaskId) -> Option<TaskId>,
    ) -> Option<Claim> {
        let senders = results.senders.as_ref()?;
        let (consumer, at) = results.taken?;
        let is_own = senders
            .first()
            .is_some_and(|first| parent(*first) == Some(consumer));
        let named = Some(results.named);
        let is_other = is_own && is_other_order(senders);
        is_other
            .then(|| self.claim(consumer, at, senders, named))
            .flatten()
    }

    fn claim(
        &self,
        consumer: TaskId,
        at: LocationId,
        order: &[TaskId],
        from: Option<NamedResource>,
    ) -> Option<Claim> {
        if (order.len() as u64) < self.results {
            return None;
        }
        let proof = Proof::Ordering {
            results: order.len() as u64,
            from,
        };
        let claim = Claim::new(Some(consumer), Spot::exact(at), proof);
        Some(claim.severity(Severity::Info))
    }

    pub(in crate::insight::findings) fn conclude(
        &self,
        state: &State,
        parent: impl Fn(TaskId) -> Option<TaskId>,
        claims: &mut Claims,
    ) {
        let mut awaited: Vec<_> = self.awaited.iter().collect();
        awaited.sort_by_key(|(key, _)| **key);
        for ((consumer, at), members) in awaited {
            let ended = members.iter().filter_map(|task| {
                let row = state.tasks.get(*task)?;
                row.status().ended().then_some((row.since, *task))
            });
            let mut ended: Vec<(Moment, TaskId)> = ended.collect();
            ended.sort_unstable();
            let order: Vec<TaskId> = ended.into_iter().map(|(_, task)| task).collect();
            if is_other_order(&order) {
                claims.extend_one(self.claim(*consumer, *at, &order, None));
            }
        }
        for results in self.channels.values() {
            claims.extend_one(self.fan_in(results, &parent));
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.awaited.clear();
        self.channels.clear();
    }
}

/// Whether tasks are not in the order of their spawns.
fn is_other_order(tasks: &[TaskId]) -> bool {
    tasks.windows(2).any(|pair| pair[0] > pair[1])
}
