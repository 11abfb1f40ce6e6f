//! `wakestorm`: a task that is polled over and over without progress.
//!
//! A streak is a row of polls of one task that all suspend at the same wait, with nothing in
//! between that the trace knows as progress: no operation, output, spawn, timer or wake of another
//! task, and no time of work. It is a finding if it is long in polls and in time. A task that
//! yields between pieces of work takes some time in each poll. To look at a lock or a value is no
//! progress; what a task does under a lock of its own may be, so that is an info.
//!
//! A task also wakes itself if it is woken by a callback that its last poll has put into the ready queue, and
//! that poll has done nothing else: it waits for a future that has completed already.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, State};
use crate::trace::{CallbackId, LocationId, Moment, Position, Span, TaskId, WokenBy};

use super::{
    super::{
        claim::{Claim, Claims, Nearness, Spot},
        limits::Limits,
        proof::Proof,
        rule::{Rule, Severity},
    },
    open_poll::OpenPoll,
};

/// A poll that takes longer does some work.
const IDLE_POLL: Span = Span(100_000);

/// Looks for tasks that are polled without progress.
#[derive(Debug)]
pub(in crate::insight::findings) struct SpinDetector {
    polls: u64,
    time: Span,
    streaks: IdMap<TaskId, Streak>,
    /// The callbacks that the open poll has put into the ready queue: the first and the last.
    scheduled: Option<(CallbackId, CallbackId)>,
    /// Those of the last poll of each task that has done nothing else, and waits.
    callbacks: IdMap<TaskId, (CallbackId, CallbackId)>,
}

#[derive(Clone, Copy, Debug)]
struct Streak {
    polls: u64,
    /// The sum of their lengths.
    took: Span,
    /// How many of them did no work.
    idle: u64,
    /// No poll had a lock for itself alone: under one, it may have changed what no trace knows.
    is_certain: bool,
    since: Moment,
    /// The position after the first poll.
    first: Position,
    last: Position,
    until: Moment,
    spot: Spot,
}

impl SpinDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> SpinDetector {
        SpinDetector {
            polls: limits.count(Rule::WakeStorm, "polls"),
            time: limits.span(Rule::WakeStorm, "time"),
            streaks: IdMap::default(),
            scheduled: None,
            callbacks: IdMap::default(),
        }
    }

    /// A poll begins.
    #[inline]
    pub(in crate::insight::findings) fn poll_started(&mut self) {
        self.scheduled = None;
    }

    /// The open poll puts a callback into the ready queue.
    #[inline]
    pub(in crate::insight::findings) fn scheduled(&mut self, callback: CallbackId) {
        let first = self.scheduled.map_or(callback, |(first, _)| first);
        self.scheduled = Some((first, callback));
    }

    /// Whether a poll that ends was begun by a callback of the poll before it, and has only put callbacks into
    /// the ready queue itself.
    fn wakes_itself(&mut self, poll: &OpenPoll, task: TaskId, woken_by: WokenBy) -> bool {
        let before = self.callbacks.remove(&task);
        let own = self.scheduled.take();
        let count = own.map_or(0, |(first, last)| last.0.abs_diff(first.0) + 1);
        if let Some(own) = own
            && poll.progress == count
        {
            self.callbacks.insert(task, own);
        }
        let WokenBy::Callback(by) = woken_by else {
            return false;
        };
        let is_own = before.is_some_and(|(first, last)| (first..=last).contains(&by));
        is_own && poll.progress == count
    }

    /// A poll ends, with the task suspended or not.
    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        pending: bool,
        claims: &mut Claims,
    ) {
        let Some(task) = poll.task else {
            return;
        };
        let row = step.before.tasks.get(task).filter(|_| pending);
        let is_known = self.scheduled.is_some() || !self.callbacks.is_empty();
        let by_callback =
            is_known && row.is_some_and(|row| self.wakes_itself(poll, task, row.woken_by));
        let again = row.filter(|row| {
            let yields = row.phase.queued()
                && row.woken_by == WokenBy::Task(task)
                && poll.progress == poll.looks;
            yields || by_callback
        });
        match again {
            Some(row) => {
                let mut spot = Spot::of_wait(row);
                if spot.is_unknown() {
                    // Where a task yields is not always recorded.
                    let info = step.tables().task(task);
                    let at = info.map_or(LocationId::UNKNOWN, |info| info.at);
                    let nearness = Nearness::Spawned;
                    spot = Spot { at, nearness };
                }
                self.spins(step, poll, task, spot, claims);
            }
            None if self.streaks.is_empty() => {}
            None => {
                if let Some(streak) = self.streaks.remove(&task) {
                    self.end(task, &streak, claims);
                }
            }
        }
    }

    fn spins(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        task: TaskId,
        spot: Spot,
        claims: &mut Claims,
    ) {
        let new = Streak {
            polls: 0,
            took: Span::ZERO,
            idle: 0,
            is_certain: true,
            since: poll.from,
            first: step.position(),
            last: step.position(),
            until: step.at(),
            spot,
        };
        let streak = self.streaks.entry(task).or_insert(new);
        let is_named = |spot: Spot| spot.nearness != Nearness::Spawned;
        let is_other = streak.spot != spot && is_named(streak.spot) && is_named(spot);
        let ended = is_other.then(|| std::mem::replace(streak, new));
        if is_named(spot) {
            streak.spot = spot;
        }
        streak.polls += 1;
        streak.took += poll.took(step);
        streak.idle += u64::from(poll.took(step) <= IDLE_POLL);
        streak.is_certain &= poll.looks == poll.reads;
        (streak.last, streak.until) = (step.position(), step.at());
        if let Some(ended) = ended {
            self.end(task, &ended, claims);
        }
    }

    fn end(&self, task: TaskId, streak: &Streak, claims: &mut Claims) {
        let time = streak.until.since(streak.since);
        if streak.polls < self.polls || time < self.time || streak.idle * 10 < streak.polls * 9 {
            return;
        }
        let proof = Proof::WakeStorm {
            polls: streak.polls,
            time,
            by_itself: true,
        };
        let severity = if streak.is_certain {
            Rule::WakeStorm.entry().severity
        } else {
            Severity::Info
        };
        let claim = Claim::new(Some(task), streak.spot, proof)
            .severity(severity)
            .cost(streak.took)
            .evidence([streak.first, streak.last]);
        claims.push(claim);
    }

    /// The streaks that have not ended.
    pub(in crate::insight::findings) fn conclude(&self, _state: &State, claims: &mut Claims) {
        let mut streaks: Vec<(&TaskId, &Streak)> = self.streaks.iter().collect();
        streaks.sort_by_key(|(task, _)| **task);
        for (task, streak) in streaks {
            self.end(*task, streak, claims);
        }
    }
}
