//! `unfair`: a task takes items from one channel again and again, while another channel that it also
//! receives from has items.
//!
//! For each task that receives from several channels, a count per channel says how often in a row the
//! task has taken an item elsewhere while the channel had one. Two things make that a finding:
//!
//! * the preferred channel was *refilled* meanwhile, as often as the limit says; a burst that was
//!   there before, and drains, is a priority by design;
//! * the items were passed over for a long time, or for good, because the task or the run has ended.
//!
//! It is a warning only if the task never waits for the preferred channel alone. A task that does may
//! be taking one channel after the other on purpose.

use crate::insight::id_map::IdMap;
use crate::replay::{EventStep, SlotTable, State};
use crate::trace::{LocationId, Moment, Position, ResourceId, Span, TaskId, Wait};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    channels::ResourceUses,
    open_poll::OpenPoll,
};

/// The most channels of one task that are compared.
const SOURCES: usize = 8;

/// The most tasks that are followed.
const TASKS: usize = 65_536;

/// Items that are passed over for a shorter time and taken then are not worth a word.
const SHORT: Span = Span(100_000_000);

/// Items that are passed over for this long, and taken then, are harm.
const LONG: Span = Span(1_000_000_000);

/// Looks for channels that are passed over.
#[derive(Debug)]
pub(in crate::insight::findings) struct FairDetector {
    times: u64,
    /// The channels from which each task receives.
    tasks: SlotTable<Vec<Source>>,
    /// The tasks that receive from each channel.
    receivers: IdMap<ResourceId, Vec<TaskId>>,
    /// The last task that has received, if it has one channel: nothing is to be done for that one.
    single: Option<SingleSource>,
}

/// A channel from which a task receives.
#[derive(Clone, Copy, Debug)]
struct Source {
    channel: ResourceId,
    /// Where the task awaits its items.
    at: LocationId,
    /// The task waits for this channel and nothing else at times.
    is_alone: bool,
    passed: Option<PassedOver>,
}

/// A task that receives from one channel.
#[derive(Clone, Copy, Debug)]
struct SingleSource {
    task: TaskId,
    channel: ResourceId,
    is_alone: bool,
}

/// How a channel with items is passed over.
#[derive(Clone, Copy, Debug)]
struct PassedOver {
    rival: ResourceId,
    /// How many items the rival had got, and how many items were taken from the channel, before.
    rival_sent: u64,
    taken: u64,
    times: u64,
    since: Moment,
    first: Position,
    last: Position,
    spot: Spot,
}

/// Why the items of a channel are no longer passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PassedEnd {
    /// One was taken at last, or may still be.
    Open,
    /// The task, or the run, has ended.
    Never,
}

