//! Gives each event to the detectors that need it.
//!
//! The match over events is exhaustive, so a new event cannot be forgotten. A detector is called only
//! for the events that it needs: ten million events are read in well under a second.

mod loops;
mod resources;

use crate::replay::{EventStep, Replay, State, TaskState};
use crate::trace::{
    Event, LocationId, Moment, Outcome, PollOutcome, ResourceId, Span, TaskEvent, TaskId, Wait,
    WakeEffect, WokenBy,
};

use super::{
    claim::Claims,
    detect::{
        abandoned::AbandonedWork,
        channels::ResourceUses,
        fate::FateDetector,
        growth::GrowthDetector,
        guarded::GuardedWait,
        handles::HandleDetector,
        herd::HerdDetector,
        hold,
        hold::HoldDetector,
        hung::HungDetector,
        interval::IntervalDetector,
        inversion::InversionDetector,
        late::LateDetector,
        limited::LimitedWaits,
        locks::LockDetector,
        lost::LossDetector,
        nested::NestedDetector,
        open_poll::OpenPoll,
        order::OrderDetector,
        passed_over::PassedOverDetector,
        peers::PeerDetector,
        pool::PoolDetector,
        pressure::PressureDetector,
        retry::RetryDetector,
        series::SeriesDetector,
        spin::SpinDetector,
        stuck,
        unfair::{FairDetector, received_from},
        unpolled::UnpolledDetector,
        values::ValueDetector,
        write_buffer::WriteBufferDetector,
    },
    hang::waits_for_itself,
    limits::Limits,
};

const MAIN: TaskId = TaskId(0);

/// How long a loop that nothing known can wake has waited when it is stopped.
const WAITED: Span = Span(1_000_000_000);

/// How long a task has waited that gives up: less may be that of an attempt.
const GIVEN: Span = Span(50_000_000);

/// All detectors, and what they have claimed.
#[derive(Debug)]
pub(super) struct Visitor {
    claims: Claims,
    poll: OpenPoll,
    /// Whether that poll has not ended.
    is_open: bool,
    /// The polls around it: a task may take its first step inside the step that created it.
    outer: Vec<OpenPoll>,
    /// The open poll has printed a line.
    printed: bool,
    main_ended: bool,
    /// What was stuck when the loop began to wait without a deadline. A stop from outside then cancels
    /// the tasks, so that the last state no longer tells. Empty again once something else wakes one.
    idle: Claims,
    /// The same for a loop in which all tasks wait for other tasks and futures, but which a thread or a
    /// signal may wake: when it began to wait, and the claim if it does so until it is stopped.
    waiting: Option<(Moment, Claims)>,
    guarded: GuardedWait,
    limits: LimitedWaits,
    uses: ResourceUses,
    hold: HoldDetector,
    late: LateDetector,
    spin: SpinDetector,
    fate: FateDetector,
    growth: GrowthDetector,
    locks: LockDetector,
    values: ValueDetector,
    series: SeriesDetector,
    interval: IntervalDetector,
    retry: RetryDetector,
    lost: LossDetector,
    nested: NestedDetector,
    peers: PeerDetector,
    hung: HungDetector,
    herd: HerdDetector,
    fair: FairDetector,
    passed_over: PassedOverDetector,
    inversion: InversionDetector,
    pressure: PressureDetector,
    unpolled: UnpolledDetector,
    handles: HandleDetector,
    pool: PoolDetector,
    writes: WriteBufferDetector,
    order: OrderDetector,
    abandoned: AbandonedWork,
}

impl Visitor {
    pub(super) fn new(limits: &Limits) -> Visitor {
        Visitor {
            claims: Claims::default(),
            poll: OpenPoll::default(),
            is_open: false,
            outer: Vec::new(),
            printed: false,
            main_ended: false,
            idle: Claims::default(),
            waiting: None,
            guarded: GuardedWait::default(),
            limits: LimitedWaits::default(),
            uses: ResourceUses::default(),
            hold: HoldDetector::new(limits),
            late: LateDetector::new(limits),
            spin: SpinDetector::new(limits),
            fate: FateDetector::new(limits),
            growth: GrowthDetector::new(limits),
            locks: LockDetector::new(limits),
            values: ValueDetector::default(),
            series: SeriesDetector::new(limits),
            interval: IntervalDetector::new(limits),
            retry: RetryDetector::new(limits),
            lost: LossDetector::default(),
            nested: NestedDetector::new(limits),
            peers: PeerDetector::new(limits),
            hung: HungDetector::new(limits),
            herd: HerdDetector::new(limits),
            fair: FairDetector::new(limits),
            passed_over: PassedOverDetector::new(limits),
            inversion: InversionDetector::new(limits),
            pressure: PressureDetector::new(limits),
            unpolled: UnpolledDetector::new(limits),
            handles: HandleDetector::new(limits),
            pool: PoolDetector::new(limits),
            writes: WriteBufferDetector::new(limits),
            order: OrderDetector::new(limits),
            abandoned: AbandonedWork::default(),
        }
    }

