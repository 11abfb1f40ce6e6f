//! How tasks end: `unretrieved`, `orphan`, `shutdown` and `cancelswallowed`.
//!
//! * A failure is *looked at* when a task awaits the failed one, before or after its end, or when
//!   the failed task is a member of a group. A task that prints in its last poll has told of the
//!   failure itself. A task that fails because its connection has ended is an info: for a server that is
//!   how most connections end.
//! * A task has *work in hand* if it holds a lock or a permit, if it writes to a socket, if items wait
//!   in the channel that it reads, or if it has taken an item or a request and waits for something
//!   else than the next one. Whether somebody still waits for the answer of a server that sleeps is not known,
//!   so that is an info. A task that waits for the next item, connection or event is idle. One
//!   that has only slept so far may be either, so that is an info.
//! * A cancellation is *swallowed* if the task is polled long after the request, or if it waits again for
//!   the item or the bytes that it waited for when it was cancelled. A request that a
//!   callback makes is that of a timeout, after which the task continues on purpose.

use crate::insight::id_map::{IdMap, IdSet};

use crate::replay::{EventStep, SlotTable, State, Status, TaskState};
use crate::trace::{
    LocationId, Moment, Outcome, PollOutcome, Position, ResourceKind, Span, TaskId, TextId, Wait,
};

