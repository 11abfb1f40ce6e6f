//! `starvation`: tasks that are late although no single poll held the loop.
//!
//! Each poll of some length is noted with the place of its task. When a poll or a timer is late, the
//! notes tell which place used the time meanwhile. If one poll took half of it, that is a matter of
//! `blocking`. Otherwise the place with the largest share is the cause, if it is not the place of
//! the late task itself under the same name, and if it happens in several ticks: a burst drains. The
//! callbacks of one name count as one place, which is that of the step that has scheduled one of them last.

use std::collections::VecDeque;

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, Running, Status, TimerState};
use crate::trace::{LocationId, Moment, Position, Span, TaskId, TextId, TimerId, Wait};

use super::{
    super::{
        claim::{Claim, Claims, Nearness, Spot},
        limits::Limits,
        proof::Proof,
        rule::Rule,
    },
    open_poll::OpenPoll,
};

/// How many polls are kept.
const POLLS: usize = 1024;

/// A shorter poll delays no task by itself.
const SHORT: Span = Span(50_000);

/// Looks for tasks that starve others.
#[derive(Debug)]
pub(in crate::insight::findings) struct LateDetector {
    late: Span,
    times: u64,
    polls: VecDeque<UsedTime>,
    /// The deadlines of sleeping tasks whose timer has fired, until they are polled.
    due: IdMap<TaskId, Moment>,
    starving: IdMap<(LocationId, Option<TextId>), Starving>,
    /// Where a step has made callbacks of a name ready last.
    scheduled: IdMap<TextId, Spot>,
}

/// A poll of some length.
#[derive(Clone, Copy, Debug)]
struct UsedTime {
    task: Option<TaskId>,
    /// The name of a callback.
    callback: Option<TextId>,
    spot: Spot,
    spawned: LocationId,
    end: Moment,
    took: Span,
    ended: Position,
}

/// A place whose tasks made others late.
#[derive(Clone, Copy, Debug, Default)]
struct Starving {
    times: u64,
    tick: u64,
}

