//! `halfopen`: connections whose peer is gone or silent.
//!
//! * *The end is read again and again.* A read of no bytes says that the peer has closed its side.
//!   Each further read says the same at once.
//! * *Silence.* A task waits for bytes of a connection for longer than the limit, for most of the
//!   run, and to the end of it. Nothing limits the wait: the task has no timer. It is a warning if
//!   the main task waits for these bytes, by itself or through tasks that it joins, or if the last
//!   thing that the connection has seen is what this side has written: then the peer owes an answer.
//!   Otherwise it may be an idle connection of a server, and is an info.

use std::time::Duration;

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, ResourceState, State, Status, TaskState};
use crate::trace::{Moment, Position, ResourceId, ResourceKind, ResourceOp, Span, TaskId, Wait};

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
            return;
        }
        known.ends += 1;
        if known.ends == 1 {
            known.first = step.position();
        }
        if known.ends == self.ends {
            let known = *known;
            reads_end(step, poll, stream, known, claims);
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
        if now.since(Moment::START) < self.time {
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
            let is_long = silent >= self.time && silent.nanos() >= now.nanos() / 2;
            let has_timer = || state.timers.values().any(|timer| timer.task == Some(task));
            if !is_long || has_timer() {
                continue;
            }
            let is_owed = self.streams.get(&id).is_some_and(|known| known.wrote_last);
            let severity = if is_owed || main_waits_for(state, task) {
                Severity::Warning
            } else {
                Severity::Info
            };
            let proof = Proof::HalfOpen {
                stream: NamedResource::from_state(resource),
                ends: 0,
                silent,
            };
            let claim = Claim::new(Some(task), Spot::of_wait(row), proof)
                .severity(severity)
                .cost(silent)
                .also([resource.at])
                .evidence([row.woken()]);
            claims.push(claim);
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
    let spot = waited.map_or_else(|| poll.spot(step).0, Spot::of_wait);
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
