//! `handleleak`: handles of one place that are made over the whole run, idle and never released.
//!
//! A *handle* is a socket, a child process, or one end of a channel. The handles that exist of each
//! place are counted as in [`growth`](super::growth): their number has to rise from window to window.
//! A cause is proven if
//!
//! * the handles were made over a good part of the run, and not when a table was filled once, and the
//!   last one not long ago;
//! * three quarters of them are idle: for half of its life at once, a handle was not used, and no task has
//!   waited for it. What a channel is sent is no use of it, because a hub sends to a subscriber
//!   that has gone as well; what is taken out is.
//!
//! At its end, main releases what it holds, and cancels tasks that hold more. What it releases in its last
//! poll, and what cancelled tasks have released since the last handle was made, counts as not released.
//!
//! If many are released in one poll, such as with the object that had kept them, what has grown is looked at before.
//! A program may release them so on purpose: that is an info.
//!
//! Events, futures and locks are parts of other data more often than handles, so that they are an
//! `info`.

use crate::insight::id_map::{IdMap, IdSet};
use crate::replay::{EventStep, ResourceState, SlotTable, State, TaskState};
use crate::trace::{
    LocationId, Moment, Position, ResourceId, ResourceKind, ResourceOp, Span, TextId, Wait,
};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    growth::Growth,
};

/// From this number of handles of one place on, each of them is followed.
const FOLLOWED_FROM: u64 = 16;

/// The value of the close of a connection whose handle is released as well.
const RELEASED: u32 = 1;

/// The most handles that are followed, and the most places.
const FOLLOWED: usize = 65_536;

/// The most unfinished tasks that are looked at.
const SEARCHED: usize = 100_000;

/// Looks for handles that are not released.
#[derive(Debug)]
pub(in crate::insight::findings) struct HandleDetector {
    resources: u64,
    places: IdMap<LocationId, Growth>,
    handles: SlotTable<HandleUse>,
    /// Those that the open poll has released.
    released: Vec<HandleUse>,
    poll: Position,
    released_at: Moment,
    /// What had grown before a poll in which many were released.
    together: Claims,
    /// Those that cancelled tasks have released, or that were closed, if no handle was made since: at its end a
    /// program cancels the tasks that hold them.
    cancelled: Vec<HandleUse>,
}

/// How a handle is used.
#[derive(Clone, Copy, Debug)]
struct HandleUse {
    id: ResourceId,
    kind: ResourceKind,
    at: LocationId,
    created: Moment,
    used: Moment,
    /// The longest time between two uses.
    idle: Span,
}

impl HandleUse {
    fn is_used(&mut self, now: Moment) {
        self.idle = self.idle.max(now.since(self.used));
        self.used = now;
    }

    /// Whether it was idle for half of its life at once. At its end a program may use all handles.
    fn is_idle(&self, now: Moment) -> bool {
        let life = now.since(self.created).nanos();
        self.idle.max(now.since(self.used)).nanos() >= life / 2
    }
}