impl LateDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> LateDetector {
        LateDetector {
            late: limits.span(Rule::Starvation, "late"),
            times: limits.count(Rule::Starvation, "times"),
            polls: VecDeque::new(),
            due: IdMap::default(),
            starving: IdMap::default(),
            scheduled: IdMap::default(),
        }
    }

    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
    ) {
        let took = poll.took(step);
        if took >= SHORT {
            let info = poll.task.and_then(|task| step.tables().task(task));
            // What only yields is named at that `.await`, wherever it computes.
            let (seen, _) = poll.spot(step);
            let is_known = !poll.resumed_at_creation && poll.resumed != LocationId::UNKNOWN;
            let yields = poll.waited == Wait::Yield && is_known;
            let spot = if yields {
                Spot::exact(poll.resumed)
            } else {
                seen
            };
            self.used(UsedTime {
                task: poll.task,
                callback: None,
                spot,
                spawned: info.map_or(LocationId::UNKNOWN, |info| info.at),
                end: step.at(),
                took,
                ended: step.position(),
            });
        }
    }

    /// A callback ends.
    #[inline]
    pub(in crate::insight::findings) fn callback_ended(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
    ) {
        let took = poll.took(step);
        if took >= SHORT
            && let Running::Callback(_, name) = step.before.running
        {
            let (seen, _) = poll.spot(step);
            let scheduled = self.scheduled.get(&name).copied();
            self.used(UsedTime {
                task: None,
                callback: Some(name),
                spot: scheduled.filter(|_| seen.is_unknown()).unwrap_or(seen),
                spawned: LocationId::UNKNOWN,
                end: step.at(),
                took,
                ended: step.position(),
            });
        }
    }

    fn used(&mut self, used: UsedTime) {
        if self.polls.len() == POLLS {
            self.polls.pop_front();
        }
        self.polls.push_back(used);
    }

    /// A step makes a callback ready.
    pub(in crate::insight::findings) fn scheduled(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        name: TextId,
    ) {
        if poll.is_running(step) && poll.task.is_some() && self.scheduled.len() < POLLS {
            let (spot, _) = poll.spot(step);
            self.scheduled.insert(name, spot);
        }
    }

    /// A poll begins, perhaps late.
    #[inline]
    pub(in crate::insight::findings) fn poll_started(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        claims: &mut Claims,
    ) {
        let due = if self.due.is_empty() {
            None
        } else {
            self.due.remove(&task)
        };
        if let Some(row) = step.before.tasks.get(task)
            && row.status() == Status::Ready
        {
            // In asyncio, a callback that the timer starts wakes the task.
            let since = due.map_or(row.since, |due| due.min(row.since));
            if step.at().since(since) > self.late {
                self.late_victim(step, Some(task), since, claims);
            }
        }
    }

    /// A timer fires, perhaps late.
    pub(in crate::insight::findings) fn timer_fired(
        &mut self,
        step: &EventStep<'_>,
        timer: TimerId,
        claims: &mut Claims,
    ) {
        let Some(TimerState { task, deadline, .. }) = step.before.timer(timer).copied() else {
            return;
        };
        let row = task.and_then(|task| step.before.tasks.get(task));
        let sleeps = row.is_some_and(|row| row.wait == Wait::Timer(timer));
        match task.filter(|_| sleeps) {
            // Its poll tells how late it is in all.
            Some(task) => drop(self.due.insert(task, deadline)),
            None if step.at().since(deadline) > self.late => {
                self.late_victim(step, task, deadline, claims);
            }
            None => {}
        }
    }

    /// Which tasks were polled in a gap is not known.
    pub(in crate::insight::findings) fn gap(&mut self) {
        self.due.clear();
    }

    /// A task is late, or a callback if the victim is `None`.
    #[inline(never)]
    fn late_victim(
        &mut self,
        step: &EventStep<'_>,
        victim: Option<TaskId>,
        since: Moment,
        claims: &mut Claims,
    ) {
        let late = step.at().since(since);
        let meanwhile = self.polls.iter().rev();
        let meanwhile: Vec<UsedTime> = meanwhile
            .take_while(|used| used.end > since)
            .filter(|used| used.task.is_none() || used.task != victim)
            .copied()
            .collect();
        let longest = meanwhile.iter().map(|used| used.took).max();
        if longest.is_none_or(|longest| longest.nanos() >= late.nanos() / 2) {
            return;
        }
        let Some((sum, polls, used)) = largest_share(&meanwhile) else {
            return;
        };
        if sum.nanos() < late.nanos() / 2
            || victim
                .zip(used.task)
                .is_some_and(|(victim, task)| is_same_work(step, victim, task))
        {
            return;
        }
        // Of a burst each task is polled once.
        let again = meanwhile
            .iter()
            .filter(|other| used.task.is_some() && other.task == used.task);
        let again = again.count() as u64;
        let starving = self
            .starving
            .entry((used.spawned, used.callback))
            .or_default();
        if starving.tick == step.before.tick() {
            return;
        }
        *starving = Starving {
            times: starving.times + again.max(1),
            tick: step.before.tick(),
        };
        if starving.times < self.times {
            return;
        }
        let proof = Proof::Starvation {
            late,
            polls,
            victim,
            callback: used.callback,
        };
        let spot = match used.spot.nearness {
            Nearness::AwaitBefore | Nearness::Exact => Spot::exact(used.spot.at),
            Nearness::AwaitAfter | Nearness::Spawned | Nearness::Created => used.spot,
        };
        let claim = Claim::new(used.task, spot, proof)
            .cost(late)
            .also([used.spawned])
            .evidence([used.ended, step.position()]);
        claims.push(claim);
    }
}

/// The place that has used the most time: how much, in how many polls, and one of these.
fn largest_share(meanwhile: &[UsedTime]) -> Option<(Span, u64, UsedTime)> {
    let mut shares: IdMap<(LocationId, Option<TextId>), (Span, u64, UsedTime)> = IdMap::default();
    for used in meanwhile {
        // The place of a yield is not always recorded, that of the spawn is.
        let place = match used.spawned {
            LocationId::UNKNOWN if used.callback.is_none() => used.spot.at,
            spawned => spawned,
        };
        let share = shares
            .entry((place, used.callback))
            .or_insert((Span::ZERO, 0, *used));
        share.0 += used.took;
        share.1 += 1;
        if share.2.spot.nearness == Nearness::Spawned {
            share.2 = *used;
        }
    }
    let shares = shares.into_values();
    shares.max_by_key(|(sum, _, used)| (*sum, used.ended))
}

/// Whether two tasks do the same: they have one name, and are spawned at one place.
fn is_same_work(step: &EventStep<'_>, one: TaskId, other: TaskId) -> bool {
    let work = |task| step.tables().task(task).map(|info| (info.at, info.name));
    work(one) == work(other)
}
