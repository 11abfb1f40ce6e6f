//! What grows over a run: `unbounded` for the items of a channel, `taskleak` for the tasks of one
//! place.
//!
//! Both count arrivals: items that are put in, tasks that are spawned. The arrivals are divided into
//! windows, each twice as long as the one before, so that a run of any length has few of them. A
//! window keeps the lowest level before one of its arrivals, and how many departures it had. Growth is
//! proven by three windows in a row whose lowest levels rise, all of them with departures for a
//! channel: a channel that is filled first and read afterwards has none, and one that is drained
//! between two bursts has a lowest level near zero.
//!
//! On a busy machine each pause of a consumer is longer than the program asks for. If the loop has
//! continued too late for a tenth of the run in all, the growth of a channel is an info: it may be that
//! of this one run.
//!
//! A task that waits for I/O or for a timer does not count as leaked: a server has one for each open
//! connection.
//!
//! The tasks of a place may end together at last, for example when the connection is closed whose end
//! they wait for. So the place is judged when its first task ends, or when its first task is cancelled. That
//! is an info, because a program may intend it.

use crate::insight::id_map::{IdMap, IdSet};

use crate::replay::{EventStep, State, Status};
use crate::trace::{
    LocationId, Moment, Position, ResourceId, ResourceKind, ResourceOp, Span, TaskId, Wait,
};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    open_poll::OpenPoll,
};

/// A growing queue that is shorter is not worth a word.
const SHORT: u32 = 16;

/// The most tasks that are known to take items from one channel.
const TAKERS: usize = 64;

/// The most unfinished tasks that are looked at.
const SEARCHED: usize = 100_000;

/// The most places and channels that are kept.
const KEPT: usize = 4096;

/// The part of a run by which its loop continues too late, so that its consumers are too slow.
const OVERSLEPT: u64 = 10;

/// Looks for growth.
#[derive(Debug)]
pub(in crate::insight::findings) struct GrowthDetector {
    length: u64,
    tasks: u64,
    channels: IdMap<ResourceId, Growth>,
    places: IdMap<LocationId, Growth>,
    /// The places of which a task was cancelled.
    cancelled: IdSet<LocationId>,
    /// Until when the loop waits, and by how much it has continued too late in all.
    parked_until: Option<Moment>,
    overslept: Span,
}

/// A level that rises with arrivals and falls with departures.
#[derive(Clone, Debug)]
pub(super) struct Growth {
    pub(super) arrivals: u64,
    pub(super) level: u64,
    peak: u64,
    /// The tasks that have caused departures, and how many arrivals are their work.
    takers: Vec<TaskId>,
    fed_back: u64,
    has_departed: bool,
    windows: Vec<GrowthWindow>,
    /// The place of an arrival, and the task that made it.
    spot: Spot,
    pub(super) by: Option<TaskId>,
    pub(super) first: (Moment, Position),
    pub(super) last: (Moment, Position),
}

/// The arrivals from 2^n to 2^(n+1).
#[derive(Clone, Copy, Debug)]
struct GrowthWindow {
    lowest: u64,
    departures: u64,
}

impl Growth {
    pub(super) fn new(step: &EventStep<'_>, spot: Spot, by: Option<TaskId>) -> Growth {
        let first = (step.at(), step.position());
        Growth {
            arrivals: 0,
            level: 0,
            peak: 0,
            takers: Vec::new(),
            fed_back: 0,
            has_departed: false,
            windows: Vec::new(),
            spot,
            by,
            first,
            last: first,
        }
    }

    pub(super) fn arrives(&mut self, step: &EventStep<'_>) {
        self.arrivals += 1;
        if self.arrivals.is_power_of_two() {
            self.windows.push(GrowthWindow {
                lowest: self.level,
                departures: 0,
            });
        }
        if let Some(window) = self.windows.last_mut() {
            window.lowest = window.lowest.min(self.level);
        }
        self.level += 1;
        self.peak = self.peak.max(self.level);
        self.last = (step.at(), step.position());
    }

    pub(super) fn departs(&mut self) {
        self.has_departed = true;
        self.level = self.level.saturating_sub(1);
        if let Some(window) = self.windows.last_mut() {
            window.departures += 1;
        }
    }

