//! `cancelunsafe`: a future that is dropped after it has taken an item, and before it has handed
//! the item on.
//!
//! 1. A task *takes* an item from a channel, or bytes from a socket. It has *handed on* what it took
//!    when it sends, writes, stores or prints something, spawns a task, or waits for the next item.
//! 2. A limit that existed before the item was taken is reached: a timer of the same task fires, or
//!    a task that awaits this one cancels it after a timer. If the limit is younger than the item, the
//!    item was taken outside of the limited work, and is still there. If both are of one poll, the trace
//!    does not tell whether it was: an info.
//! 3. In the poll that follows, the wait in which the task had the item ends without its event, and
//!    nothing is handed on.
//! 4. The channel is received from again. Without that, the program may have stopped consuming on
//!    purpose, with the last item in a list that no trace knows: an info.
//! 5. It was the first item under this limit, or the one before was seen to be handed on. Work that
//!    takes one item after the other and hands on none of them keeps them in a list: an info. The same
//!    holds if it waits for the next item when the limit is reached. It is claimed only if the channel is
//!    read again.
//! 6. Without a limit, another branch drops the work: the task takes an item of another channel, the
//!    timer that it has waited for with the first one in hand is cancelled, and then it takes the next
//!    one of the first channel. A request whose answer comes before its limit looks the same: an info.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, SlotTable, State, TimerState};
use crate::trace::{
    LocationId, PollOutcome, Position, ResourceId, ResourceKind, ResourceOp, TaskId, TimerId, Wait,
    WokenBy,
};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        proof::{Loss, NamedResource, Proof},
        rule::Severity,
    },
    frames,
    limited::LimitedWaits,
    lost_items::{ItemInHand, ItemTaker, LostItem, ReachedLimit, branch_claim},
    open_poll::OpenPoll,
};

/// The most tasks and losses that are kept.
const KEPT: usize = 16_384;

/// Looks for items that are lost with a dropped future.
#[derive(Debug, Default)]
pub(in crate::insight::findings) struct LossDetector {
    /// The tasks that have taken something, and were not seen to hand it on.
    takers: SlotTable<ItemTaker>,
    /// Those of them whose limit is reached.
    limited: IdMap<TaskId, ReachedLimit>,
    /// The open poll has sent, written or stored something.
    sends: bool,
    /// The losses after which nothing was taken from the same channel.
    losses: Vec<LostItem>,
}

impl LossDetector {
    /// An operation of the running task.
    #[inline]
    pub(in crate::insight::findings) fn operation(
        &mut self,
        step: &EventStep<'_>,
        resource: ResourceId,
        op: ResourceOp,
        value: u32,
        claims: &mut Claims,
    ) {
        match op {
            ResourceOp::Received => self.takes(step, resource, claims),
            ResourceOp::Read if value > 0 => self.takes(step, resource, claims),
            ResourceOp::Sent
            | ResourceOp::Wrote
            | ResourceOp::Stored
            | ResourceOp::Set
            | ResourceOp::SetError => {
                self.sends = true;
                self.hands_on(step);
            }
            ResourceOp::Abandoned => self.operation_dropped(step, resource),
            ResourceOp::Read
            | ResourceOp::Closed
            | ResourceOp::Acquired
            | ResourceOp::Released
            | ResourceOp::Cleared
            | ResourceOp::Begun
            | ResourceOp::Ended
            | ResourceOp::Accepted
            | ResourceOp::Connected
            | ResourceOp::Loaded
            | ResourceOp::Entered
            | ResourceOp::Left
            | ResourceOp::Resumed
            | ResourceOp::Yielded
            | ResourceOp::Tried
            | ResourceOp::Failed
            | ResourceOp::Started
            | ResourceOp::Ran
            | ResourceOp::Buffered => {}
        }
    }

