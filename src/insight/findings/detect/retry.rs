//! `retrystorm`: an operation that fails is begun again and again without a growing pause.
//!
//! Two kinds of failures are known: a task that fails, which stands for the place where such tasks
//! are spawned, and an I/O operation that fails, which stands for the `.await` of its task. A row of
//! failures ends with a success at the same place. A task that was spawned before the failure of
//! the one before it is no retry: a batch of tasks may fail together. A failure that the program has handled,
//! with a pause, is known from asyncio, and an info.
//!
//! The times between the failures are compared. They grow with a back-off, and vary with jitter;
//! both are as they should be. Failures that are far apart do no harm.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, State};
use crate::trace::{
    LocationId, Moment, PollOutcome, Position, ResourceId, ResourceKind, Span, TaskId, Wait,
};

use super::super::{
    claim::{Claim, Claims, Spot},
    limits::Limits,
    proof::Proof,
    rule::{Rule, Severity},
};

/// The most places that are kept.
const KEPT: usize = 4096;

/// The most times between failures that are compared.
const COMPARED: usize = 64;

/// Failures that follow each other faster have no pause between them.
const NO_PAUSE: Span = Span(20_000_000);

/// Looks for failures that are retried at once.
#[derive(Debug)]
pub(in crate::insight::findings) struct RetryDetector {
    times: u64,
    pause: Span,
    rows: IdMap<RetryKey, FailureRow>,
    /// An operation that has failed while no task was running: the task that is woken next has
    /// waited for it.
    failed: bool,
}

/// What is tried: by which task, where, and whether the program has handled the failure, which may be one that
/// is also known from elsewhere. For failed tasks, it is the task that spawns them.
type RetryKey = (Option<TaskId>, LocationId, bool);

/// The failures at one place, without a success between them.
#[derive(Clone, Debug)]
struct FailureRow {
    /// The task that failed first.
    task: TaskId,
    times: u64,
    since: Moment,
    last: Moment,
    /// The position after the first and the last failure.
    first: Position,
    event: Position,
    /// The first times between two failures.
    between: Vec<Span>,
}