use super::{
    super::{
        claim::{Claim, Claims, Nearness, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    channels::ResourceUses,
    open_poll::OpenPoll,
};

const MAIN: TaskId = TaskId(0);

/// The most unfinished tasks that are looked at when main ends.
const SEARCHED: usize = 20_000;

/// How many tasks that were spawned before one, and after it, are looked at for others of its kind.
const SIBLINGS: u32 = 64;

/// How long a cancelled task may continue that waits again for what it waited for at the request.
const AGAIN: Span = Span(100_000_000);

/// Looks at how tasks end.
#[derive(Debug)]
pub(in crate::insight::findings) struct FateDetector {
    unretrieved: Span,
    swallowed: Span,
    /// The tasks that other tasks have awaited.
    awaited: IdSet<TaskId>,
    failed: IdMap<TaskId, TaskFailure>,
    /// The tasks whose cancellation was requested.
    cancelled: IdMap<TaskId, CancelRequest>,
    /// The last two sleeps of each unfinished task that has slept at one place twice.
    sleeps: IdMap<TaskId, SleepCount>,
    /// The tasks that have taken an item or a request, and have handed nothing on since.
    taken: SlotTable<()>,
    /// The one of them that has taken something last.
    last_taker: Option<TaskId>,
    /// The handles that the open poll has dropped. Those that main drops at its end are none of its
    /// mistakes: the end of main ends all tasks.
    orphans: Vec<Claim>,
    /// Main has ended: what follows is the end of the run.
    main_ended: bool,
    /// The last poll in which a connection has ended, by the position after its start.
    peer_ended: Option<Position>,
}

#[derive(Clone, Copy, Debug)]
struct TaskFailure {
    message: TextId,
    panicked: bool,
    spot: Spot,
    spawned: LocationId,
    at: Moment,
    event: Position,
    /// It failed in the poll in which its connection ended: the peer is gone, which the task has noticed.
    lost_peer: bool,
}

#[derive(Clone, Copy, Debug)]
struct CancelRequest {
    at: Moment,
    event: Position,
    polls: u64,
    spot: Spot,
    /// The task has waited again for what it waited for when it was cancelled, at the same place.
    waits_again: bool,
}

#[derive(Clone, Copy, Debug)]
struct SleepCount {
    at: LocationId,
    times: u32,
}

impl FateDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> FateDetector {
        FateDetector {
            unretrieved: limits.span(Rule::Unretrieved, "time"),
            swallowed: limits.span(Rule::CancelSwallowed, "time"),
            awaited: IdSet::default(),
            failed: IdMap::default(),
            cancelled: IdMap::default(),
            sleeps: IdMap::default(),
            taken: SlotTable::default(),
            last_taker: None,
            orphans: Vec::new(),
            main_ended: false,
            peer_ended: None,
        }
    }

    /// A task is awaited, alone or as a member of a group.
    pub(in crate::insight::findings) fn awaited(&mut self, step: &EventStep<'_>, task: TaskId) {
        if !self.failed.is_empty() && self.failed.remove(&task).is_some() {
            return;
        }
        // Of a task that has ended, nothing is left to be looked at.
        let row = step.before.tasks.get(task);
        if row.is_none_or(|row| !row.status().ended()) {
            self.awaited.insert(task);
        }
    }

    /// A task fails with a message.
    pub(in crate::insight::findings) fn failed(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        task: TaskId,
        message: TextId,
    ) {
        let (spot, _) = poll.spot(step);
        let spawned = step.tables().task(task).map(|info| info.at);
        let failure = TaskFailure {
            message,
            panicked: true,
            spot,
            spawned: spawned.unwrap_or(LocationId::UNKNOWN),
            at: step.at(),
            event: step.position(),
            lost_peer: self.peer_ended == Some(poll.started),
        };
        self.failed.insert(task, failure);
    }

    /// The running task reads the end of a connection, or an operation on one fails.
    pub(in crate::insight::findings) fn peer_ends(&mut self, poll: &OpenPoll) {
        self.peer_ended = Some(poll.started);
    }

    /// A poll of a task ends.
    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        outcome: PollOutcome,
        printed: bool,
        claims: &mut Claims,
    ) {
        if !self.orphans.is_empty() {
            let main_ends = task == MAIN && outcome != PollOutcome::Pending;
            for claim in std::mem::take(&mut self.orphans) {
                if !main_ends {
                    claims.push(claim);
                }
            }
        }
        if outcome == PollOutcome::Pending {
            if !self.cancelled.is_empty() {
                self.polled_after_request(step, task);
            }
            return;
        }
        self.ended(step, task, outcome, printed, claims);
    }

    fn ended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        outcome: PollOutcome,
        printed: bool,
        claims: &mut Claims,
    ) {
        self.sleeps.remove(&task);
        self.hands_on(Some(task));
        if let Some(request) = self.cancelled.remove(&task) {
            self.swallowed(task, &request, step.at(), claims);
        }
        let was_awaited = self.awaited.remove(&task);
        let looked_at = was_awaited || printed || task == MAIN;
        if looked_at || !matches!(outcome, PollOutcome::Failed | PollOutcome::Panicked) {
            self.failed.remove(&task);
        } else if let Some(failure) = self.failed.get_mut(&task) {
            failure.panicked = outcome == PollOutcome::Panicked;
        }
        if task == MAIN {
            self.main_ended = true;
        }
    }

    /// A task suspends for a timer.
    pub(in crate::insight::findings) fn sleeps(&mut self, task: TaskId, at: LocationId) {
        let known = self
            .sleeps
            .entry(task)
            .or_insert(SleepCount { at, times: 0 });
        if known.at == at {
            known.times += 1;
        } else {
            *known = SleepCount { at, times: 1 };
        }
    }

    /// A task takes an item or reads bytes.
    pub(in crate::insight::findings) fn takes(&mut self, task: Option<TaskId>) {
        if task.is_some() && task != self.last_taker {
            self.last_taker = task;
            if let Some(task) = task {
                self.taken.put(task.index(), ());
            }
        }
    }

    /// A task hands something on, or comes back for the next item.
    pub(in crate::insight::findings) fn hands_on(&mut self, task: Option<TaskId>) {
        if let Some(task) = task.filter(|_| !self.taken.is_empty()) {
            self.taken.remove(task.index());
            self.last_taker = self.last_taker.filter(|last| *last != task);
        }
    }

    // ---- cancellation

    /// The cancellation of a task is requested: by the running task, by a callback, or because the
    /// handle was dropped.
    pub(in crate::insight::findings) fn cancel_requested(
        &mut self,
        step: &EventStep<'_>,
        uses: &ResourceUses,
        task: TaskId,
        dropped: bool,
    ) {
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        if dropped {
            if !self.main_ended && !row.cancel_requested() && !row.status().ended() {
                self.orphan(step, uses, task, row);
            }
            return;
        }
        let by = step.before.running.task().filter(|by| *by != task);
        if by.is_some_and(|by| !self.passes_on(step.before, by, row.wait)) {
            let request = CancelRequest {
                at: step.at(),
                event: step.position(),
                polls: 0,
                spot: Spot::of_wait(row),
                waits_again: false,
            };
            self.cancelled.entry(task).or_insert(request);
        }
    }

    /// Whether a task that is cancelled by a callback passes that on to the one that awaits it: the callback
    /// is that of a limit of the other one, which cancels what is awaited.
    fn passes_on(&self, state: &State, by: TaskId, wait: Wait) -> bool {
        let row = state.tasks.get(by);
        wait == Wait::Join(by)
            && row.is_some_and(TaskState::cancel_requested)
            && !self.cancelled.contains_key(&by)
    }

    fn polled_after_request(&mut self, step: &EventStep<'_>, task: TaskId) {
        if let Some(request) = self.cancelled.get_mut(&task) {
            request.polls += 1;
            let row = step.before.tasks.get(task);
            request.waits_again |= row.is_some_and(|row| {
                matches!(row.wait, Wait::Receive(_) | Wait::Operation(_))
                    && !request.spot.is_unknown()
                    && row.wait_at == request.spot.at
            });
        }
    }

    /// A task has ended, or the trace, that long after the request.
    fn swallowed(&self, task: TaskId, request: &CancelRequest, now: Moment, claims: &mut Claims) {
        let time = now.since(request.at);
        let least = if request.waits_again {
            self.swallowed.min(AGAIN)
        } else {
            self.swallowed
        };
        if request.polls < 2 || time < least {
            return;
        }
        let proof = Proof::CancelSwallowed {
            time,
            polls: request.polls,
        };
        let claim = Claim::new(Some(task), request.spot, proof)
            .cost(time)
            .evidence([request.event]);
        claims.push(claim);
    }

    /// The handle of an unfinished task was dropped, so the task is cancelled.
    fn orphan(&mut self, step: &EventStep<'_>, uses: &ResourceUses, task: TaskId, row: &TaskState) {
        let spawned = step.tables().task(task).map(|info| info.at);
        let spawned = Spot {
            at: spawned.unwrap_or(LocationId::UNKNOWN),
            nearness: Nearness::Exact,
        };
        let work = self.work_in_hand(step.before, uses, task, row);
        let severity = match work {
            _ if row.polls() == 0 => Severity::Warning,
            Some(_) => Severity::Warning,
            // Nothing refers to the task, and nothing can complete what it waits for.
            None if waits_for_future(step.before, row) => Severity::Warning,
            None if waits_for_nothing(step.before, row) => Severity::Warning,
            None if row.status() == Status::Timer => Severity::Info,
            None => return,
        };
        let proof = Proof::Orphan { polls: row.polls() };
        let claim = Claim::new(Some(task), spawned, proof)
            .severity(severity)
            .also([row.wait_at])
            .evidence([step.position()]);
        self.orphans.push(claim);
    }

    // ---- the end of main

    /// What a task has in hand: the resource and the number of items; `None` if it is idle.
    fn work_in_hand(
        &self,
        state: &State,
        uses: &ResourceUses,
        task: TaskId,
        row: &TaskState,
    ) -> Option<(Option<NamedResource>, u32)> {
        let held = state.holdings.by(task).next();
        if let Some(held) = held {
            return Some((NamedResource::of(state, held.resource), 0));
        }
        match row.wait {
            Wait::Receive(id) => {
                let channel = state.resource(id)?;
                let has_items = channel.value > 0 && row.status() == Status::Ready;
                has_items.then(|| (Some(NamedResource::from_state(channel)), channel.value))
            }
            Wait::Operation(id) => {
                let resource = state.resource(id)?;
                let writes =
                    resource.kind == ResourceKind::Stream && resource.in_flight_by_direction[1] > 0;
                let named = Some(NamedResource::from_state(resource));
                (writes || self.taken.get(task.index()).is_some()).then_some((named, 0))
            }
            Wait::Timer(_) => {
                let unread = uses.received_by(task).find_map(|id| {
                    let channel = state.resource(id).filter(|channel| channel.value > 0)?;
                    Some((Some(NamedResource::from_state(channel)), channel.value))
                });
                unread.or_else(|| self.taken.get(task.index()).is_some().then_some((None, 0)))
            }
            Wait::Unknown
            | Wait::Yield
            | Wait::Join(_)
            | Wait::Send(_)
            | Wait::Acquire(_)
            | Wait::All(_)
            | Wait::Any(_) => None,
        }
    }

    /// Main ends with this step: what other tasks have in hand is lost.
    pub(in crate::insight::findings) fn main_ends(
        &self,
        step: &EventStep<'_>,
        uses: &ResourceUses,
        is_server: impl Fn(TaskId) -> bool,
        claims: &mut Claims,
    ) {
        let state = step.before;
        for (task, row) in state.tasks.unfinished().take(SEARCHED) {
            if task == MAIN || row.cancel_requested() || row.polls() == 0 {
                continue;
            }
            let work = self.work_in_hand(state, uses, task, row);
            let sleeps_once = row.status() == Status::Timer
                && self.sleeps.get(&task).is_none_or(|known| known.times < 2);
            let (severity, (resource, items)) = match work {
                // The client, which may be in the same program, may have gone.
                Some((None, 0)) if is_server(task) => (Severity::Info, (None, 0)),
                Some(work) => (Severity::Warning, work),
                None if sleeps_once || is_cut_off(step, task, row) => (Severity::Info, (None, 0)),
                None => continue,
            };
            let proof = Proof::Shutdown {
                on: row.wait,
                resource,
                items,
            };
            let spawned = step.tables().task(task).map(|info| info.at);
            let spawned = spawned.unwrap_or(LocationId::UNKNOWN);
            let claim = Claim::new(Some(task), Spot::exact(spawned), proof)
                .severity(severity)
                .also([row.wait_at])
                .evidence([row.woken(), step.position()]);
            claims.push(claim);
        }
    }

    /// Failures at which no task has looked, and cancellations that are swallowed.
    pub(in crate::insight::findings) fn conclude(&self, state: &State, claims: &mut Claims) {
        let has_ended =
            matches!(state.outcome, Some(Outcome::Finished | Outcome::Panicked)) || self.main_ended;
        let mut failed: Vec<(&TaskId, &TaskFailure)> = self.failed.iter().collect();
        failed.sort_by_key(|(task, _)| **task);
        for (task, failure) in failed {
            let unseen = state.now().since(failure.at) >= self.unretrieved;
            let is_over = state
                .tasks
                .get(*task)
                .is_some_and(|row| row.status().ended());
            if is_over && (has_ended || unseen) {
                let proof = Proof::Unretrieved {
                    message: failure.message,
                    panicked: failure.panicked,
                };
                let severity = if failure.lost_peer && !failure.panicked {
                    Severity::Info
                } else {
                    Rule::Unretrieved.entry().severity
                };
                let claim = Claim::new(Some(*task), Spot::exact(failure.spawned), proof)
                    .severity(severity)
                    .also([failure.spot.at])
                    .evidence([failure.event]);
                claims.push(claim);
            }
        }
        let mut cancelled: Vec<(&TaskId, &CancelRequest)> = self.cancelled.iter().collect();
        cancelled.sort_by_key(|(task, _)| **task);
        for (task, request) in cancelled {
            self.swallowed(*task, request, state.now(), claims);
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.failed.clear();
        self.cancelled.clear();
        self.sleeps.clear();
    }
}

