//! `poolexhausted`: work for the thread pool that waits, because all threads are busy.
//!
//! A job tells, when it is done, for how long it had waited for a thread. It is *late* if it waited
//! for twice as long as it then ran, and for longer than a moment. Late jobs of one burst are what a
//! pool is for: it works on as many as it has threads, and the others wait. That is an `info`. Two
//! things make it a warning:
//!
//! * *Again and again.* Late jobs were submitted at several moments, over a good part of the run.
//! * *Other work.* While late jobs waited, jobs of another place held the threads. The line is that of
//!   those jobs.

use std::collections::VecDeque;

use crate::insight::id_map::IdMap;
use crate::replay::EventStep;
use crate::trace::{LocationId, Moment, Position, ResourceId, ResourceKind, Span};

use super::super::{
    claim::{Claim, Claims, Spot},
    limits::Limits,
    proof::Proof,
    rule::{Rule, Severity},
};

/// A job that waits for a shorter time is not late.
const QUEUED: Span = Span(100_000_000);

/// Jobs that are submitted within this time are one burst.
const BURST: Span = Span(20_000_000);

/// The most jobs that are followed, and how many of those that are done are remembered.
const JOBS: usize = 65_536;
const DONE: usize = 256;

/// Looks for a pool that is too small.
#[derive(Debug)]
pub(in crate::insight::findings) struct PoolDetector {
    times: u64,
    jobs: IdMap<ResourceId, PoolJob>,
    done: VecDeque<PoolJob>,
    places: IdMap<LocationId, LateJobs>,
}

/// A job of the thread pool.
#[derive(Clone, Copy, Debug)]
struct PoolJob {
    at: LocationId,
    submitted: Moment,
    event: Position,
    /// For how long it waited for a thread, once it has begun to run.
    waited: Span,
    /// Once it is done: when it began to run, and when it was done.
    ran: Option<(Moment, Moment)>,
}

/// The late jobs of one place.
#[derive(Clone, Copy, Debug)]
struct LateJobs {
    late: u64,
    /// At how many moments they were submitted, the first one and the last one.
    bursts: u64,
    first: Moment,
    last: Moment,
    /// How many were held up by jobs of another place.
    held_up: u64,
}

impl PoolDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> PoolDetector {
        PoolDetector {
            times: limits.count(Rule::PoolExhausted, "times").max(1),
            jobs: IdMap::default(),
            done: VecDeque::new(),
            places: IdMap::default(),
        }
    }

    /// A resource is created: a job, if it is one of the pool.
    pub(in crate::insight::findings) fn created(
        &mut self,
        step: &EventStep<'_>,
        id: ResourceId,
        kind: ResourceKind,
        at: LocationId,
    ) {
        if kind == ResourceKind::Pool && self.jobs.len() < JOBS {
            let job = PoolJob {
                at,
                submitted: step.at(),
                event: step.position(),
                waited: Span::ZERO,
                ran: None,
            };
            self.jobs.insert(id, job);
        }
    }

    /// A job has been done, after it had waited for a thread for a number of microseconds.
    pub(in crate::insight::findings) fn started(&mut self, id: ResourceId, waited: u32) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.waited = microseconds(waited);
        }
    }

    /// That job has run for a number of microseconds.
    pub(in crate::insight::findings) fn ran(
        &mut self,
        step: &EventStep<'_>,
        id: ResourceId,
        ran: u32,
        claims: &mut Claims,
    ) {
        let Some(mut job) = self.jobs.remove(&id) else {
            return;
        };
        let (waited, ran) = (job.waited, microseconds(ran));
        let took = waited + ran;
        // The loop may first ask for it later than it was submitted, and learn later of its end.
        job.submitted = job
            .submitted
            .min(Moment(step.at().nanos().saturating_sub(took.nanos())));
        let began = job.submitted + waited;
        job.ran = Some((began, began + ran));
        if waited >= QUEUED && waited.nanos() >= ran.nanos().saturating_mul(2) {
            self.late(step, &job, (waited, ran), claims);
        }
        self.is_done(job);
    }

    /// The place whose jobs held the threads while a job waited, if it is another one.
    fn holder(&self, job: &PoolJob, began: Moment) -> Option<&PoolJob> {
        let held = |other: &&PoolJob| {
            let (from, until) = other.ran.unwrap_or((other.submitted, began));
            other.at != job.at && from < began && until >= began
        };
        let longest = |other: &&PoolJob| {
            other
                .ran
                .map_or(Span(u64::MAX), |(from, to)| to.since(from))
        };
        self.done
            .iter()
            .chain(self.jobs.values())
            .filter(held)
            .max_by_key(longest)
    }

    fn late(
        &mut self,
        step: &EventStep<'_>,
        job: &PoolJob,
        (waited, ran): (Span, Span),
        claims: &mut Claims,
    ) {
        let began = job.submitted + waited;
        let holder = self.holder(job, began).copied();
        let new = LateJobs {
            late: 0,
            bursts: 0,
            first: job.submitted,
            last: job.submitted,
            held_up: 0,
        };
        let place = self.places.entry(job.at).or_insert(new);
        place.late += 1;
        place.held_up += u64::from(holder.is_some());
        if place.bursts == 0 || job.submitted.since(place.last) > BURST {
            place.bursts += 1;
        }
        place.last = place.last.max(job.submitted);
        if place.late < self.times && holder.is_none() {
            return;
        }
        let spread = place.last.since(place.first).nanos();
        let is_again = place.bursts >= self.times && spread >= step.at().nanos() / 4;
        let is_held = place.held_up >= self.times;
        let severity = if is_again || is_held {
            Severity::Warning
        } else {
            Severity::Info
        };
        let proof = Proof::PoolExhausted {
            waited,
            ran,
            jobs: place.late,
        };
        let at = holder.map_or(job.at, |holder| holder.at);
        let at = if at == LocationId::UNKNOWN {
            job.at
        } else {
            at
        };
        let claim = Claim::new(step.before.running.task(), Spot::exact(at), proof)
            .severity(severity)
            .cost(waited)
            .also([job.at])
            .evidence([job.event, step.position()]);
        claims.push(claim);
    }

    /// A job was dropped, or is done and had not waited.
    pub(in crate::insight::findings) fn ended(&mut self, step: &EventStep<'_>, id: ResourceId) {
        if self.jobs.is_empty() {
            return;
        }
        if let Some(mut job) = self.jobs.remove(&id) {
            job.ran = Some((job.submitted, step.at()));
            self.is_done(job);
        }
    }

    fn is_done(&mut self, job: PoolJob) {
        if self.done.len() == DONE {
            self.done.pop_front();
        }
        self.done.push_back(job);
    }

    pub(in crate::insight::findings) fn forget(&mut self, id: ResourceId) {
        if !self.jobs.is_empty() {
            self.jobs.remove(&id);
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.jobs.clear();
        self.done.clear();
    }
}

fn microseconds(time: u32) -> Span {
    Span(u64::from(time).saturating_mul(1_000))
}