impl RetryDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> RetryDetector {
        RetryDetector {
            times: limits.count(Rule::RetryStorm, "times").max(2),
            pause: limits.span(Rule::RetryStorm, "pause"),
            rows: IdMap::default(),
            failed: false,
        }
    }

    /// A task ends.
    pub(in crate::insight::findings) fn ended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        outcome: PollOutcome,
        claims: &mut Claims,
    ) {
        let Some(info) = step.tables().task(task) else {
            return;
        };
        let key = (info.parent, info.at, false);
        match outcome {
            PollOutcome::Failed | PollOutcome::Panicked => {
                let last = self.rows.get(&key).map(|row| row.last);
                if last.is_none_or(|last| info.spawned_at >= last) {
                    self.fails(step, key, task);
                }
            }
            PollOutcome::Ready => self.succeeds(key, claims),
            PollOutcome::Pending | PollOutcome::Cancelled => {}
        }
    }

    /// An operation fails.
    pub(in crate::insight::findings) fn operation_fails(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
    ) {
        let Some(known) = step.before.resource(resource) else {
            return;
        };
        if !is_io(known.kind) {
            return;
        }
        let Some(task) = step.before.running.task() else {
            self.failed = true;
            return;
        };
        let row = step.before.tasks.get(task);
        let waited = row.filter(|row| row.wait == Wait::Operation(resource));
        let at = waited.map_or(known.at, |row| row.wait_at);
        let handled = known.kind == ResourceKind::Foreign;
        self.fails(step, (Some(task), at, handled), task);
    }

    /// A task is woken, perhaps by the failure of what it has waited for.
    #[inline]
    pub(in crate::insight::findings) fn woken(&mut self, step: &EventStep<'_>, task: TaskId) {
        if std::mem::take(&mut self.failed)
            && let Some(row) = step.before.tasks.get(task)
            && matches!(row.wait, Wait::Operation(_))
        {
            self.fails(step, (Some(task), row.wait_at, false), task);
        }
    }

    /// An operation of the running task succeeds.
    #[inline]
    pub(in crate::insight::findings) fn operation_succeeds(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
        claims: &mut Claims,
    ) {
        if self.rows.is_empty() {
            return;
        }
        let Some(task) = step.before.running.task() else {
            return;
        };
        if let Some(known) = step.before.resource(resource) {
            self.succeeds((Some(task), known.at, false), claims);
        }
        if let Some(row) = step.before.tasks.get(task) {
            self.succeeds((Some(task), row.wait_at, false), claims);
        }
    }

    fn succeeds(&mut self, key: RetryKey, claims: &mut Claims) {
        if !self.rows.is_empty()
            && let Some(row) = self.rows.remove(&key)
        {
            claims.extend_one(self.claim(key, &row));
        }
    }

    fn fails(&mut self, step: &EventStep<'_>, key: RetryKey, task: TaskId) {
        let (now, event) = (step.at(), step.position());
        if self.rows.len() >= KEPT && !self.rows.contains_key(&key) {
            return;
        }
        let row = self.rows.entry(key).or_insert(FailureRow {
            task,
            times: 0,
            since: now,
            last: now,
            first: event,
            event,
            between: Vec::new(),
        });
        row.times += 1;
        if row.times > 1 && row.between.len() < COMPARED {
            row.between.push(now.since(row.last));
        }
        (row.last, row.event) = (now, event);
    }

    fn claim(&self, key: RetryKey, row: &FailureRow) -> Option<Claim> {
        if row.times < self.times
            || median(&row.between) > self.pause
            || is_backed_off(&row.between)
        {
            return None;
        }
        let proof = Proof::RetryStorm {
            times: row.times,
            time: row.last.since(row.since),
        };
        let task = key.0.unwrap_or(row.task);
        let claim = Claim::new(Some(task), Spot::exact(key.1), proof);
        // What the program handles may be what it expects, such as an empty queue.
        let claim = if key.2 {
            claim.severity(Severity::Info)
        } else {
            claim
        };
        Some(claim.evidence([row.first, row.event]))
    }

    /// The rows that no success has ended.
    pub(in crate::insight::findings) fn conclude(&self, _state: &State, claims: &mut Claims) {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(key, _)| **key);
        for (key, row) in rows {
            claims.extend_one(self.claim(*key, row));
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.rows.clear();
        self.failed = false;
    }
}

fn median(times: &[Span]) -> Span {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Whether the pauses grow, or most of them differ from the usual one. Single long ones do not count:
/// the machine may be busy.
fn is_backed_off(times: &[Span]) -> bool {
    let usual = median(times);
    let (early, late) = times.split_at(times.len() / 2);
    let grows = median(late).nanos() > median(early).nanos().saturating_mul(3) / 2;
    let differs = |time: &&Span| time.nanos().abs_diff(usual.nanos()) > usual.nanos() / 5;
    let varies = times.iter().filter(differs).count() * 2 > times.len();
    median(late).max(usual) > NO_PAUSE && (grows || varies)
}

/// Whether an operation on such a resource is done by the system, and may fail.
fn is_io(kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::Listener
        | ResourceKind::Stream
        | ResourceKind::Pool
        | ResourceKind::Io
        | ResourceKind::Foreign
        | ResourceKind::Child => true,
        ResourceKind::Channel
        | ResourceKind::Lock
        | ResourceKind::Semaphore
        | ResourceKind::Event
        | ResourceKind::Future
        | ResourceKind::Group
        | ResourceKind::Value
        | ResourceKind::Scope
        | ResourceKind::Generator
        | ResourceKind::RwLock
        | ResourceKind::Barrier
        | ResourceKind::Cell
        | ResourceKind::Thread => false,
    }
}