    /// Reads an event.
    #[inline]
    pub(super) fn see(&mut self, step: &EventStep<'_>) {
        // By reference: the event was just written, field by field, and a copy of the whole would wait
        // for all of these writes.
        match &step.event {
            Event::Task(event) => self.task_event(step, event),
            Event::Loop(event) => self.loop_event(step, event),
            Event::Timer(event) => self.timer_event(step, event),
            Event::Resource(event) => self.resource_event(step, event),
            Event::Callback(event) => self.callback_event(step, event),
            Event::Output { .. } => {
                self.poll.works();
                self.printed = true;
                self.lost.hands_on(step);
            }
            Event::Gap { .. } => self.gap(),
        }
    }

    /// All claims about the trace up to a state, with those that depend on the state itself.
    pub(super) fn conclude(&self, replay: &Replay, state: &State) -> Claims {
        let mut claims = self.claims.clone();
        let is_over = state.outcome == Some(Outcome::Deadlock);
        let cause = self.locks.conclude(state, is_over, &mut claims);
        if !self.main_ended {
            stuck::conclude(state, &self.uses, cause, &mut claims);
            self.growth
                .conclude(state, state.position, spawned(replay), &mut claims);
            self.peers.conclude(state, None, &mut claims);
            self.fair.conclude(state, &self.uses, false, &mut claims);
            self.inversion.conclude(state, &mut claims);
            self.pressure.conclude(state, &mut claims);
            self.handles.conclude(state, None, &mut claims);
        }
        if self.main_ended || state.outcome == Some(Outcome::Stopped) {
            claims.extend(&self.idle);
        }
        self.hung.conclude(&mut claims);
        self.guarded.conclude(&mut claims);
        self.spin.conclude(state, &mut claims);
        self.fate.conclude(state, &mut claims);
        self.series.conclude(state, &mut claims);
        self.hold.conclude(&mut claims);
        self.interval.conclude(state, &mut claims);
        self.retry.conclude(state, &mut claims);
        self.order.conclude(state, parent(replay), &mut claims);
        self.passed_over.conclude(&mut claims);
        self.lost.conclude(state, &mut claims);
        claims
    }

    /// The claims about a loop that waits at the end of the trace, of which it is known that nothing can
    /// wake it.
    pub(super) fn conclude_hang(&self, claims: &mut Claims) {
        if let Some((_, stuck)) = &self.waiting
            && !self.main_ended
        {
            claims.extend(stuck);
        }
    }

    #[inline]
    fn task_event(&mut self, step: &EventStep<'_>, event: &TaskEvent) {
        match *event {
            TaskEvent::PollStart { task } => self.poll_started(step, task),
            TaskEvent::PollEnd { task, outcome, .. } => self.poll_ended(step, task, outcome),
            TaskEvent::Wake { task, by, effect } => self.woken(step, task, by, effect),
            TaskEvent::Wait {
                task,
                on,
                at,
                at_creation,
                also,
            } => {
                if let Wait::Join(joined) = on {
                    self.fate.awaited(step, joined);
                } else if let Some(channel) = received_from(on) {
                    self.guarded.waits_again(task, channel);
                    self.fair.waits(task, channel, at);
                } else if let Wait::Acquire(event) = on {
                    self.guarded.waits_again(task, event);
                } else if let Wait::Any(group) = on {
                    self.passed_over
                        .selects(step, task, group, at, &mut self.claims);
                }
                self.limits.declares(step, task, on, also);
                self.declares(step, task, on, (at, at_creation));
                self.unpolled.declares(step, task, on, also);
                self.writes.waits(on);
            }
            TaskEvent::Joined { joined, .. } => self.fate.awaited(step, joined),
            TaskEvent::Spawn {
                task, at, parent, ..
            } => {
                self.poll.works();
                self.growth.spawned(step, at);
                self.lost.hands_on(step);
                self.nested.spawned(step, task, at, (parent, self.is_open));
            }
            TaskEvent::Failed { task, message } => {
                self.fate.failed(step, &self.poll, task, message);
            }
            TaskEvent::CancelRequested { task, dropped } => {
                self.cancel_requested(step, task, dropped);
            }
            TaskEvent::CancelDelivered { .. } => {}
        }
    }

    /// The cancellation of a task is requested.
    fn cancel_requested(&mut self, step: &EventStep<'_>, task: TaskId, dropped: bool) {
        self.fate.cancel_requested(step, &self.uses, task, dropped);
        self.lost.cancel_requested(step, task);
        self.abandoned.cancel_requested(task);
        if !self.main_ended {
            self.gives_up(step, task);
            let only = (task != MAIN).then_some(task);
            self.peers.conclude(step.before, only, &mut self.claims);
        }
    }