    fn takes(&mut self, step: &EventStep<'_>, resource: ResourceId, claims: &mut Claims) {
        let Some(task) = step.before.running.task() else {
            return;
        };
        let Some(known) = step.before.resource(resource) else {
            return;
        };
        if !matches!(known.kind, ResourceKind::Channel | ResourceKind::Stream) {
            return;
        }
        if !self.losses.is_empty() {
            self.takes_again(step, task, resource, claims);
        }
        let mut item = ItemInHand {
            from: resource,
            named: NamedResource::from_state(known),
            taken_at: taken_at(step, task, resource),
            event: step.position(),
            timer: None,
            suspended: None,
            kept: None,
            waits: Spot::exact(LocationId::UNKNOWN),
        };
        if let Some(taker) = self.takers.get_mut(task.index()) {
            if taker.is_dropped
                && let Some(lost) = taker.behind
                && lost.from == resource
            {
                claims.push(branch_claim(step, task, &lost));
                taker.behind = None;
            }
            if let Some(before) = taker.item.filter(|before| before.from != resource) {
                taker.behind = Some(before);
                taker.is_dropped = false;
            }
            item.kept = Some(taker.event);
            (taker.event, taker.item, taker.waiting) = (item.event, Some(item), None);
        } else if self.takers.len() < KEPT {
            let taker = ItemTaker {
                event: item.event,
                item: Some(item),
                waiting: None,
                behind: None,
                is_dropped: false,
            };
            self.takers.put(task.index(), taker);
        }
    }

    /// The channel of earlier losses is still read: the items were meant to be used.
    fn takes_again(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        resource: ResourceId,
        claims: &mut Claims,
    ) {
        let spawned = step.tables().task(task).map(|info| info.at);
        for lost in std::mem::take(&mut self.losses) {
            let is_same = lost.task == task || Some(lost.spawned) == spawned;
            if lost.from == resource && is_same {
                let severity = if lost.is_certain {
                    Severity::Error
                } else {
                    Severity::Info
                };
                claims.push(lost.claim.severity(severity));
            } else {
                self.losses.push(lost);
            }
        }
    }

    /// The running task hands something on: it prints, sends or spawns.
    #[inline]
    pub(in crate::insight::findings) fn hands_on(&mut self, step: &EventStep<'_>) {
        if !self.takers.is_empty()
            && let Some(task) = step.before.running.task()
        {
            self.takers.remove(task.index());
        }
    }

    /// A timer of a task fires.
    #[inline]
    pub(in crate::insight::findings) fn timer_fired(
        &mut self,
        step: &EventStep<'_>,
        timer: TimerId,
        limits: &LimitedWaits,
    ) {
        if self.takers.is_empty() {
            return;
        }
        let Some(TimerState { task, set, .. }) = step.before.timer(timer).copied() else {
            return;
        };
        let Some(task) = task else {
            return;
        };
        let Some(item) = self.in_hand(task) else {
            self.waits_until(step, task, set);
            return;
        };
        // Of one poll, the events are in order: a limit that was set before the item was taken is around both.
        if set < item.event {
            let keeps = item.kept.is_some_and(|kept| kept > set);
            self.reached(step, task, item, false, keeps);
            self.waits_beside(step, (task, timer), limits);
        } else if set < item.suspended.unwrap_or(set) && item.timer.is_some_and(|timer| timer < set)
        {
            self.reached(step, task, item, false, true);
            self.waits_beside(step, (task, timer), limits);
        }
    }

    /// The limit of a task is reached that waits for the next item and has taken one since the limit was set.
    fn waits_until(&mut self, step: &EventStep<'_>, task: TaskId, set: Position) {
        let waiting = self.waits_with(step, task);
        if let Some(item) = waiting.filter(|item| set < item.event) {
            self.reached(step, task, item, true, true);
            if let Some(limit) = self.limited.get_mut(&task) {
                limit.waits_for_next = true;
            }
        }
    }

    /// The item with which a task waits for the next one.
    fn waits_with(&self, step: &EventStep<'_>, task: TaskId) -> Option<ItemInHand> {
        let taker = self
            .takers
            .get(task.index())
            .filter(|taker| taker.item.is_none())?;
        let wait = step.before.tasks.get(task)?.wait;
        let is_next = |item: &ItemInHand| wait == Wait::Receive(item.from);
        taker.waiting.filter(is_next)
    }

    /// The place of the wait in which the item is, if that of the limit was declared after it.
    fn waits_beside(
        &mut self,
        step: &EventStep<'_>,
        (task, timer): (TaskId, TimerId),
        limits: &LimitedWaits,
    ) {
        if let Some(beside) = limits.beside_timer(step.before, task, timer)
            && let Some(limit) = self.limited.get_mut(&task)
        {
            (limit.at, limit.at_creation) = (beside.at, beside.at_creation);
            let from = limit.item.from;
            if matches!(beside.on, Wait::Receive(on) | Wait::Operation(on) if on == from) {
                (limit.dropped, limit.keeps, limit.waits_for_next) = (true, true, true);
            }
        }
    }

