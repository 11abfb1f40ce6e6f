//! Gives each event to the detectors that need it.
//!
//! The match over events is exhaustive, so a new event cannot be forgotten. A detector is called only
//! for the events that it needs: ten million events are read in well under a second.

mod loops;
mod polls;
mod resources;
mod tasks;

use std::time::Duration;

use crate::replay::{EventStep, Replay, State};
use crate::trace::{Event, LocationId, Moment, Outcome, TaskId};

use super::{
    claim::Claims,
    detect::{
        abandoned::AbandonedWork,
        channels::ResourceUses,
        fate::FateDetector,
        growth::GrowthDetector,
        guarded::GuardedWait,
        handles::HandleDetector,
        harm,
        herd::HerdDetector,
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
    hang::{Hang, has_other_threads, waits_for_itself},
    limits::Limits,
};

const MAIN: TaskId = TaskId(0);

/// A loop in which all tasks wait for other tasks and futures, but which a thread or a signal may wake.
#[derive(Debug)]
struct Waiting {
    /// When the loop began to wait, and whether main had ended.
    since: Moment,
    after_main: bool,
    /// The claims if it waits until it is stopped.
    claims: Claims,
    /// While other threads run: the claims if none of them wakes a task.
    beside_threads: Option<Claims>,
}

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
    waiting: Option<Waiting>,
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

    /// The claims about a loop that waits at the end of the trace, of which it is known that it hangs, and how
    /// long it has waited.
    pub(super) fn conclude_hang(
        &self,
        state: &State,
        hang: Hang,
        quiet: Duration,
        claims: &mut Claims,
    ) {
        let is_stopped = self.main_ended || state.outcome.is_some();
        match hang {
            Hang::Circle if !is_stopped => stuck::conclude_circles(state, &self.uses, claims),
            Hang::Silent if !is_stopped => self.peers.conclude_after(state, quiet, claims),
            // The state itself proves it, or no longer tells.
            Hang::Proven | Hang::Circle | Hang::Silent => {}
            Hang::Idle | Hang::BesideThread => {
                let Some(waiting) = self.waiting.as_ref().filter(|waiting| !waiting.after_main)
                else {
                    return;
                };
                let threads_are_idle = hang == Hang::Idle;
                let proven = waiting.beside_threads.as_ref();
                let proven = proven.filter(|claims| threads_are_idle && !claims.is_empty());
                claims.extend(proven.unwrap_or(&waiting.claims));
            }
        }
    }

    /// Whether a task waits for room in a channel that only it itself reads, so that the loop waits for nothing
    /// that could wake it.
    pub(super) fn waits_for_own_channel(&self, state: &State) -> bool {
        let is_over = self.main_ended || state.outcome.is_some();
        !is_over && stuck::is_in_own_channel(state, &self.uses)
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
        self.series.gap();
        self.retry.gap();
        self.lost.gap();
        self.nested.gap();
        self.peers.gap();
        self.late.gap();
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
