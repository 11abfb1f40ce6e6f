//! `backpressure`: a bounded channel that is full for most of its time, and the sends that wait for it.
//!
//! For each bounded channel, two sums are kept: the time for which it was full, and the time for which
//! tasks waited to send. A channel is reported if it was full for the share of its time that the limit
//! says, and several sends waited.
//!
//! A full channel is what a bounded channel is for: the producer waits because it has nothing else to
//! do. That is an `info`. It is a warning if the wait holds up somebody else: while the sender waits
//! for room in the full channel, the receiver of another channel that it feeds waits for an item.

use crate::insight::id_map::IdMap;
use crate::replay::{EventStep, SlotTable, State, Status, TaskState};
use crate::trace::{
    LocationId, Moment, Position, ResourceId, ResourceKind, ResourceOp, Span, TaskId, Wait,
};

use super::super::{
    claim::{Claim, Claims, Nearness, Spot},
    limits::Limits,
    proof::{NamedResource, Proof},
    rule::{Rule, Severity},
};

/// The most channels, and the most tasks, that are kept.
const KEPT: usize = 65_536;

/// The most channels of one sender that are kept.
const FED: usize = 16;

/// Shorter waits, all together, are not worth a word.
const WAITED: Span = Span(100_000_000);

/// A send that waits for a shorter time delays no task.
const SLOW: Span = Span(20_000_000);

/// How many sends have to wait, and how many of them have to hold up others.
const TIMES: u64 = 3;

/// Looks for slow consumers.
#[derive(Debug)]
pub(in crate::insight::findings) struct PressureDetector {
    full: u64,
    channels: SlotTable<ChannelLoad>,
    /// The bounded channels that each task sends to.
    feeds: IdMap<TaskId, Vec<ResourceId>>,
    /// The last task that has suspended for an item of each channel.
    receivers: SlotTable<TaskId>,
    /// Where the receivers of bounded channels wait longest for something else than an item.
    slowest: IdMap<TaskId, (LocationId, Span)>,
}

/// How a bounded channel is used.
#[derive(Clone, Debug)]
struct ChannelLoad {
    since: Moment,
    full_since: Option<Moment>,
    full: Span,
    /// The sends that have waited: how many, for how long together, the longest one.
    waits: u64,
    waited: Span,
    longest: Span,
    sender: Option<TaskId>,
    sent_at: LocationId,
    receiver: Option<TaskId>,
    /// How many of the sends have held up the receiver of another channel, and one such receiver.
    held_up: u64,
    victim: Option<TaskId>,
    evidence: Vec<Position>,
    /// The task that has sent the last item, if `feeds` has the channel under it.
    feeder: Option<TaskId>,
}

