//! `halfopen`: connections whose peer is gone or silent.
//!
//! * *The end is read again and again.* A read of no bytes says that the peer has closed its side.
//!   Each further read says the same at once.
//! * *Silence.* A task waits for bytes of a connection for longer than the limit, for most of the
//!   run, and to the end of it. Nothing limits the wait: the task has no timer. It is a warning if
//!   the main task waits for these bytes, by itself or through tasks that it joins, or if the last
//!   thing that the connection has seen is what this side has written: then the peer owes an answer.
//!   Otherwise it may be an idle connection of a server, and is an info, as is a silence that is a third
//!   shorter than the limit.
//! * *Silence that ends with the connection.* A task has read from a connection several times. Then nothing has
//!   come for most of the run, until its end was read, or something came at last: an info.

use std::time::Duration;

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, ResourceState, State, Status, TaskState};
use crate::trace::{
    Moment, Position, ResourceId, ResourceKind, ResourceOp, Span, TaskId, Wait, WokenBy,
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
use crate::insight::facts::{StuckReason, stuck_reason};

const MAIN: TaskId = TaskId(0);

/// The most unfinished tasks that are looked at.
const SEARCHED: usize = 4096;

/// How often a connection was read that is used, so that its silence is worth a word.
const USED: u64 = 4;

/// What has come less than this time ago has woken the task that runs.
const AT_ONCE: Span = Span(10_000_000);

/// Looks for connections without a peer.
#[derive(Debug)]
pub(in crate::insight::findings) struct PeerDetector {
    time: Span,
    ends: u64,
    streams: IdMap<ResourceId, StreamUse>,
}

/// What a connection has seen.
#[derive(Clone, Copy, Debug, Default)]
struct StreamUse {
    /// How often in a row its end was read, and the position after the first time.
    ends: u64,
    first: Position,
    /// The last operation was a write.
    wrote_last: bool,
    /// How often bytes were read, and when that was the last two times.
    reads: u64,
    read: [Moment; 2],
    /// Where a task has waited for it last.
    awaited: Option<Spot>,
}

impl StreamUse {
    fn has_read(&mut self, now: Moment) {
        self.reads += 1;
        self.read = [self.read[1], now];
    }

    /// For how long nothing had come when the end is read. An adapter does not see reads: there the end
    /// itself has woken the task a moment ago.
    fn silent(&self, now: Moment) -> Span {
        let last = now.since(self.read[1]);
        if last < AT_ONCE {
            now.since(self.read[0])
        } else {
            last
        }
    }
}

impl PeerDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> PeerDetector {
        PeerDetector {
            time: limits.span(Rule::HalfOpen, "time"),
            ends: limits.count(Rule::HalfOpen, "ends").max(2),
            streams: IdMap::default(),
        }
    }

    /// Bytes are read or written, or the end of a stream is read.
    #[inline]
    pub(in crate::insight::findings) fn moved(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        stream: ResourceId,
        op: ResourceOp,
        value: u32,
        claims: &mut Claims,
    ) {
        let known = self.streams.entry(stream).or_default();
        known.wrote_last = op == ResourceOp::Wrote;
        if op != ResourceOp::Read || value > 0 {
            known.ends = 0;
            if op == ResourceOp::Read {
                known.has_read(step.at());
            }
            return;
        }
        known.ends += 1;
        let silent = known.silent(step.at());
        let is_silent = known.ends == 1 && known.reads >= USED && silent >= self.time;
        if is_silent && silent.nanos() >= step.at().0 / 2 {
            ends_silently(step, stream, silent, claims);
        }
        if known.ends == 1 {
            known.first = step.position();
        }
        if known.ends == self.ends {
            let known = *known;
            reads_end(step, poll, stream, known, claims);
        }
    }

    /// A task waits for a socket.
    #[inline]
    pub(in crate::insight::findings) fn awaits(&mut self, stream: ResourceId, spot: Spot) {
        if let Some(known) = self.streams.get_mut(&stream)
            && !spot.is_unknown()
        {
            known.awaited = Some(spot);
        }
    }

    /// A task that waits for a socket is woken by a callback: an adapter has seen that something has come.
    #[inline]
    pub(in crate::insight::findings) fn woken(
        &mut self,
        step: &EventStep<'_>,
        (task, row): (TaskId, &TaskState),
        by: WokenBy,
        claims: &mut Claims,
    ) {
        if let (Wait::Operation(id), WokenBy::Callback(_)) = (row.wait, by)
            && let Some(resource) = step.before.resource(id)
            && resource.kind == ResourceKind::Stream
        {
            let known = self.streams.entry(id).or_default();
            let silent = step.at().since(row.since);
            let is_long = silent >= self.time && silent.nanos() >= step.at().0 / 2;
            if is_long && known.reads >= USED && !has_timer(step.before, task) {
                claims.push(silence(task, row, resource, silent).evidence([step.position()]));
            }
            known.has_read(step.at());
        }
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, stream: ResourceId) {
        self.streams.remove(&stream);
    }

    /// The reads that wait at a state which is the end of the run, or of what is known of it; of one
    /// task only if that task is about to be cancelled.
    pub(in crate::insight::findings) fn conclude(
        &self,
        state: &State,
        only: Option<TaskId>,
        claims: &mut Claims,
    ) {
        self.silent(state, state.now(), only, claims);
    }

    /// The reads that wait at the end of the trace, when nothing has happened for that long since.
    pub(in crate::insight::findings) fn conclude_after(
        &self,
        state: &State,
        quiet: Duration,
        claims: &mut Claims,
    ) {
        self.silent(state, state.now() + quiet, None, claims);
    }

    fn silent(&self, state: &State, now: Moment, only: Option<TaskId>, claims: &mut Claims) {
        let short = Span(self.time.nanos() * 2 / 3);
        if now.since(Moment::START) < short {
            return;
        }
        let one = only.and_then(|task| Some((task, state.tasks.get(task)?)));
        let all = state.tasks.unfinished().take(SEARCHED);
        let rows = all.filter(|_| only.is_none()).chain(one);
        for (task, row) in rows {
            let Some((id, resource)) = awaited_stream(state, row) else {
                continue;
            };
            let silent = now.since(row.since);
            let is_long = silent >= short && silent.nanos() >= now.nanos() / 2;
            if !is_long || has_timer(state, task) {
                continue;
            }
            let is_owed = self.streams.get(&id).is_some_and(|known| known.wrote_last);
            let is_harm = is_owed || main_waits_for(state, task);
            let severity = if is_harm && silent >= self.time {
                Severity::Warning
            } else {
                Severity::Info
            };
            let claim = silence(task, row, resource, silent).severity(severity);
            claims.push(claim.evidence([row.woken()]));
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.streams.clear();
    }
}

/// The connection for whose bytes alone a task waits.
pub(in crate::insight::findings) fn awaited_stream<'a>(
    state: &'a State,
    row: &TaskState,
) -> Option<(ResourceId, &'a ResourceState)> {
    let Wait::Operation(id) = row.wait else {
        return None;
    };
    let resource = state.resource(id)?;
    let reads = resource.in_flight == 0 || resource.in_flight_by_direction[0] > 0;
    let is_stream = resource.kind == ResourceKind::Stream && reads;
    let waits = row.status() == Status::Pending && row.also == 0;
    (is_stream && waits).then_some((id, resource))
}

