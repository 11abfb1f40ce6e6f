//! `inversion`: short work that waits behind long work in one queue.
//!
//! The *service* of an item lasts from the moment a task takes it to the moment the task answers it,
//! or comes back for the next item. There are two proofs:
//!
//! * *A sender waits for the answer.* A task sends an item and suspends; the task that takes an item of
//!   that channel wakes it during a service. The time in the queue is many times the service, and
//!   items that were taken meanwhile had long services. With a queue ordered by urgency, no long item
//!   would have been taken between the two.
//! * *Two kinds of senders.* Without an answer, the n-th item that is taken is the n-th that was sent.
//!   The services of a channel fall into two classes that are far apart, and no task sends items of
//!   both classes. If a task does, the trace cannot tell what the short ones are: an item that turned
//!   out to be done already is short as well. That is an `info`.

use std::collections::VecDeque;

use crate::replay::{EventStep, SlotTable, State, TaskState};
use crate::trace::{LocationId, Moment, Position, ResourceId, ResourceKind, Span, TaskId};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::{NamedResource, Proof},
        rule::{Rule, Severity},
    },
    open_poll::OpenPoll,
};

/// The most channels and tasks that are followed.
const FOLLOWED: usize = 16_384;

/// The most items of one channel whose times are kept.
const ITEMS: usize = 512;

/// A shorter time in the queue is no harm.
const QUEUED: Span = Span(100_000_000);

/// A shorter service counts as this long.
const SERVED: Span = Span(1_000_000);

/// How many short items have to wait, so that it is no accident.
const TIMES: u64 = 3;

/// How many items a class has at least.
const CLASS: usize = 2;

/// Looks for short work behind long work.
#[derive(Debug)]
pub(in crate::insight::findings) struct InversionDetector {
    factor: u64,
    queues: SlotTable<ItemQueue>,
    tasks: SlotTable<TaskItems>,
    /// A service has taken so long that shorter ones may have waited for it.
    has_long: bool,
    /// The position after the last item that was sent.
    sent: Option<Position>,
}

/// The items of one task.
#[derive(Clone, Copy, Debug, Default)]
struct TaskItems {
    /// What it sent last.
    sent: Option<SentItem>,
    /// What it has taken and not finished.
    taken: Option<TakenItem>,
    /// What it has finished last: when, and the position after the event. Kept once a service was long.
    finished: Option<(TakenItem, Moment, Position)>,
}

/// The items of one channel.
#[derive(Clone, Debug, Default)]
struct ItemQueue {
    /// Those that wait: when each was sent, and by which task.
    waiting: VecDeque<(Moment, Option<TaskId>)>,
    /// Those that were served last.
    served: VecDeque<ServedItem>,
    /// Items that were sent and not noted.
    overflow: bool,
    /// Short items whose senders have waited for an answer.
    answered: u64,
    /// Where a task waits for them.
    receives: Option<LocationId>,
}

#[derive(Clone, Copy, Debug)]
struct SentItem {
    channel: ResourceId,
    at: Moment,
    event: Position,
}

#[derive(Clone, Copy, Debug)]
struct TakenItem {
    channel: ResourceId,
    sent: Moment,
    by: Option<TaskId>,
    at: Moment,
    event: Position,
    /// Where the task waited longest for something since.
    slowest: (LocationId, Span),
}

#[derive(Clone, Copy, Debug)]
struct ServedItem {
    slowest: LocationId,
    taken: Moment,
    queued: Span,
    service: Span,
    by: Option<TaskId>,
    event: Position,
}