    /// Whether the lowest level has risen from window to window, three times in a row. The last
    /// window may be incomplete.
    pub(super) fn has_grown(&self, with_departures: bool) -> bool {
        let Some([a, b, c]) = self.windows.last_chunk() else {
            return false;
        };
        let departs = |window: &GrowthWindow| window.departures > 0 || !with_departures;
        let rises = a.lowest < b.lowest && b.lowest < c.lowest;
        // Bursts that are nearly drained leave a few more each time, and are no growth.
        let lasts = b.lowest * 8 >= self.peak && c.lowest * 4 >= self.peak;
        rises && departs(a) && departs(b) && lasts
    }
}

impl GrowthDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> GrowthDetector {
        GrowthDetector {
            length: limits.count(Rule::Unbounded, "length"),
            tasks: limits.count(Rule::TaskLeak, "tasks"),
            channels: IdMap::default(),
            places: IdMap::default(),
            cancelled: IdSet::default(),
            parked_until: None,
            overslept: Span::ZERO,
        }
    }

    /// The loop begins to wait.
    #[inline]
    pub(in crate::insight::findings) fn parked(&mut self, until: Option<Moment>) {
        self.parked_until = until;
    }

    /// The loop has waited.
    #[inline]
    pub(in crate::insight::findings) fn waited(&mut self, step: &EventStep<'_>) {
        if let Some(until) = self.parked_until.take() {
            self.overslept += step.at().since(until);
        }
    }

    /// Whether the machine was too busy to say how fast a consumer is.
    fn is_slowed_down(&self, state: &State) -> bool {
        self.overslept.nanos() >= state.now().nanos() / OVERSLEPT
    }

    /// An item enters or leaves a channel.
    pub(in crate::insight::findings) fn item(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        channel: ResourceId,
        op: ResourceOp,
    ) {
        let Some(resource) = step.before.resource(channel) else {
            return;
        };
        if resource.limit != 0 || resource.kind != ResourceKind::Channel {
            return;
        }
        let running = step.before.running.task();
        if op == ResourceOp::Received {
            if let Some(growth) = self.channels.get_mut(&channel) {
                growth.departs();
                let is_new = |task: &TaskId| !growth.takers.contains(task);
                if growth.takers.len() < TAKERS
                    && let Some(task) = running.filter(is_new)
                {
                    growth.takers.push(task);
                }
            }
        } else if self.channels.len() < KEPT || self.channels.contains_key(&channel) {
            let new = || Growth::new(step, poll.spot(step).0, step.before.running.task());
            let growth = self.channels.entry(channel).or_insert_with(new);
            growth.arrives(step);
            growth.fed_back += u64::from(running.is_some_and(|by| growth.takers.contains(&by)));
        }
    }

    /// The channel exists no longer: says what it has done.
    pub(in crate::insight::findings) fn dropped(
        &mut self,
        state: &State,
        channel: ResourceId,
        claims: &mut Claims,
    ) {
        if let Some(growth) = self.channels.remove(&channel) {
            self.claim_channel(state, channel, &growth, claims);
        }
    }

    fn claim_channel(
        &self,
        state: &State,
        channel: ResourceId,
        growth: &Growth,
        claims: &mut Claims,
    ) {
        let Some(resource) = state.resource(channel) else {
            return;
        };
        // A list of work that the workers fill themselves grows as far as the work goes.
        let feeds_itself = growth.fed_back * 8 >= growth.arrivals * 7;
        let is_done = feeds_itself && growth.level == 0;
        if growth.peak < u64::from(SHORT) || !growth.has_grown(true) || is_done {
            return;
        }
        let severity = if growth.peak >= self.length && !self.is_slowed_down(state) {
            Severity::Warning
        } else {
            Severity::Info
        };
        let proof = Proof::Unbounded {
            channel: NamedResource::from_state(resource),
            peak: growth.peak,
            sent: growth.arrivals,
        };
        let claim = Claim::new(growth.by, Spot::exact(resource.at), proof)
            .severity(severity)
            .also([growth.spot.at])
            .evidence([growth.first.1, growth.last.1]);
        claims.push(claim);
    }

    pub(in crate::insight::findings) fn spawned(&mut self, step: &EventStep<'_>, at: LocationId) {
        if at != LocationId::UNKNOWN && (self.places.len() < KEPT || self.places.contains_key(&at))
        {
            let new = || Growth::new(step, Spot::exact(at), step.before.running.task());
            self.places.entry(at).or_insert_with(new).arrives(step);
        }
    }

    pub(in crate::insight::findings) fn ended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        spawned: impl Fn(TaskId) -> (LocationId, Moment),
        claims: &mut Claims,
    ) {
        let Some(info) = step.tables().task(task) else {
            return;
        };
        let Some(growth) = self.places.get(&info.at) else {
            return;
        };
        if !growth.has_departed && growth.level >= self.tasks {
            let since = growth.last.1;
            let leak = self.leak(step.before, since, &spawned, (info.at, growth));
            claims.extend_one(leak.map(released));
        }
        if let Some(growth) = self.places.get_mut(&info.at) {
            growth.departs();
        }
    }

    /// The cancellation of a task is requested. If it is the first one of many, all of them still wait.
    pub(in crate::insight::findings) fn cancel_requested(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        spawned: impl Fn(TaskId) -> (LocationId, Moment),
        claims: &mut Claims,
    ) {
        let (at, _) = spawned(task);
        if let Some(growth) = self.places.get(&at)
            && growth.level >= self.tasks
            && self.cancelled.insert(at)
        {
            let leak = self.leak(step.before, growth.last.1, &spawned, (at, growth));
            claims.extend_one(leak.map(|claim| claim.severity(Severity::Info)));
        }
    }

    /// What has grown up to a state, in which main has not ended, or ends in a poll that began at
    /// `since`.
    pub(in crate::insight::findings) fn conclude(
        &self,
        state: &State,
        since: Position,
        spawned: impl Fn(TaskId) -> (LocationId, Moment),
        claims: &mut Claims,
    ) {
        let mut channels: Vec<_> = self.channels.iter().collect();
        channels.sort_by_key(|(id, _)| **id);
        for (id, growth) in channels {
            self.claim_channel(state, *id, growth, claims);
        }
        self.leaks(state, since, spawned, claims);
    }

    fn leaks(
        &self,
        state: &State,
        since: Position,
        spawned: impl Fn(TaskId) -> (LocationId, Moment),
        claims: &mut Claims,
    ) {
        let mut places: Vec<_> = self.places.iter().collect();
        places.sort_by_key(|(at, _)| **at);
        for (at, growth) in places {
            claims.extend_one(self.leak(state, since, &spawned, (*at, growth)));
        }
    }

    /// The tasks of a place, if they have grown for a long time and wait for each other. Those that were
    /// woken after `since` have waited until then.
    fn leak(
        &self,
        state: &State,
        since: Position,
        spawned: impl Fn(TaskId) -> (LocationId, Moment),
        (at, growth): (LocationId, &Growth),
    ) -> Option<Claim> {
        let run = state.now().nanos();
        let spread = growth.last.0.since(growth.first.0).nanos();
        if growth.level < self.tasks || !growth.has_grown(false) || spread < run / 4 {
            return None;
        }
        let half = Moment(run / 2);
        let unfinished = state.tasks.unfinished().take(SEARCHED);
        let own = unfinished.filter(|(task, _)| spawned(*task).0 == at);
        let (mut stuck, mut others, mut old) = (0_u64, 0_u64, 0_u64);
        let mut example = None;
        for (task, row) in own {
            // Main has dropped what it held in its last poll, which wakes those that waited.
            let waited = row.status() == Status::Pending
                || (row.status() == Status::Ready && row.woken() > since);
            let waits = waited
                && matches!(
                    row.wait,
                    Wait::Receive(_)
                        | Wait::Send(_)
                        | Wait::Acquire(_)
                        | Wait::Join(_)
                        | Wait::Unknown
                );
            if waits {
                stuck += 1;
                old += u64::from(spawned(task).1 <= half);
                example = example.or(Some((task, row.wait_at)));
            } else {
                others += 1;
            }
        }
        if stuck < self.tasks || others * 4 > stuck || old * 5 < stuck {
            return None;
        }
        let proof = Proof::TaskLeak {
            unfinished: stuck,
            spawned: growth.arrivals,
            released: false,
        };
        let claim = Claim::new(example.map(|(task, _)| task), growth.spot, proof)
            .also(example.map(|(_, at)| at))
            .evidence([growth.first.1, growth.last.1]);
        Some(claim)
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.channels.clear();
        self.places.clear();
        self.cancelled.clear();
    }
}

/// The claim about tasks that have waited together and end now.
fn released(mut claim: Claim) -> Claim {
    if let Proof::TaskLeak { released, .. } = &mut claim.proof {
        *released = true;
    }
    claim.severity(Severity::Info)
}
