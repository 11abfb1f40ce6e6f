//! Locks and permits: `convoy`, `lockorder` (possible) and `permitleak`.
//!
//! * *Convoy.* A task that holds a lock suspends for a timer, I/O, the thread pool or another task.
//!   When it is polled again after a slow wait, the tasks that wait for its lock are counted. The
//!   same lock and the same `.await` have to meet at least two such tasks several times, and the next
//!   holder has to have been one of them: tasks that wait until the first one has loaded what all of
//!   them need get the lock in one burst. A holder that comes back again and again without having been
//!   in line, such as a task that refreshes what the others read, is an info: what it loads may be
//!   what they wait for. So is a writer for whom readers wait.
//!
//! The order of locks and the permits have files of their own: `lock_order` and `permits`.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, State, TaskState};
use crate::trace::{LocationId, Moment, Position, ResourceId, ResourceKind, Span, TaskId, Wait};

use super::{
    super::{
        claim::{CauseKey, Claim, Claims, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    frames,
    limited::LimitedWaits,
    lock_order::{HELD, LockOrders, is_exclusive, is_held_alone, is_written},
    open_poll::OpenPoll,
    permits::PermitPlaces,
};

/// Looks at how locks are held.
#[derive(Debug)]
pub(in crate::insight::findings) struct LockDetector {
    wait: Span,
    times: u64,
    /// The tasks in line for each lock.
    lines: IdMap<ResourceId, Vec<TaskId>>,
    /// The tasks that hold a lock, with the wait in which they do.
    holders: IdMap<TaskId, HeldWait>,
    convoys: IdMap<(ResourceId, LocationId), Convoy>,
    /// For each lock, the tasks that were in line during a slow wait of its holder. One that then waits
    /// slowly itself makes a convoy. One that does not had waited for what the first one has made.
    delayed: IdMap<ResourceId, Vec<TaskId>>,
    order: LockOrders,
    permits: PermitPlaces,
}

/// A wait of a task that holds locks.
#[derive(Clone, Copy, Debug, Default)]
struct HeldWait {
    locks: u32,
    /// When it suspended, and for what, if it has.
    since: Option<HeldSince>,
}

/// The suspension of a task that holds locks.
#[derive(Clone, Copy, Debug)]
struct HeldSince {
    from: Moment,
    wait: Wait,
    at: LocationId,
    event: Position,
    /// The deadline of the timer that it waits for: what comes later is not the fault of the task.
    until: Option<Moment>,
}

/// The most tasks in line for a lock that are counted.
const LINE: usize = 512;

/// Slow waits inside of one lock at one `.await`.
#[derive(Clone, Copy, Debug)]
struct Convoy {
    times: u64,
    /// How often a task had the lock that had not been in line for it.
    alone: u64,
    cost: Span,
    /// The one resource on which all of these waits were.
    device: Option<ResourceId>,
}

impl LockDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> LockDetector {
        LockDetector {
            wait: limits.span(Rule::Convoy, "wait"),
            times: limits.count(Rule::Convoy, "times"),
            lines: IdMap::default(),
            holders: IdMap::default(),
            convoys: IdMap::default(),
            delayed: IdMap::default(),
            order: LockOrders::default(),
            permits: PermitPlaces::default(),
        }
    }

    // ---- the lines

    /// A task has suspended for a lock.
    pub(in crate::insight::findings) fn waits(
        &mut self,
        step: &EventStep<'_>,
        (task, row): (TaskId, &TaskState),
        lock: ResourceId,
    ) {
        self.asks(step.before, lock, Spot::of_wait(row));
        let line = self.lines.entry(lock).or_default();
        if line.len() < LINE && !line.contains(&task) {
            line.push(task);
        }
    }

    /// A task waits for a lock or a permit, perhaps beside other things.
    pub(in crate::insight::findings) fn asks(
        &mut self,
        state: &State,
        lock: ResourceId,
        spot: Spot,
    ) {
        let known = state.resource(lock);
        if known.is_some_and(|known| known.kind == ResourceKind::Semaphore) {
            self.permits.asked(lock, spot);
        }
    }

    /// A task that waited for a lock is woken.
    pub(in crate::insight::findings) fn woken(&mut self, task: TaskId, lock: ResourceId) {
        if let Some(line) = self.lines.get_mut(&lock) {
            line.retain(|waiting| *waiting != task);
        }
    }

    /// A lock is asked for without waiting.
    pub(in crate::insight::findings) fn tried(&mut self, lock: ResourceId) {
        self.order.tried(lock);
    }

    // ---- the holders

    /// A timer of a task fires.
    #[inline]
    pub(in crate::insight::findings) fn timer_fired(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        set: Position,
    ) {
        self.permits.limit_reached(step, task, set);
    }

    /// A poll of a task ends.
    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        started: Position,
    ) {
        self.permits.poll_ended(step.before, task, started);
    }

    pub(in crate::insight::findings) fn acquired(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        (lock, value): (ResourceId, u32),
        claims: &mut Claims,
    ) {
        let Some(task) = step.before.running.task() else {
            return;
        };
        let Some(resource) = step.before.resource(lock) else {
            return;
        };
        if is_exclusive(resource.kind, resource.limit) || is_written(resource.kind, value) {
            self.holders.entry(task).or_default().locks += 1;
            self.order.arrow(step, poll, task, lock, claims);
        } else if resource.kind == ResourceKind::Semaphore {
            self.permits.acquired(lock, task, poll.spot(step).0);
        }
    }

    /// A lock or a permit is released. Returns whether another task does so than the one that had taken it.
    pub(in crate::insight::findings) fn released(
        &mut self,
        step: &EventStep<'_>,
        lock: ResourceId,
    ) -> bool {
        let Some(resource) = step.before.resource(lock) else {
            return false;
        };
        let running = step.before.running.task();
        let Some(holder) = step.before.holdings.releasing(lock, running) else {
            return false;
        };
        let is_other = running != Some(holder);
        if is_other {
            self.permits.given_out(lock);
        }
        if !is_held_alone(resource) {
            self.permits.released(lock, holder);
            return is_other;
        }
        if let Some(delayed) = self.delayed.get_mut(&lock) {
            delayed.retain(|task| *task != holder);
        }
        if let Some(known) = self.holders.get_mut(&holder) {
            known.locks = known.locks.saturating_sub(1);
            if known.locks == 0 {
                self.holders.remove(&holder);
            }
        }
        is_other
    }

    /// A task has suspended.
    #[inline]
    pub(in crate::insight::findings) fn suspended(&mut self, step: &EventStep<'_>, task: TaskId) {
        if let Some(row) = step.before.tasks.get(task) {
            self.permits.suspended(task, row.wait_at);
        }
        if self.holders.is_empty() {
            return;
        }
        if let Some(held) = self.holders.get_mut(&task)
            && let Some(row) = step.before.tasks.get(task)
        {
            let until = match row.wait {
                Wait::Timer(timer) => step.before.timer(timer).map(|timer| timer.deadline),
                Wait::Unknown
                | Wait::Yield
                | Wait::Join(_)
                | Wait::Send(_)
                | Wait::Receive(_)
                | Wait::Acquire(_)
                | Wait::Operation(_)
                | Wait::All(_)
                | Wait::Any(_) => None,
            };
            held.since = Some(HeldSince {
                from: step.at(),
                wait: row.wait,
                at: row.wait_at,
                event: step.position(),
                until,
            });
        }
    }

    /// A task is polled again.
    #[inline]
    pub(in crate::insight::findings) fn resumed(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        claims: &mut Claims,
    ) {
        if self.holders.is_empty() {
            return;
        }
        let since = self
            .holders
            .get_mut(&task)
            .and_then(|held| held.since.take());
        if let Some(mut since) = since
            && is_slow(since.wait)
            && since
                .until
                .map_or(step.at(), |until| until.min(step.at()))
                .since(since.from)
                >= self.wait
        {
            // An adapter may tell the line of a wait after its beginning.
            if since.at == LocationId::UNKNOWN {
                let row = step.before.tasks.get(task);
                since.at = row.map_or(since.at, |row| row.wait_at);
            }
            self.slow_wait(step, task, since, claims);
        }
    }

    /// A holder was suspended for a long time: counts the tasks in line for its locks.
    fn slow_wait(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        since: HeldSince,
        claims: &mut Claims,
    ) {
        let HeldSince {
            from: since,
            wait,
            at,
            event,
            ..
        } = since;
        let now = step.at();
        let held: Vec<ResourceId> = step
            .before
            .holdings
            .by(task)
            .take(HELD)
            .map(|held| held.resource)
            .collect();
        for lock in held {
            let Some(resource) = step.before.resource(lock) else {
                continue;
            };
            let line = self.lines.get(&lock).map_or(&[][..], Vec::as_slice);
            if line.len() < 2 || !is_held_alone(resource) {
                continue;
            }
            let waits = line.iter().filter_map(|task| step.before.tasks.get(*task));
            let cost: Span = waits.map(|row| now.since(row.since.max(since))).sum();
            let device = if let Wait::Operation(id) = wait {
                Some(id)
            } else {
                None
            };
            let delayed = self.delayed.entry(lock).or_default();
            let is_next = delayed.contains(&task);
            *delayed = line.to_vec();
            let convoy = self.convoys.entry((lock, at)).or_insert(Convoy {
                times: 0,
                alone: 0,
                cost: Span::ZERO,
                device,
            });
            if convoy.times > 0 && !is_next {
                convoy.alone += 1;
            } else {
                convoy.times += 1;
                convoy.device = convoy.device.filter(|known| Some(*known) == device);
            }
            convoy.cost += cost;
            if convoy.times + convoy.alone < self.times {
                continue;
            }
            let is_shared = resource.kind == ResourceKind::RwLock;
            let severity = if convoy.device.is_some() || convoy.times < self.times || is_shared {
                Severity::Info
            } else {
                Severity::Warning
            };
            let proof = Proof::Convoy {
                lock: NamedResource::from_state(resource),
                held: now.since(since),
                queued: line.len() as u64,
            };
            // What is awaited may be a function that knows nothing of the lock. The tasks in line wait in
            // the function that takes it.
            let taken = line.iter().find_map(|task| step.before.tasks.get(*task));
            let spot = taken.and_then(|row| frames::in_function_of(step.tables(), at, row.wait_at));
            let claim = Claim::new(Some(task), Spot::exact(spot.unwrap_or(at)), proof)
                .severity(severity)
                .cost(std::mem::take(&mut convoy.cost))
                .also([resource.at])
                .evidence([event, step.position()]);
            claims.push(claim);
        }
    }

    /// The slot has another resource from now on, or none.
    pub(in crate::insight::findings) fn forget(&mut self, lock: ResourceId) {
        self.order.forget(lock);
        self.permits.forget(lock);
        self.lines.remove(&lock);
        if self.delayed.remove(&lock).is_some() {
            self.convoys.retain(|(of, _), _| *of != lock);
        }
    }

    /// A task that waits for a lock or a permit gives up: its limit is reached, or it is cancelled.
    pub(in crate::insight::findings) fn gives_up(
        &self,
        state: &State,
        wait: Wait,
        claims: &mut Claims,
    ) {
        if let Wait::Acquire(id) = wait {
            claims.extend_one(self.permits.leaked(state, id, false));
        }
    }

    /// The semaphores whose permits were not given back; returns the first of these findings. With `is_over`
    /// no task can run again.
    pub(in crate::insight::findings) fn conclude(
        &self,
        state: &State,
        is_over: bool,
        claims: &mut Claims,
    ) -> Option<CauseKey> {
        self.permits.conclude(state, is_over, claims)
    }

    /// The same while the loop waits for nothing but limits.
    pub(in crate::insight::findings) fn conclude_guarded(
        &self,
        state: &State,
        limits: &LimitedWaits,
        claims: &mut Claims,
    ) {
        self.permits.conclude_guarded(state, limits, claims);
    }

    /// Main ends: the permits that no living task has.
    pub(in crate::insight::findings) fn main_ends(&self, state: &State, claims: &mut Claims) {
        self.permits.main_ends(state, claims);
    }

    /// A semaphore is dropped: the permits that no living task has.
    pub(in crate::insight::findings) fn dropped(
        &self,
        state: &State,
        semaphore: ResourceId,
        claims: &mut Claims,
    ) {
        claims.extend_one(self.permits.kept(state, semaphore));
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.lines.clear();
        self.holders.clear();
        self.delayed.clear();
        self.convoys.clear();
        self.order.gap();
        self.permits = PermitPlaces::default();
    }
}

/// Whether a wait takes as long as something outside the program does.
fn is_slow(wait: Wait) -> bool {
    match wait {
        Wait::Timer(_) | Wait::Join(_) | Wait::Operation(_) | Wait::All(_) | Wait::Any(_) => true,
        Wait::Unknown | Wait::Yield | Wait::Send(_) | Wait::Receive(_) | Wait::Acquire(_) => false,
    }
}