impl InversionDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> InversionDetector {
        InversionDetector {
            factor: limits.count(Rule::Inversion, "factor").max(2),
            queues: SlotTable::default(),
            tasks: SlotTable::default(),
            has_long: false,
            sent: None,
        }
    }

    /// The shortest service behind which a short item waits that is many times shorter. Several of them
    /// are as bad as one that is long.
    fn long(&self) -> Span {
        Span(SERVED.nanos().saturating_mul(self.factor))
    }

    /// The running task, or a callback, puts an item into a channel.
    #[inline]
    pub(in crate::insight::findings) fn sent(&mut self, step: &EventStep<'_>, channel: ResourceId) {
        self.sent = Some(step.position());
        let is_channel = |kind| kind == ResourceKind::Channel;
        let known = step.before.resource(channel);
        if known.is_none_or(|known| !is_channel(known.kind))
            || (self.queues.len() >= FOLLOWED && self.queues.get(channel.index()).is_none())
        {
            return;
        }
        let by = step.before.running.task();
        let queue = self.queues.get_or_fill(channel.index(), ItemQueue::default);
        if queue.waiting.len() < ITEMS {
            queue.waiting.push_back((step.at(), by));
        } else {
            queue.overflow = true;
        }
        if let Some(items) = by.and_then(|by| items_of(&mut self.tasks, by)) {
            items.sent = Some(SentItem {
                channel,
                at: step.at(),
                event: step.position(),
            });
        }
    }

    /// The running task takes an item.
    #[inline]
    pub(in crate::insight::findings) fn received(
        &mut self,
        step: &EventStep<'_>,
        channel: ResourceId,
    ) {
        let Some(task) = step.before.running.task() else {
            return;
        };
        let long = self.long();
        let Some(items) = items_of(&mut self.tasks, task) else {
            return;
        };
        finish(&mut self.queues, (&mut self.has_long, long), step, items);
        let Some(queue) = self.queues.get_mut(channel.index()) else {
            return;
        };
        let Some((sent, by)) = queue.waiting.pop_front() else {
            return;
        };
        items.taken = Some(TakenItem {
            channel,
            sent,
            by,
            at: step.at(),
            event: step.position(),
            slowest: (LocationId::UNKNOWN, Span::ZERO),
        });
    }

    /// A task comes back for an item, at this place.
    #[inline]
    pub(in crate::insight::findings) fn comes_back(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        (channel, at): (ResourceId, LocationId),
    ) {
        self.finished(step, task);
        if let Some(queue) = self.queues.get_mut(channel.index())
            && at != LocationId::UNKNOWN
        {
            queue.receives = Some(at);
        }
    }

    /// The service of the item that a task has taken last is over.
    fn finished(&mut self, step: &EventStep<'_>, task: TaskId) {
        let long = self.long();
        if !self.tasks.is_empty()
            && let Some(items) = self.tasks.get_mut(task.index())
        {
            finish(&mut self.queues, (&mut self.has_long, long), step, items);
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
        let time = step.at().since(row.since);
        if time >= SERVED
            && !self.tasks.is_empty()
            && let Some(items) = self.tasks.get_mut(task.index())
            && let Some(item) = &mut items.taken
            && time > item.slowest.1
        {
            item.slowest = (row.wait_at, time);
        }
    }

    /// A task has ended.
    #[inline]
    pub(in crate::insight::findings) fn ended(&mut self, step: &EventStep<'_>, task: TaskId) {
        if !self.tasks.is_empty() {
            self.finished(step, task);
            self.tasks.remove(task.index());
        }
    }

    /// A task wakes another one, which may have waited for the answer to what it sent.
    #[inline]
    pub(in crate::insight::findings) fn answered(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        (by, asker): (TaskId, TaskId),
        claims: &mut Claims,
    ) {
        if self.has_long && by != asker {
            self.answer(step, poll, (by, asker), claims);
        }
    }

    /// The item that a task answers, and when its service was over. An adapter tells of the wakes of a
    /// poll at its end, when the task may have taken the next item already.
    fn answers(
        &self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        by: TaskId,
    ) -> Option<(TakenItem, Moment)> {
        let items = self.tasks.get(by.index())?;
        let current = items.taken;
        // A wake directly after an item was sent is that of the item.
        let follows = self
            .sent
            .is_some_and(|sent| sent.0 + 1 == step.position().0);
        let is_new = current.is_none_or(|item| item.event >= poll.started && !follows);
        let finished = items.finished.filter(|_| is_new);
        let finished = finished.filter(|(_, _, event)| *event >= poll.started);
        let finished = finished.map(|(item, end, _)| (item, end));
        finished.or_else(|| current.map(|item| (item, step.at())))
    }

    fn answer(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        (by, asker): (TaskId, TaskId),
        claims: &mut Claims,
    ) {
        let request = self.tasks.get(asker.index()).and_then(|items| items.sent);
        let (Some((item, end)), Some(request)) = (self.answers(step, poll, by), request) else {
            return;
        };
        let Some(row) = step.before.tasks.get(asker) else {
            return;
        };
        let queued = item.at.since(request.at);
        let service = end.since(item.at).nanos().max(SERVED.nanos());
        let least = service.saturating_mul(self.factor);
        // The sender has waited since it sent, not for something else in between.
        let is_answer = item.channel == request.channel && row.since.since(request.at) <= SERVED;
        if !is_answer || queued < QUEUED || queued.nanos() < least {
            return;
        }
        let Some(queue) = self.queues.get_mut(item.channel.index()) else {
            return;
        };
        let meanwhile = |served: &&ServedItem| {
            served.taken >= request.at && served.taken < item.at && served.service.nanos() >= least
        };
        let before = queue.served.iter().rev().find(meanwhile);
        let Some(before) = before else {
            return;
        };
        queue.answered += 1;
        let places = [queue.receives.unwrap_or(before.slowest), before.slowest];
        let severity = if queue.answered < TIMES {
            Severity::Info
        } else {
            Severity::Warning
        };
        let evidence = [request.event, before.event, item.event];
        let times = (queued, Span(service), before.service);
        let claim = claim(
            step.before,
            (item.channel, places),
            Some(asker),
            times,
            queue.answered,
        );
        if let Some(claim) = claim {
            let claim = claim.severity(severity).cost(queued);
            claims.push(claim.also([row.wait_at]).evidence(evidence));
        }
    }

    /// The channel exists no longer.
    pub(in crate::insight::findings) fn dropped(
        &mut self,
        state: &State,
        channel: ResourceId,
        claims: &mut Claims,
    ) {
        if let Some(queue) = self.queues.take(channel.index()) {
            self.judge(state, channel, &queue, claims);
        }
    }

    /// Claims that the items of a channel fall into two classes.
    fn judge(&self, state: &State, channel: ResourceId, queue: &ItemQueue, claims: &mut Claims) {
        if queue.answered > 0 || queue.overflow || !self.has_long {
            return;
        }
        let mut items: Vec<&ServedItem> = queue.served.iter().collect();
        items.sort_by_key(|item| item.service);
        let length = |item: &ServedItem| item.service.nanos().max(SERVED.nanos());
        let is_far =
            |pair: &[&ServedItem]| length(pair[1]) >= length(pair[0]).saturating_mul(self.factor);
        let Some(gap) = items.windows(2).position(is_far) else {
            return;
        };
        let (short, long) = items.split_at(gap + 1);
        if long.len() < CLASS || short.len() < CLASS {
            return;
        }
        let waited = |item: &&&ServedItem| {
            item.queued >= QUEUED && item.queued.nanos() >= length(item).saturating_mul(self.factor)
        };
        let late: Vec<&&ServedItem> = short.iter().filter(waited).collect();
        let times = late.len() as u64;
        let Some(worst) = late.iter().max_by_key(|item| item.queued) else {
            return;
        };
        if times < TIMES {
            return;
        }
        let sends = |items: &[&ServedItem], by: Option<TaskId>| {
            items.iter().filter(|item| item.by == by).count()
        };
        // A task that sends one item does not tell of which kind its items are.
        let is_kind = |items: &[&ServedItem], others: &[&ServedItem]| {
            items.iter().any(|item| sends(items, item.by) > 1)
                && items.iter().all(|item| sends(others, item.by) == 0)
        };
        let is_both = !is_kind(short, long) || !is_kind(long, short);
        let severity = if is_both {
            Severity::Info
        } else {
            Severity::Warning
        };
        let spans = (worst.queued, worst.service, long[0].service);
        let places = [queue.receives.unwrap_or(long[0].slowest), long[0].slowest];
        if let Some(claim) = claim(state, (channel, places), worst.by, spans, times) {
            let cost = late.iter().map(|item| item.queued).sum();
            let evidence = [worst.event, long[0].event];
            claims.push(claim.severity(severity).cost(cost).evidence(evidence));
        }
    }

    /// The channels that exist at a state.
    pub(in crate::insight::findings) fn conclude(&self, state: &State, claims: &mut Claims) {
        for (id, queue) in self.queues.iter() {
            self.judge(state, ResourceId(id), queue, claims);
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.queues.clear();
        self.tasks.clear();
    }
}

/// The items of a task, if it is followed or may be.
#[inline]
fn items_of(tasks: &mut SlotTable<TaskItems>, task: TaskId) -> Option<&mut TaskItems> {
    if tasks.len() >= FOLLOWED {
        return tasks.get_mut(task.index());
    }
    Some(tasks.get_or_fill(task.index(), TaskItems::default))
}

/// The service of the item that a task has taken is over.
#[inline]
fn finish(
    queues: &mut SlotTable<ItemQueue>,
    (has_long, long): (&mut bool, Span),
    step: &EventStep<'_>,
    items: &mut TaskItems,
) {
    let Some(item) = items.taken.take() else {
        return;
    };
    let Some(queue) = queues.get_mut(item.channel.index()) else {
        return;
    };
    let (service, waited) = (step.at().since(item.at), item.at.since(item.sent));
    *has_long |= service >= long;
    if *has_long {
        items.finished = Some((item, step.at(), step.position()));
    } else if service < SERVED && waited < SERVED {
        // As long as nothing is long, a short item that has not waited tells nothing.
        return;
    }
    if queue.served.len() == ITEMS {
        queue.served.pop_front();
    }
    queue.served.push_back(ServedItem {
        slowest: item.slowest.0,
        taken: item.at,
        queued: waited,
        service,
        by: item.by,
        event: item.event,
    });
}

/// The claim that items of a channel have waited: for how long, for what service, behind what service.
fn claim(
    state: &State,
    (channel, places): (ResourceId, [LocationId; 2]),
    task: Option<TaskId>,
    (queued, service, before): (Span, Span, Span),
    times: u64,
) -> Option<Claim> {
    let resource = state.resource(channel)?;
    let proof = Proof::Inversion {
        channel: NamedResource::from_state(resource),
        queued,
        service,
        before,
        times,
    };
    // Where items are taken in their order, or else the long work, or else the queue.
    let all = [places[0], places[1], resource.at];
    let at = all.into_iter().find(|at| *at != LocationId::UNKNOWN)?;
    Some(Claim::new(task, Spot::exact(at), proof).also(all))
}