/// Whether main is this task, or joins it, perhaps through others.
pub(in crate::insight::findings) fn main_waits_for(state: &State, task: TaskId) -> bool {
    let mut at = MAIN;
    for _ in 0..16 {
        if at == task {
            return true;
        }
        match stuck_reason(state, at) {
            StuckReason::Joins(other) => at = other,
            StuckReason::JoinsItself
            | StuckReason::HeldBy(..)
            | StuckReason::HoldsItself(_)
            | StuckReason::Full(_)
            | StuckReason::Empty(_)
            | StuckReason::NeverSet(_)
            | StuckReason::Unknown => return false,
        }
    }
    false
}

/// Claims that the peer has been silent until it has closed the connection.
#[inline(never)]
fn ends_silently(step: &EventStep<'_>, stream: ResourceId, silent: Span, claims: &mut Claims) {
    if let Some(task) = step.before.running.task()
        && let Some(row) = step.before.tasks.get(task)
        && row.wait == Wait::Operation(stream)
        && let Some(resource) = step.before.resource(stream)
    {
        claims.push(silence(task, row, resource, silent).evidence([step.position()]));
    }
}

/// The claim that a peer has been silent for that long, as an info.
fn silence(task: TaskId, row: &TaskState, resource: &ResourceState, silent: Span) -> Claim {
    let proof = Proof::HalfOpen {
        stream: NamedResource::from_state(resource),
        ends: 0,
        silent,
    };
    Claim::new(Some(task), Spot::of_wait(row), proof)
        .severity(Severity::Info)
        .cost(silent)
        .also([resource.at])
}

/// Whether a task has a timer, which may limit its wait.
fn has_timer(state: &State, task: TaskId) -> bool {
    state.timers.values().any(|timer| timer.task == Some(task))
}

/// Claims that a task reads the end of a stream again and again.
#[inline(never)]
fn reads_end(
    step: &EventStep<'_>,
    poll: &OpenPoll,
    stream: ResourceId,
    known: StreamUse,
    claims: &mut Claims,
) {
    let Some(resource) = step.before.resource(stream) else {
        return;
    };
    if resource.kind != ResourceKind::Stream {
        return;
    }
    let running = step.before.running.task();
    let row = running.and_then(|task| step.before.tasks.get(task));
    let waited = row.filter(|row| row.wait == Wait::Operation(stream));
    let spot = waited.map(Spot::of_wait).or(known.awaited);
    let spot = spot.unwrap_or_else(|| poll.spot(step).0);
    let proof = Proof::HalfOpen {
        stream: NamedResource::from_state(resource),
        ends: known.ends,
        silent: Span::ZERO,
    };
    let claim = Claim::new(running, spot, proof)
        .also([resource.at])
        .evidence([known.first, step.position()]);
    claims.push(claim);
}