    /// The cancellation of a task is requested.
    pub(in crate::insight::findings) fn cancel_requested(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
    ) {
        let waiting = self.waits_with(step, task);
        let Some(item) = self.in_hand(task).or(waiting) else {
            return;
        };
        let is_limit = match step.before.running.task() {
            // A callback of a timer, which `timer_fired` has seen.
            None => self.limited.contains_key(&task),
            Some(by) if by == task => false,
            Some(by) => step.before.tasks.get(by).is_some_and(|row| {
                let awaits = match row.wait {
                    Wait::Join(awaited) => awaited == task,
                    Wait::Any(_) => true,
                    Wait::Unknown
                    | Wait::Yield
                    | Wait::Timer(_)
                    | Wait::Send(_)
                    | Wait::Receive(_)
                    | Wait::Acquire(_)
                    | Wait::Operation(_)
                    | Wait::All(_) => false,
                };
                awaits && matches!(row.woken_by, WokenBy::Timer(_) | WokenBy::Callback(_))
            }),
        };
        if is_limit {
            let known = self.limited.get(&task);
            let keeps = known.map_or(item.kept.is_some(), |limit| limit.keeps);
            let waits = waiting.is_some();
            self.reached(step, task, item, true, keeps || waits);
            if let Some(limit) = self.limited.get_mut(&task) {
                limit.waits_for_next = waits;
            }
        } else {
            self.puts_down(task);
            self.limited.remove(&task);
        }
    }

    /// What a task has taken, if it has not come back for the next item.
    #[inline]
    fn in_hand(&self, task: TaskId) -> Option<ItemInHand> {
        if self.takers.is_empty() {
            return None;
        }
        self.takers.get(task.index()).and_then(|taker| taker.item)
    }

    /// A task has its item no longer. Whether it has handed it on is not known.
    #[inline]
    fn puts_down(&mut self, task: TaskId) {
        if let Some(taker) = self.takers.get_mut(task.index()) {
            taker.item = None;
        }
    }

    fn reached(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        item: ItemInHand,
        cancelled: bool,
        keeps: bool,
    ) {
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        let limit = ReachedLimit {
            event: step.position(),
            wait: row.wait,
            at: row.wait_at,
            at_creation: row.wait_at_creation(),
            item,
            keeps,
            dropped: cancelled,
            waits_for_next: false,
        };
        self.limited.insert(task, limit);
    }

    /// A task sets a timer: with an item in hand, the first one is what it waits for meanwhile.
    #[inline]
    pub(in crate::insight::findings) fn timer_set(&mut self, step: &EventStep<'_>, task: TaskId) {
        if !self.takers.is_empty()
            && let Some(taker) = self.takers.get_mut(task.index())
            && let Some(item) = &mut taker.item
        {
            item.timer.get_or_insert(step.position());
        }
    }

    /// A suspended task declares a wait for a timer: the first with an item in hand is where it is.
    #[inline]
    pub(in crate::insight::findings) fn declares(
        &mut self,
        task: TaskId,
        on: Wait,
        (at, at_creation): (LocationId, bool),
    ) {
        if !self.takers.is_empty()
            && matches!(on, Wait::Timer(_))
            && let Some(taker) = self.takers.get_mut(task.index())
            && let Some(item) = &mut taker.item
            && item.waits.is_unknown()
        {
            item.waits = Spot::awaits(at, at_creation, on);
        }
    }

    /// A timer of the running task is cancelled; `set` is the position after the event that set it.
    #[inline]
    pub(in crate::insight::findings) fn timer_cancelled(&mut self, task: TaskId, set: Position) {
        if let Some(limit) = self.limited.get_mut(&task) {
            limit.dropped |= limit.item.timer == Some(set);
        }
        if !self.takers.is_empty()
            && let Some(taker) = self.takers.get_mut(task.index())
            && taker.behind.is_some_and(|item| item.timer == Some(set))
        {
            taker.is_dropped = true;
        }
    }

