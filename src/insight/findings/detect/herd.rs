//! `herd`: one event wakes many tasks, and nearly all of them go back to the same wait.
//!
//! A *batch* is the tasks that one poll wakes out of one wait: the wait for an event, a condition or a
//! hand-written future. Each of them is followed until it has done one of two things:
//!
//! * it *works*: it prints, spawns, sleeps, uses a channel or a socket, or ends;
//! * it *goes back*: it suspends at the same wait and has not worked. On the way it may take a lock
//!   and release it, because it has to look at what the lock guards.
//!
//! A batch is a herd if at least three quarters go back and at least one works. If all go back, the
//! trace cannot tell a herd from a broadcast whose receivers only keep what they are told. Several
//! herds at one wait are a finding, if not always the same task works: in a broadcast it would be.

use crate::insight::id_map::IdMap;
use crate::replay::{EventStep, Running, TaskState};
use crate::trace::{LocationId, Position, ResourceId, ResourceKind, TaskId, Wait};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::Rule,
    },
    open_poll::OpenPoll,
};

/// The most woken tasks that are followed at once.
const FOLLOWED: usize = 65_536;

/// Looks for events that wake too many tasks.
#[derive(Debug)]
pub(in crate::insight::findings) struct HerdDetector {
    tasks: usize,
    times: u64,
    /// The tasks that the open poll has woken, each with its wait.
    woken: Vec<(HerdWait, TaskId)>,
    /// The batch that each followed task belongs to.
    followed: IdMap<TaskId, u64>,
    batches: IdMap<u64, HerdBatch>,
    next_batch: u64,
    herds: IdMap<HerdWait, HerdCount>,
}

/// A wait that several tasks share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum HerdWait {
    Resource(ResourceId),
    /// A future of its own for each task, awaited at one place, or by tasks of one spawn place.
    Place(LocationId),
}

/// The tasks that one poll has woken out of one wait.
#[derive(Clone, Debug)]
struct HerdBatch {
    wait: HerdWait,
    resource: Option<NamedResource>,
    waker: Option<TaskId>,
    spot: Spot,
    waited_at: LocationId,
    /// The position after the poll that woke them.
    event: Position,
    woken: u64,
    back: u64,
    worked: Vec<TaskId>,
    left: usize,
}

/// The herds at one wait.
#[derive(Clone, Debug, Default)]
struct HerdCount {
    times: u64,
    /// The last task that worked.
    worker: Option<TaskId>,
    /// Not always the same task has worked.
    is_shared: bool,
    evidence: Vec<Position>,
}

impl HerdDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> HerdDetector {
        let tasks = limits.count(Rule::Herd, "tasks");
        HerdDetector {
            tasks: usize::try_from(tasks).unwrap_or(usize::MAX).max(2),
            times: limits.count(Rule::Herd, "times"),
            woken: Vec::new(),
            followed: IdMap::default(),
            batches: IdMap::default(),
            next_batch: 0,
            herds: IdMap::default(),
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
        if matches!(
            row.wait,
            Wait::Acquire(_) | Wait::Unknown | Wait::Operation(_)
        ) && step.before.running != Running::Nothing
            && let Some(wait) = wait_of(step, task, row)
        {
            self.woken.push((wait, task));
        }
    }