    /// A task declares a wait while it may have an item in hand, or a part of one.
    #[inline]
    fn declares(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        on: Wait,
        (at, at_creation): (LocationId, bool),
    ) {
        self.lost.declares(task, on, (at, at_creation));
        self.abandoned
            .declares(step, task, on, at, &mut self.claims);
    }

    /// A task is woken, also one that is in the ready queue already.
    #[inline]
    fn woken(&mut self, step: &EventStep<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) {
        if self.poll.task != Some(task) {
            self.poll.progress += 1;
        }
        self.hold.woken(step, task, by, effect);
        self.retry.woken(step, task);
        self.unpolled.woken(step, task, by);
        if effect != WakeEffect::Enqueued {
            return;
        }
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        self.uses.woken(task, row.wait, by, step.position());
        self.abandoned.woken(step, (task, row.wait), by);
        self.handles.woken(step, row.wait);
        self.herd.woken(step, task, row);
        self.pressure.woken(step, task, row);
        self.inversion.woken(step, task, row);
        if let Wait::Acquire(lock) = row.wait {
            self.locks.woken(task, lock);
        }
        if let WokenBy::Task(actor) = by {
            self.inversion
                .answered(step, &self.poll, (actor, task), &mut self.claims);
        }
    }

    /// What a task waits for does not come: its limit is reached, or it is cancelled.
    fn gives_up(&mut self, step: &EventStep<'_>, task: TaskId) {
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        let limited = self.limits.of(step.before, task);
        let has_waited = step.at().since(row.since) >= GIVEN;
        if has_waited && (row.also == 0 || limited.is_some()) {
            let on = limited.map_or(row.wait, |limited| limited.on);
            let claims = &mut self.claims;
            self.locks.gives_up(step.before, on, claims);
            stuck::conclude_given_up(step.before, &self.uses, &self.limits, task, claims);
        }
    }

    #[inline]
    fn poll_started(&mut self, step: &EventStep<'_>, task: TaskId) {
        // The state forgets the outer task when a first inner one ends.
        if self.is_open && self.poll.task != Some(task) {
            self.outer.push(self.poll);
        }
        self.is_open = true;
        self.poll = OpenPoll::of_task(step, task);
        if let Some(ended) = self.limits.ended_wait(step.before, task) {
            self.poll.resumed = ended.at;
            self.poll.resumed_at_creation = ended.at_creation;
            self.poll.waited = ended.on;
        }
        self.guarded.polled();
        self.printed = false;
        self.lost.poll_started();
        self.spin.poll_started();
        self.nested.polled(task);
        self.late.poll_started(step, task, &mut self.claims);
        self.locks.resumed(step, task, &mut self.claims);
        self.series.resumed(step, &self.poll);
    }

    #[inline]
    fn poll_ended(&mut self, step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) {
        let pending = outcome == PollOutcome::Pending;
        if !self.idle.is_empty()
            || self.waiting.is_some()
            || self.hung.has_found()
            || self.guarded.has_found()
        {
            self.poll_after_idle(step, task, outcome);
        }
        let claims = &mut self.claims;
        if self.poll.task == Some(task) {
            let nested = self.nested.is_inside(task) && {
                let delayed = hold::delayed_by(step, &self.poll);
                self.nested.held(step, &self.poll, delayed, claims)
            };
            if !nested {
                self.hold.poll_ended(step, &self.poll, claims);
            }
            self.lost.poll_ended(step, &self.poll, task, outcome);
            self.abandoned
                .poll_ended(step, task, self.poll.started, claims);
            self.late.poll_ended(step, &self.poll);
            self.spin.poll_ended(step, &self.poll, pending, claims);
            self.herd.poll_ended(step, &self.poll, pending, claims);
            self.unpolled.poll_ended(step, &self.poll, pending, claims);
        }
        if pending {
            self.suspended(step, task);
        } else {
            self.series.end(task, claims);
            self.growth.ended(step, task);
            self.retry.ended(step, task, outcome, claims);
            self.nested.ended(step, task, claims);
            self.fair.ended(step, &self.uses, task, claims);
            self.passed_over.ended(task, claims);
            self.inversion.ended(step, task);
            self.pressure.ended(task);
            self.unpolled.ended(task);
            self.limits.ended(task);
            if task == MAIN {
                self.main_ends(step);
            }
        }
        let claims = &mut self.claims;
        self.fate
            .poll_ended(step, task, outcome, self.printed, claims);
        self.is_open = false;
        if let Some(outer) = self.outer.pop() {
            self.poll = outer;
            self.is_open = true;
        }
    }