impl FairDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> FairDetector {
        FairDetector {
            times: limits.count(Rule::Unfair, "times").max(1),
            tasks: SlotTable::default(),
            receivers: IdMap::default(),
            single: None,
        }
    }

    /// A task declares that it waits for an item.
    pub(in crate::insight::findings) fn waits(
        &mut self,
        task: TaskId,
        channel: ResourceId,
        at: LocationId,
    ) {
        if let Some(source) = self.source(task, channel) {
            source.at = at;
        }
    }

    /// A task has suspended for an item of one channel and for nothing else.
    pub(in crate::insight::findings) fn waits_alone(&mut self, task: TaskId, channel: ResourceId) {
        if self
            .is_single(task, channel)
            .is_some_and(|single| single.is_alone)
        {
            return;
        }
        if let Some(source) = self.source(task, channel) {
            source.is_alone = true;
        }
    }

    #[inline]
    fn is_single(&self, task: TaskId, channel: ResourceId) -> Option<SingleSource> {
        let is_this = |single: &SingleSource| single.task == task && single.channel == channel;
        self.single.filter(is_this)
    }

    fn source(&mut self, task: TaskId, channel: ResourceId) -> Option<&mut Source> {
        if self.tasks.len() >= TASKS && self.tasks.get(task.index()).is_none() {
            return None;
        }
        let sources = self.tasks.get_or_fill(task.index(), Vec::new);
        let is_known = sources.iter().any(|known| known.channel == channel);
        if !is_known && sources.len() < SOURCES {
            sources.push(Source {
                channel,
                at: LocationId::UNKNOWN,
                is_alone: false,
                passed: None,
            });
            self.receivers.entry(channel).or_default().push(task);
            self.single = self.single.filter(|single| single.task != task);
        }
        sources.iter_mut().find(|known| known.channel == channel)
    }

    /// The running task takes an item, which `uses` contains already.
    #[inline]
    pub(in crate::insight::findings) fn received(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        uses: &ResourceUses,
        channel: ResourceId,
        claims: &mut Claims,
    ) {
        let Some(task) = step.before.running.task() else {
            return;
        };
        if self.is_single(task, channel).is_some() {
            return;
        }
        let is_alone = self
            .source(task, channel)
            .is_some_and(|source| source.is_alone);
        let count = self.tasks.get(task.index()).map_or(0, Vec::len);
        self.single = (count == 1).then_some(SingleSource {
            task,
            channel,
            is_alone,
        });
        if count > 1 {
            self.chosen(step, poll, uses, (task, channel), claims);
        }
    }

    /// A task that has several channels takes an item from one of them.
    #[inline(never)]
    fn chosen(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        uses: &ResourceUses,
        (task, channel): (TaskId, ResourceId),
        claims: &mut Claims,
    ) {
        let Some(sources) = self.tasks.get_mut(task.index()) else {
            return;
        };
        let mut served = None;
        for source in &mut *sources {
            if source.channel == channel {
                served = source.passed.take();
                continue;
            }
            let known = step.before.resource(source.channel);
            if known.is_none_or(|known| known.value == 0) {
                source.passed = None;
                continue;
            }
            let taken = uses.of(source.channel).map_or(0, |known| known.taken);
            let passed = source.passed.get_or_insert(PassedOver {
                rival: channel,
                rival_sent: uses.of(channel).map_or(0, |known| known.sent),
                taken,
                times: 0,
                since: step.at(),
                first: step.position(),
                last: step.position(),
                spot: poll.spot(step).0,
            });
            if passed.taken == taken {
                passed.times += 1;
                passed.last = step.position();
            } else {
                // Another task serves it.
                source.passed = None;
            }
        }
        if let Some(passed) = served {
            let ends = PassedEnd::Open;
            self.judge(
                (step.before, step.at()),
                uses,
                (task, channel),
                passed,
                ends,
                claims,
            );
        }
    }

    /// Claims that a channel was passed over, if it was long enough.
    fn judge(
        &self,
        (state, now): (&State, Moment),
        uses: &ResourceUses,
        (task, channel): (TaskId, ResourceId),
        passed: PassedOver,
        end: PassedEnd,
        claims: &mut Claims,
    ) {
        let sent = uses.of(passed.rival).map_or(0, |known| known.sent);
        let refilled = sent.saturating_sub(passed.rival_sent);
        let time = now.since(passed.since);
        let is_short = time < SHORT && end == PassedEnd::Open;
        if passed.times < self.times || refilled < self.times || is_short {
            return;
        }
        let (Some(passed_over), Some(rival)) = (
            NamedResource::of(state, channel),
            NamedResource::of(state, passed.rival),
        ) else {
            return;
        };
        let sources = self.tasks.get(task.index()).map_or(&[][..], Vec::as_slice);
        let of = |id: ResourceId| sources.iter().find(|source| source.channel == id);
        let is_choice = of(passed.rival).is_some_and(|source| !source.is_alone);
        let is_harm = is_choice && (time >= LONG || end == PassedEnd::Never);
        let at = |id: ResourceId| of(id).map_or(LocationId::UNKNOWN, |source| source.at);
        let awaited = [at(passed.rival), at(channel)];
        let known = awaited.into_iter().find(|at| *at != LocationId::UNKNOWN);
        let spot = known.map_or(passed.spot, Spot::exact);
        let proof = Proof::Unfair {
            passed_over,
            rival,
            times: passed.times,
            time,
        };
        let severity = if is_harm {
            Severity::Warning
        } else {
            Severity::Info
        };
        let claim = Claim::new(Some(task), spot, proof)
            .severity(severity)
            .cost(time)
            .also(awaited)
            .evidence([passed.first, passed.last]);
        claims.push(claim);
    }

    /// A task has ended: what it has passed over is never taken.
    pub(in crate::insight::findings) fn ended(
        &mut self,
        step: &EventStep<'_>,
        uses: &ResourceUses,
        task: TaskId,
        claims: &mut Claims,
    ) {
        self.single = self.single.filter(|single| single.task != task);
        if let Some(sources) = self.tasks.get(task.index()) {
            self.passed_by(
                (step.before, step.at()),
                uses,
                task,
                sources,
                PassedEnd::Never,
                claims,
            );
            for source in self.tasks.take(task.index()).unwrap_or_default() {
                if let Some(receivers) = self.receivers.get_mut(&source.channel) {
                    receivers.retain(|receiver| *receiver != task);
                }
            }
        }
    }

    fn passed_by(
        &self,
        now: (&State, Moment),
        uses: &ResourceUses,
        task: TaskId,
        sources: &[Source],
        end: PassedEnd,
        claims: &mut Claims,
    ) {
        for source in sources {
            let has_items = now
                .0
                .resource(source.channel)
                .is_some_and(|known| known.value > 0);
            let taken = uses.of(source.channel).map_or(0, |known| known.taken);
            let passed = source
                .passed
                .filter(|passed| passed.taken == taken && has_items);
            if let Some(passed) = passed {
                self.judge(now, uses, (task, source.channel), passed, end, claims);
            }
        }
    }

    /// What is passed over at a state; for good, if main ends there.
    pub(in crate::insight::findings) fn conclude(
        &self,
        state: &State,
        uses: &ResourceUses,
        main_ends: bool,
        claims: &mut Claims,
    ) {
        let end = if main_ends || state.outcome.is_some() {
            PassedEnd::Never
        } else {
            PassedEnd::Open
        };
        for (task, sources) in self.tasks.iter() {
            let now = (state, state.now());
            self.passed_by(now, uses, TaskId(task), sources, end, claims);
        }
    }

    /// A channel exists no longer: what was passed over in it, or for it, is never taken.
    pub(in crate::insight::findings) fn dropped(
        &self,
        step: &EventStep<'_>,
        uses: &ResourceUses,
        channel: ResourceId,
        claims: &mut Claims,
    ) {
        let now = (step.before, step.at());
        for task in self.receivers.get(&channel).map_or(&[][..], Vec::as_slice) {
            let sources = self.tasks.get(task.index()).map_or(&[][..], Vec::as_slice);
            let is_of = |source: &&Source| {
                let rival = source.passed.map(|passed| passed.rival);
                source.channel == channel || rival == Some(channel)
            };
            for source in sources.iter().filter(is_of) {
                let source = std::slice::from_ref(source);
                self.passed_by(now, uses, *task, source, PassedEnd::Never, claims);
            }
        }
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, channel: ResourceId) {
        for task in self.receivers.remove(&channel).unwrap_or_default() {
            if let Some(sources) = self.tasks.get_mut(task.index()) {
                sources.retain(|source| source.channel != channel);
                for source in sources {
                    source.passed = source.passed.filter(|passed| passed.rival != channel);
                }
            }
            self.single = self.single.filter(|single| single.task != task);
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.tasks.clear();
        self.receivers.clear();
        self.single = None;
    }
}

/// The channel of a wait for an item.
pub(in crate::insight::findings) fn received_from(wait: Wait) -> Option<ResourceId> {
    match wait {
        Wait::Receive(channel) => Some(channel),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Join(_)
        | Wait::Send(_)
        | Wait::Acquire(_)
        | Wait::Operation(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    }
}