    /// A poll of a task, or a callback, ends.
    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        pending: bool,
        claims: &mut Claims,
    ) {
        if !self.followed.is_empty()
            && let Some(task) = poll.task
            && let Some(batch) = self.followed.get(&task).copied()
        {
            self.follow(step, poll, task, batch, pending, claims);
        }
        if self.woken.len() >= self.tasks {
            self.begin_batches(step, poll);
        }
        self.woken.clear();
    }

    /// The open poll has woken many tasks: those of one wait are a batch.
    #[inline(never)]
    fn begin_batches(&mut self, step: &EventStep<'_>, poll: &OpenPoll) {
        let mut by_wait: IdMap<HerdWait, Vec<TaskId>> = IdMap::default();
        for (wait, task) in self.woken.drain(..) {
            by_wait.entry(wait).or_default().push(task);
        }
        let large = by_wait
            .into_iter()
            .filter(|(_, tasks)| tasks.len() >= self.tasks);
        for (wait, tasks) in large {
            if self.followed.len() + tasks.len() > FOLLOWED {
                continue;
            }
            let row = step.before.tasks.get(tasks[0]);
            let resource = match wait {
                HerdWait::Resource(id) => NamedResource::of(step.before, id),
                HerdWait::Place(_) => None,
            };
            self.next_batch += 1;
            let batch = HerdBatch {
                wait,
                resource,
                waker: poll.task,
                spot: poll.spot(step).0,
                waited_at: row.map_or(LocationId::UNKNOWN, |row| row.wait_at),
                event: step.position(),
                woken: tasks.len() as u64,
                back: 0,
                worked: Vec::new(),
                left: tasks.len(),
            };
            for task in tasks {
                // A task that was woken again before its poll belongs to the new batch.
                if let Some(before) = self.followed.insert(task, self.next_batch) {
                    self.batches.remove(&before);
                }
            }
            self.batches.insert(self.next_batch, batch);
        }
    }

    /// A poll of a followed task ends.
    fn follow(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        task: TaskId,
        number: u64,
        pending: bool,
        claims: &mut Claims,
    ) {
        let Some(batch) = self.batches.get_mut(&number) else {
            self.followed.remove(&task);
            return;
        };
        let row = step.before.tasks.get(task).filter(|_| pending);
        let is_idle = poll.work == 0;
        match row.filter(|_| is_idle) {
            Some(row) if wait_of(step, task, row) == Some(batch.wait) => batch.back += 1,
            // It looks at what a lock guards.
            Some(row) if is_lock(step, row.wait) => return,
            Some(_) | None => batch.worked.push(task),
        }
        batch.left -= 1;
        self.followed.remove(&task);
        if batch.left == 0
            && let Some(batch) = self.batches.remove(&number)
        {
            self.end_batch(&batch, claims);
        }
    }

    /// All tasks of a batch have worked or gone back.
    fn end_batch(&mut self, batch: &HerdBatch, claims: &mut Claims) {
        if batch.back * 4 < batch.woken * 3 || batch.worked.is_empty() {
            return;
        }
        let count = self.herds.entry(batch.wait).or_default();
        count.times += 1;
        for worker in &batch.worked {
            let before = count.worker.replace(*worker);
            count.is_shared |= before.is_some_and(|before| before != *worker);
        }
        count.evidence.push(batch.event);
        if count.times < self.times || !count.is_shared {
            count.evidence.truncate(16);
            return;
        }
        let proof = Proof::Herd {
            woken: batch.woken,
            back: batch.back,
            times: count.times,
            resource: batch.resource,
        };
        // A callback has no place in the program: what is known is where the tasks wait.
        let spot = if batch.spot.is_unknown() {
            Spot::exact(batch.waited_at)
        } else {
            batch.spot
        };
        let claim = Claim::new(batch.waker, spot, proof)
            .also([batch.waited_at])
            .evidence(std::mem::take(&mut count.evidence));
        claims.push(claim);
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, resource: ResourceId) {
        if !self.herds.is_empty() {
            self.herds.remove(&HerdWait::Resource(resource));
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.woken.clear();
        self.followed.clear();
        self.batches.clear();
    }
}

/// The wait of a suspended task, if others may share it and one event may end it for all.
fn wait_of(step: &EventStep<'_>, task: TaskId, row: &TaskState) -> Option<HerdWait> {
    let place = |at: LocationId| (at != LocationId::UNKNOWN).then_some(HerdWait::Place(at));
    match row.wait {
        Wait::Acquire(id) => {
            let kind = step.before.resource(id)?.kind;
            if kind == ResourceKind::Event {
                return Some(HerdWait::Resource(id));
            }
            let is_future = kind == ResourceKind::Future;
            is_future.then(|| place(row.wait_at)).flatten()
        }
        Wait::Operation(id) => {
            let is_foreign = step.before.resource(id)?.kind == ResourceKind::Foreign;
            is_foreign.then(|| place(row.wait_at)).flatten()
        }
        Wait::Unknown => place(row.wait_at)
            .or_else(|| place(step.tables().task(task).map_or(row.wait_at, |info| info.at))),
        Wait::Yield
        | Wait::Timer(_)
        | Wait::Join(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    }
}

fn is_lock(step: &EventStep<'_>, wait: Wait) -> bool {
    let Wait::Acquire(id) = wait else {
        return false;
    };
    let kind = step.before.resource(id).map(|resource| resource.kind);
    matches!(kind, Some(ResourceKind::Lock | ResourceKind::RwLock))
}