impl PressureDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> PressureDetector {
        PressureDetector {
            full: limits.count(Rule::BackPressure, "full"),
            channels: SlotTable::default(),
            feeds: IdMap::default(),
            receivers: SlotTable::default(),
            slowest: IdMap::default(),
        }
    }

    /// A channel is created.
    pub(in crate::insight::findings) fn created(
        &mut self,
        step: &EventStep<'_>,
        channel: ResourceId,
        kind: ResourceKind,
        limit: u32,
    ) {
        self.receivers.remove(channel.index());
        if kind == ResourceKind::Channel && limit > 0 && self.channels.len() < KEPT {
            let load = ChannelLoad {
                since: step.at(),
                full_since: None,
                full: Span::ZERO,
                waits: 0,
                waited: Span::ZERO,
                longest: Span::ZERO,
                sender: None,
                sent_at: LocationId::UNKNOWN,
                receiver: None,
                held_up: 0,
                victim: None,
                evidence: Vec::new(),
                feeder: None,
            };
            self.channels.put(channel.index(), load);
        }
    }

    /// An item enters or leaves a channel, whose length is `value` then.
    #[inline]
    pub(in crate::insight::findings) fn item(
        &mut self,
        step: &EventStep<'_>,
        channel: ResourceId,
        op: ResourceOp,
        value: u32,
    ) {
        if self.channels.is_empty() {
            return;
        }
        let task = step.before.running.task();
        let mut load = self.channels.get_mut(channel.index());
        if op == ResourceOp::Sent
            && let Some(task) = task
            && load.as_ref().and_then(|load| load.feeder) != Some(task)
            && (self.feeds.len() < KEPT || self.feeds.contains_key(&task))
        {
            let fed = self.feeds.entry(task).or_default();
            if fed.len() < FED && !fed.contains(&channel) {
                fed.push(channel);
            }
            if let Some(load) = &mut load {
                load.feeder = Some(task);
            }
        }
        let Some(load) = load else {
            return;
        };
        if op == ResourceOp::Received
            && let Some(task) = task
            && load.receiver != Some(task)
        {
            load.receiver = Some(task);
            if self.slowest.len() < KEPT {
                let unknown = (LocationId::UNKNOWN, Span::ZERO);
                self.slowest.entry(task).or_insert(unknown);
            }
        }
        let limit = step
            .before
            .resource(channel)
            .map_or(u32::MAX, |known| known.limit);
        match load.full_since {
            None if value >= limit => load.full_since = Some(step.at()),
            Some(since) if value < limit => {
                load.full += step.at().since(since);
                load.full_since = None;
            }
            Some(_) | None => {}
        }
    }

    /// A task has suspended for an item.
    #[inline]
    pub(in crate::insight::findings) fn receives(&mut self, task: TaskId, channel: ResourceId) {
        if !self.channels.is_empty() {
            self.receivers.put(channel.index(), task);
        }
    }

    /// A suspended task enters the ready queue.
    #[inline]
    pub(in crate::insight::findings) fn woken(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        row: &TaskState,
    ) {
        if self.channels.is_empty() || row.polls() == 0 {
            return;
        }
        let time = step.at().since(row.since);
        if time > Span::ZERO {
            self.waited(step, task, row, time);
        }
    }

    fn waited(&mut self, step: &EventStep<'_>, task: TaskId, row: &TaskState, time: Span) {
        if let Wait::Send(channel) = row.wait {
            let hungry = self
                .hungry(step.before, task, channel)
                .filter(|_| time >= SLOW);
            if let Some(load) = self.channels.get_mut(channel.index()) {
                load.waits += 1;
                load.waited += time;
                if time >= load.longest {
                    load.longest = time;
                    load.sender = Some(task);
                    load.sent_at = row.wait_at;
                }
                load.held_up += u64::from(hungry.is_some());
                load.victim = load.victim.or(hungry);
                if load.evidence.len() < 8 {
                    load.evidence.push(step.position());
                }
            }
            return;
        }
        let takes = matches!(row.wait, Wait::Receive(_) | Wait::Yield);
        if !takes
            && time >= SLOW
            && let Some(slowest) = self.slowest.get_mut(&task)
            && time > slowest.1
        {
            *slowest = (row.wait_at, time);
        }
    }

    /// A task that waits for an item of another channel that this sender feeds.
    fn hungry(&self, state: &State, sender: TaskId, full: ResourceId) -> Option<TaskId> {
        let fed = self.feeds.get(&sender)?;
        fed.iter()
            .filter(|channel| **channel != full)
            .find_map(|channel| {
                let receiver = *self.receivers.get(channel.index())?;
                let row = state.tasks.get(receiver)?;
                let waits = row.wait == Wait::Receive(*channel) && row.status() == Status::Pending;
                let is_empty = state.resource(*channel)?.value == 0;
                (waits && is_empty && receiver != sender).then_some(receiver)
            })
    }

    /// A task has ended.
    pub(in crate::insight::findings) fn ended(&mut self, task: TaskId) {
        if !self.feeds.is_empty() {
            self.feeds.remove(&task);
        }
    }

    /// The channel exists no longer: says how it was used.
    pub(in crate::insight::findings) fn dropped(
        &mut self,
        state: &State,
        channel: ResourceId,
        claims: &mut Claims,
    ) {
        self.receivers.remove(channel.index());
        if let Some(load) = self.channels.take(channel.index()) {
            self.judge(state, channel, &load, claims);
        }
    }

    fn judge(&self, state: &State, channel: ResourceId, load: &ChannelLoad, claims: &mut Claims) {
        let now = state.now();
        let open = load.full_since.map_or(Span::ZERO, |since| now.since(since));
        let full = (load.full + open).nanos();
        let total = now.since(load.since).nanos();
        let is_full = full.saturating_mul(100) >= total.saturating_mul(self.full.max(1));
        let Some(resource) = state.resource(channel) else {
            return;
        };
        if load.waits < TIMES || load.waited < WAITED || !is_full || total == 0 {
            return;
        }
        let proof = Proof::BackPressure {
            channel: NamedResource::from_state(resource),
            full: full.saturating_mul(100) / total,
            waits: load.waits,
            victim: load.victim,
        };
        let sent = Spot::exact(load.sent_at);
        let slow = load.receiver.and_then(|task| self.slowest.get(&task));
        let slow = slow.filter(|(at, _)| *at != LocationId::UNKNOWN);
        let consumer = slow.map_or(
            Spot {
                at: resource.at,
                nearness: Nearness::Created,
            },
            |(at, _)| Spot::exact(*at),
        );
        let holds_up = load.held_up >= TIMES;
        let (task, severity) = if holds_up {
            (load.sender, Severity::Warning)
        } else {
            (load.receiver, Severity::Info)
        };
        // The finding is at the line of the task that it names.
        let is_sender = holds_up || slow.is_none();
        let spot = if is_sender && !sent.is_unknown() {
            sent
        } else {
            consumer
        };
        let claim = Claim::new(task, spot, proof)
            .severity(severity)
            .cost(load.waited)
            .also([sent.at, consumer.at, resource.at])
            .evidence(load.evidence.iter().copied());
        claims.push(claim);
    }

    /// The channels that exist at a state.
    pub(in crate::insight::findings) fn conclude(&self, state: &State, claims: &mut Claims) {
        for (id, load) in self.channels.iter() {
            self.judge(state, ResourceId(id), load, claims);
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.channels.clear();
        self.feeds.clear();
        self.receivers.clear();
        self.slowest.clear();
    }
}