    /// An operation of the running task is dropped.
    fn operation_dropped(&mut self, step: &EventStep<'_>, resource: ResourceId) {
        let task = step.before.running.task();
        if let Some(limit) = task.and_then(|task| self.limited.get_mut(&task)) {
            limit.dropped |= limit.wait == Wait::Operation(resource);
        }
    }

    #[inline]
    pub(in crate::insight::findings) fn poll_started(&mut self) {
        self.sends = false;
    }

    /// A poll of a task ends.
    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        task: TaskId,
        outcome: PollOutcome,
    ) {
        if self.takers.is_empty() && self.limited.is_empty() {
            return;
        }
        if let Some(limit) = self.limited.get(&task).copied()
            && limit.event < poll.started
        {
            self.limited.remove(&task);
            self.after_limit(step, task, &limit, outcome);
        }
        if outcome != PollOutcome::Pending {
            self.takers.remove(task.index());
            return;
        }
        let row = step.before.tasks.get(task);
        let waits_for_next = row.is_some_and(|row| match row.wait {
            // With an item in work, a wait for another channel is that of another branch.
            Wait::Receive(id) => self
                .in_hand(task)
                .is_none_or(|item| item.from == id || item.timer.is_none()),
            Wait::Operation(id) => self.in_hand(task).is_some_and(|item| item.from == id),
            Wait::Unknown
            | Wait::Yield
            | Wait::Timer(_)
            | Wait::Join(_)
            | Wait::Send(_)
            | Wait::Acquire(_)
            | Wait::All(_)
            | Wait::Any(_) => false,
        });
        if waits_for_next {
            if let Some(taker) = self.takers.get_mut(task.index()) {
                taker.waiting = taker.item.or(taker.waiting);
            }
            self.puts_down(task);
        } else if let Some(taker) = self.takers.get_mut(task.index())
            && let Some(item) = &mut taker.item
        {
            item.suspended.get_or_insert(step.position());
        }
    }

    /// The poll after a limit ends: notes a loss if the future was dropped with its item.
    fn after_limit(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        limit: &ReachedLimit,
        outcome: PollOutcome,
    ) {
        let still_sends = step.before.tasks.get(task).is_some_and(|row| {
            outcome == PollOutcome::Pending
                && matches!(row.wait, Wait::Send(_))
                && row.wait == limit.wait
        });
        let was_sending = matches!(limit.wait, Wait::Send(_));
        let was_dropped = limit.dropped || was_sending;
        if self.sends || still_sends || !was_dropped || self.losses.len() >= KEPT {
            return;
        }
        let spot = Spot::awaits(limit.at, limit.at_creation, limit.wait);
        // What is awaited with the item may be a function that knows nothing of it.
        let taken = limit.item.taken_at;
        let spot = match frames::in_function_of(step.tables(), limit.at, taken) {
            Some(at) if taken != LocationId::UNKNOWN => Spot { at, ..spot },
            Some(_) | None => spot,
        };
        let proof = Proof::CancelUnsafe {
            from: limit.item.named,
            how: if limit.waits_for_next {
                Loss::Gathered
            } else {
                Loss::Limit
            },
        };
        let spawned = step.tables().task(task).map(|info| info.at);
        let spawned = spawned.unwrap_or(LocationId::UNKNOWN);
        let claim = Claim::new(Some(task), spot, proof)
            .severity(Severity::Info)
            .also([spawned])
            .evidence([limit.item.event, limit.event, step.position()]);
        let from = limit.item.from;
        let loss = LostItem {
            from,
            task,
            spawned,
            claim,
            is_certain: !limit.keeps,
            is_end: !limit.waits_for_next,
        };
        self.losses.push(loss);
        self.takers.remove(task.index());
    }

    /// The losses after which the channel was not read again.
    pub(in crate::insight::findings) fn conclude(&self, _state: &State, claims: &mut Claims) {
        for lost in self.losses.iter().filter(|lost| lost.is_end) {
            claims.push(lost.claim.clone());
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.takers.clear();
        self.limited.clear();
        self.losses.clear();
    }
}

/// Where the running task has waited for what it takes from a channel now.
fn taken_at(step: &EventStep<'_>, task: TaskId, from: ResourceId) -> LocationId {
    let row = step.before.tasks.get(task);
    let waited =
        row.filter(|row| matches!(row.wait, Wait::Receive(on) | Wait::Operation(on) if on == from));
    waited.map_or(LocationId::UNKNOWN, |row| row.wait_at)
}