/// Whether a task that sleeps would have ended by itself: others that were spawned at the same place have.
fn is_cut_off(step: &EventStep<'_>, task: TaskId, row: &TaskState) -> bool {
    let tables = step.tables();
    let Some(at) = tables.task(task).map(|info| info.at) else {
        return false;
    };
    let has_ended = |other: u32| {
        let other = TaskId(other);
        tables.task(other).is_some_and(|info| info.at == at)
            && step
                .before
                .tasks
                .get(other)
                .is_some_and(|row| row.status() == Status::Done && !row.cancel_requested())
    };
    let (first, end) = (
        task.0.saturating_sub(SIBLINGS),
        task.0.saturating_add(SIBLINGS),
    );
    row.status() == Status::Timer && (first..end).any(has_ended)
}

/// Whether what a task waits for exists no longer, because the two only referred to each other.
fn waits_for_nothing(state: &State, row: &TaskState) -> bool {
    let (Wait::Acquire(id) | Wait::Receive(id)) = row.wait else {
        return false;
    };
    state.resource(id).is_none()
}

/// Whether a task waits for a future of asyncio, which is freed together with it.
fn waits_for_future(state: &State, row: &TaskState) -> bool {
    let Wait::Acquire(id) = row.wait else {
        return false;
    };
    let resource = state.resource(id);
    resource.is_some_and(|resource| resource.kind == ResourceKind::Future)
}