    /// A poll ends after the loop seemed to wait for ever. If the task was not cancelled, something that
    /// is not recorded has woken it.
    fn poll_after_idle(&mut self, step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) {
        let row = step.before.tasks.get(task);
        let cancelled = row.is_some_and(TaskState::cancel_requested);
        let continues = match outcome {
            PollOutcome::Pending => !cancelled,
            PollOutcome::Ready => true,
            PollOutcome::Panicked | PollOutcome::Failed | PollOutcome::Cancelled => false,
        };
        if let Some((since, claims)) = self.waiting.take()
            && !continues
            && (OpenPoll::is_virtual(step) || step.at().since(since) >= WAITED)
        {
            self.idle.extend(&claims);
        }
        self.guarded.poll_ended(outcome == PollOutcome::Pending);
        if continues {
            self.idle = Claims::default();
            self.hung.continues(task);
            self.guarded.continues(task);
        }
    }

    #[inline]
    fn suspended(&mut self, step: &EventStep<'_>, task: TaskId) {
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        if !row.phase.queued() {
            match row.wait {
                Wait::Acquire(lock) => {
                    self.locks.waits(task, lock);
                    self.interval.waits(task);
                }
                Wait::Timer(timer) => {
                    self.fate.sleeps(task, row.wait_at);
                    if let Some(timer) = step.before.timer(timer) {
                        let (poll, at) = (&self.poll, row.wait_at);
                        self.interval
                            .sleeps(step, poll, at, timer, &mut self.claims);
                    }
                }
                Wait::Receive(channel) => {
                    self.waits_for_item(step, task, channel);
                    self.interval.waits(task);
                }
                Wait::Join(_) => self.nested.suspended(step, task, row),
                Wait::Unknown
                | Wait::Yield
                | Wait::Send(_)
                | Wait::Operation(_)
                | Wait::All(_)
                | Wait::Any(_) => {}
            }
            self.order.suspended(step, task, row.wait, row.wait_at);
            self.locks.suspended(step, task);
        } else if row.wait == Wait::Yield {
            self.interval.yields(step, task, &mut self.claims);
        }
        let (wait, at) = (row.wait, row.wait_at);
        self.series
            .suspended(step, task, wait, at, &mut self.claims);
    }

    /// A task comes back for the next item.
    fn waits_for_item(&mut self, step: &EventStep<'_>, task: TaskId, channel: ResourceId) {
        self.fate.hands_on(Some(task));
        self.inversion.finished(step, task);
        self.pressure.receives(task, channel);
        if step.before.tasks.get(task).is_some_and(|row| row.also == 0) {
            self.fair.waits_alone(task, channel);
        }
    }

    /// Main ends: the loop cancels all other tasks.
    fn main_ends(&mut self, step: &EventStep<'_>) {
        stuck::conclude(step.before, &self.uses, None, &mut self.claims);
        self.fate.main_ends(step, &self.uses, &mut self.claims);
        self.locks.main_ends(step.before, &mut self.claims);
        let since = self.poll.started;
        self.peers.conclude(step.before, None, &mut self.claims);
        self.growth
            .conclude(step.before, since, spawned(step.replay), &mut self.claims);
        self.fair
            .conclude(step.before, &self.uses, true, &mut self.claims);
        self.inversion.conclude(step.before, &mut self.claims);
        self.pressure.conclude(step.before, &mut self.claims);
        self.handles
            .conclude(step.before, Some(since), &mut self.claims);
        self.main_ended = true;
    }

    /// Events are missing: what was known of single tasks and resources is no longer certain.
    fn gap(&mut self) {
        self.poll = OpenPoll::default();
        self.is_open = false;
        self.uses.clear();
        self.fate.gap();
        self.locks.gap();
        self.values.gap();
        self.growth.gap();
        self.outer.clear();
        self.interval.gap();
        self.retry.gap();
        self.lost.gap();
        self.nested.gap();
        self.peers.gap();
        self.hung.gap();
        self.guarded.gap();
        self.limits.gap();
        self.herd.gap();
        self.fair.gap();
        self.passed_over.gap();
        self.inversion.gap();
        self.pressure.gap();
        self.unpolled.gap();
        self.handles.gap();
        self.pool.gap();
        self.writes.gap();
        self.order.gap();
        self.abandoned.gap();
    }
}

/// Which task has spawned each task.
fn parent(replay: &Replay) -> impl Fn(TaskId) -> Option<TaskId> {
    let tables = replay.tables();
    move |task| tables.task(task).and_then(|info| info.parent)
}

/// Where and when each task was spawned.
fn spawned(replay: &Replay) -> impl Fn(TaskId) -> (LocationId, Moment) {
    let tables = replay.tables();
    move |task| match tables.task(task) {
        Some(info) => (info.at, info.spawned_at),
        None => (LocationId::UNKNOWN, Moment::START),
    }
}