impl HandleDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> HandleDetector {
        HandleDetector {
            resources: limits.count(Rule::HandleLeak, "resources").max(1),
            places: IdMap::default(),
            handles: SlotTable::default(),
            released: Vec::new(),
            poll: Position::default(),
            released_at: Moment::START,
            together: Claims::default(),
            cancelled: Vec::new(),
        }
    }

    /// A resource is created.
    pub(in crate::insight::findings) fn created(
        &mut self,
        step: &EventStep<'_>,
        id: ResourceId,
        kind: ResourceKind,
        at: LocationId,
    ) {
        let is_known = self.places.contains_key(&at);
        if severity(kind).is_none()
            || at == LocationId::UNKNOWN
            || (self.places.len() >= FOLLOWED && !is_known)
        {
            return;
        }
        let by = step.before.running.task();
        let growth = self
            .places
            .entry(at)
            .or_insert_with(|| Growth::new(step, Spot::exact(at), by));
        growth.arrives(step);
        if growth.level >= FOLLOWED_FROM && self.handles.len() < FOLLOWED {
            let handle = HandleUse {
                id,
                kind,
                at,
                created: step.at(),
                used: step.at(),
                idle: Span::ZERO,
            };
            self.handles.put(id.index(), handle);
            self.cancelled.clear();
        }
    }

    /// A resource is used.
    #[inline]
    pub(in crate::insight::findings) fn used(
        &mut self,
        step: &EventStep<'_>,
        id: ResourceId,
        op: ResourceOp,
        value: u32,
    ) {
        if op == ResourceOp::Closed && value == RELEASED && !self.places.is_empty() {
            self.closed(step, id);
        }
        if !self.handles.is_empty()
            && !matches!(op, ResourceOp::Sent | ResourceOp::Closed)
            && let Some(handle) = self.handles.get_mut(id.index())
        {
            handle.is_used(step.at());
        }
    }

    /// A connection is closed, with its handle of the system. At its end a program closes all that it holds.
    fn closed(&mut self, step: &EventStep<'_>, id: ResourceId) {
        let known = step.before.resource(id);
        let is_first = |known: &&ResourceState| known.kind == ResourceKind::Stream && !known.closed;
        let Some(resource) = known.filter(is_first) else {
            return;
        };
        if let Some(growth) = self.places.get_mut(&resource.at) {
            growth.departs();
        }
        self.cancelled.extend(self.handles.take(id.index()));
    }

    /// A task is woken that has waited for a resource.
    #[inline]
    pub(in crate::insight::findings) fn woken(&mut self, step: &EventStep<'_>, wait: Wait) {
        if !self.handles.is_empty()
            && let Wait::Receive(id) | Wait::Operation(id) = wait
            && let Some(handle) = self.handles.get_mut(id.index())
        {
            handle.is_used(step.at());
        }
    }

    /// A resource is released, in the poll that began at `poll`.
    pub(in crate::insight::findings) fn dropped(
        &mut self,
        step: &EventStep<'_>,
        poll: Position,
        id: ResourceId,
    ) {
        let Some(resource) = step.before.resource(id) else {
            return;
        };
        let was_closed = resource.kind == ResourceKind::Stream && resource.closed;
        if severity(resource.kind).is_none() || was_closed {
            return;
        }
        if let Some(growth) = self.places.get_mut(&resource.at) {
            growth.departs();
        }
        if let Some(handle) = self.handles.take(id.index()) {
            if self.poll != poll {
                let together = self.released_together();
                self.together.push_all(together);
                self.released.clear();
                (self.poll, self.released_at) = (poll, step.at());
            }
            let row = step
                .before
                .running
                .task()
                .and_then(|task| step.before.tasks.get(task));
            if row.is_some_and(TaskState::cancel_requested) {
                self.cancelled.push(handle);
            } else {
                self.released.push(handle);
            }
        }
    }

    /// The claims about handles that one poll has released, as they were before.
    fn released_together(&self) -> Vec<Claim> {
        if (self.released.len() as u64) < self.resources {
            return Vec::new();
        }
        let mut handles: IdMap<LocationId, Vec<&HandleUse>> = IdMap::default();
        for handle in &self.released {
            handles.entry(handle.at).or_default().push(handle);
        }
        let mut places: Vec<_> = handles.into_iter().collect();
        places.sort_by_key(|(at, _)| *at);
        let waited = IdSet::default();
        let leak = |(at, own): (LocationId, Vec<&HandleUse>)| {
            let growth = self.places.get(&at)?;
            self.leak(at, growth, &own, (self.released_at, &waited))
        };
        let claims = places.into_iter().filter_map(leak);
        claims.map(|claim| claim.severity(Severity::Info)).collect()
    }

    /// What has grown up to a state, in which main has not ended, or ends in the poll that began at
    /// `poll`.
    pub(in crate::insight::findings) fn conclude(
        &self,
        state: &State,
        poll: Option<Position>,
        claims: &mut Claims,
    ) {
        let now = state.now();
        let released: &[HandleUse] = if poll == Some(self.poll) {
            &self.released
        } else {
            &[]
        };
        let mut handles: IdMap<LocationId, Vec<&HandleUse>> = IdMap::default();
        let cancelled: &[HandleUse] = if poll.is_some() { &self.cancelled } else { &[] };
        for handle in self.handles.values().chain(released).chain(cancelled) {
            handles.entry(handle.at).or_default().push(handle);
        }
        let mut places: Vec<(&LocationId, &Growth)> = self.places.iter().collect();
        places.sort_by_key(|(at, _)| **at);
        let waited = if handles.is_empty() {
            IdSet::default()
        } else {
            waited_for(state)
        };
        for (at, growth) in places {
            if let Some(own) = handles.get(at) {
                claims.extend_one(self.leak(*at, growth, own, (now, &waited)));
            }
        }
        claims.extend(&self.together);
        if poll != Some(self.poll) {
            claims.push_all(self.released_together());
        }
    }

    /// The claim about the handles of one place that exist at a time, of which tasks wait for some.
    fn leak(
        &self,
        at: LocationId,
        growth: &Growth,
        own: &[&HandleUse],
        (now, waited): (Moment, &IdSet<ResourceId>),
    ) -> Option<Claim> {
        let exist = own.len() as u64 + FOLLOWED_FROM - 1;
        let spread = growth.last.0.since(growth.first.0).nanos();
        let is_long = spread > 0 && spread >= now.nanos() / 4;
        let is_recent = now.since(growth.last.0).nanos() <= spread;
        let grows = growth.has_grown(false) && is_long && is_recent;
        if exist < self.resources || !grows {
            return None;
        }
        let idle = own
            .iter()
            .filter(|handle| handle.is_idle(now) && !waited.contains(&handle.id));
        if idle.count() * 4 < own.len() * 3 {
            return None;
        }
        let kind = own[0].kind;
        let proof = Proof::HandleLeak {
            resource: NamedResource {
                kind,
                name: TextId::UNKNOWN,
            },
            exist,
            made: growth.arrivals,
        };
        let claim = Claim::new(growth.by, Spot::exact(at), proof)
            .severity(severity(kind).unwrap_or(Severity::Info))
            .evidence([growth.first.1, growth.last.1]);
        Some(claim)
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, id: ResourceId) {
        self.handles.remove(id.index());
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.places.clear();
        self.handles.clear();
        self.released.clear();
        self.cancelled.clear();
        self.together = Claims::default();
    }
}

/// The resources for which tasks wait.
fn waited_for(state: &State) -> IdSet<ResourceId> {
    let rows = state.tasks.unfinished().take(SEARCHED);
    rows.filter_map(|(_, row)| match row.wait {
        Wait::Send(id) | Wait::Receive(id) | Wait::Acquire(id) | Wait::Operation(id) => Some(id),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Join(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    })
    .collect()
}

/// How bad a leak of such resources is; `None` if they are no handles.
fn severity(kind: ResourceKind) -> Option<Severity> {
    match kind {
        ResourceKind::Channel
        | ResourceKind::Listener
        | ResourceKind::Stream
        | ResourceKind::Io
        | ResourceKind::Child => Some(Severity::Warning),
        ResourceKind::Event | ResourceKind::Future | ResourceKind::Lock | ResourceKind::RwLock => {
            Some(Severity::Info)
        }
        ResourceKind::Semaphore
        | ResourceKind::Group
        | ResourceKind::Pool
        | ResourceKind::Foreign
        | ResourceKind::Value
        | ResourceKind::Scope
        | ResourceKind::Generator
        | ResourceKind::Barrier
        | ResourceKind::Cell
        | ResourceKind::Thread => None,
    }
}
