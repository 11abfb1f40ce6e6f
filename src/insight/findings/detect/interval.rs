//! `interval`: periodic timers that drift, or that make up for missed ticks in a burst.
//!
//! Both are read from the sleeps of one task at one `.await`.
//!
//! * *Drift.* The task sleeps for the same time again and again, and each deadline lies later than
//!   the one before by more than that time: the work between two sleeps is added to the period. A
//!   pause between two pieces of work looks the same, so that is an info. Sleeps of varying length
//!   are jitter, or aim at the next deadline. A task that waits for an item or a lock between two
//!   sleeps works when something comes, and does not drift.
//! * *Burst.* The deadlines are one period apart. The task is late by several periods, and then does
//!   the work of each missed tick without a pause: in one poll, because a timer that is due already
//!   is ready at once, or in polls between which it only yields. If a tick does nothing that a trace
//!   knows, the missed ones may have been skipped as well: an info. It is one, too, if the work of a tick has waits. A task that is late because its own
//!   work takes long is not in a burst: two of its ticks are no less than a period apart.

use crate::insight::id_map::IdMap;

use crate::replay::{EventStep, State, TimerState};
use crate::trace::{LocationId, Moment, Position, Span, TaskId};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::Proof,
        rule::{Rule, Severity},
    },
    open_poll::OpenPoll,
};

/// The most places of tasks that are kept.
const KEPT: usize = 16_384;

/// Two times that differ by less are equal.
const EQUAL: u64 = 1_000_000;

/// A shorter sleep is that of a busy loop.
const SHORT: Span = Span(5_000_000);

/// Looks at periodic timers.
#[derive(Debug)]
pub(in crate::insight::findings) struct IntervalDetector {
    ticks: u64,
    drift: u64,
    burst: u64,
    rows: IdMap<(TaskId, LocationId), SleepRow>,
    /// Where each task slept last, and whether the row of that place has a period.
    last: IdMap<TaskId, (LocationId, bool)>,
}

/// The sleeps of a task at one place.
#[derive(Clone, Copy, Debug)]
struct SleepRow {
    /// The length of each of the last sleeps.
    length: Span,
    /// The deadline of the last one, and its distance from the one before.
    deadline: Moment,
    apart: Span,
    /// How many sleeps of this length came in a row, and how far their deadlines are apart together.
    ticks: u64,
    sum: Span,
    /// How many of these came later than the drift allows.
    late: u64,
    first: Position,
    last: Position,
    /// The distance of the deadlines, if it was the same several times.
    period: Option<Span>,
    /// How many events of a usual tick are progress, and how many there were in the polls since the last
    /// sleep. Whether it has waited for items or locks.
    progress: u32,
    between: u32,
    has_waits: bool,
    /// How often in a row the task has only yielded instead of sleeping, and when it did so last.
    yields: u64,
    yielded: Moment,
}

/// Whether two lengths are equal, apart from a millisecond or a fiftieth.
fn about(a: Span, b: Span) -> bool {
    let (low, high) = (a.min(b).nanos(), a.max(b).nanos());
    high - low <= EQUAL.max(high / 50)
}

impl IntervalDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> IntervalDetector {
        IntervalDetector {
            ticks: limits.count(Rule::Interval, "ticks").max(1),
            drift: limits.count(Rule::Interval, "drift"),
            burst: limits.count(Rule::Interval, "burst").max(2),
            rows: IdMap::default(),
            last: IdMap::default(),
        }
    }

    /// A task suspends for a timer.
    pub(in crate::insight::findings) fn sleeps(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        (task, at): (TaskId, LocationId),
        timer: &TimerState,
        claims: &mut Claims,
    ) {
        let deadline = timer.deadline;
        if self.rows.len() >= KEPT && !self.rows.contains_key(&(task, at)) {
            return;
        }
        let length = deadline.since(timer.set_at);
        let new = SleepRow {
            length,
            deadline,
            apart: Span::ZERO,
            ticks: 0,
            sum: Span::ZERO,
            late: 0,
            first: step.position(),
            last: step.position(),
            period: None,
            progress: poll.progress,
            between: 0,
            has_waits: false,
            yields: 0,
            yielded: step.at(),
        };
        let Some(mut row) = self.rows.insert((task, at), new) else {
            self.last.insert(task, (at, false));
            return;
        };
        let apart = deadline.since(row.deadline);
        let done = std::mem::take(&mut row.between) + poll.progress;
        if let Some(period) = row.period {
            self.made_up(step, poll, at, (period, apart, done), &row, claims);
        }
        let is_same = about(length, row.length) && length > SHORT && apart >= length;
        if is_same {
            row.ticks += 1;
            row.sum += apart;
            let over = apart.nanos().saturating_sub(length.nanos());
            row.late += u64::from(over * 100 >= length.nanos().saturating_mul(self.drift));
            row.last = step.position();
        } else {
            claims.extend_one(self.drift(task, at, &row));
            (row.ticks, row.sum, row.late) = (0, Span::ZERO, 0);
            (row.first, row.last) = (step.position(), step.position());
        }
        let is_period = about(apart, row.apart) && apart > SHORT;
        row.period = if is_period { Some(apart) } else { row.period };
        row.progress = if is_period { done } else { row.progress };
        let row = SleepRow {
            length,
            deadline,
            apart,
            yields: 0,
            ..row
        };
        self.last.insert(task, (at, row.period.is_some()));
        self.rows.insert((task, at), row);
    }

    /// The next deadline is several periods later: claims a burst if the poll has done the work of
    /// each of them.
    fn made_up(
        &self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        at: LocationId,
        (period, apart, done): (Span, Span, u32),
        row: &SleepRow,
        claims: &mut Claims,
    ) {
        let times = (apart.nanos() + period.nanos() / 2) / period.nanos().max(1);
        let whole = Span(times.saturating_mul(period.nanos()));
        // One event of each poll is the new timer.
        let usual = u64::from(row.progress.saturating_sub(1));
        let done = u64::from(done.saturating_sub(1));
        if times <= self.burst || !about(whole, apart) || done < usual * times {
            return;
        }
        let severity = if usual > 0 && !row.has_waits {
            Rule::Interval.entry().severity
        } else {
            Severity::Info
        };
        let claim = burst_claim(poll.task, at, times, period, step);
        claims.push(claim.severity(severity).evidence([row.last, poll.started]));
    }

    /// A task yields. Where it yields instead of sleeping, its deadline has passed.
    pub(in crate::insight::findings) fn yields(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        claims: &mut Claims,
    ) {
        let Some((at, true)) = self.last.get(&task).copied() else {
            return;
        };
        let Some(row) = self.rows.get_mut(&(task, at)) else {
            return;
        };
        let Some(period) = row.period else {
            return;
        };
        let is_quick = step.at().since(row.yielded).nanos() < period.nanos() / 4;
        row.yields = if row.yields > 0 && is_quick {
            row.yields + 1
        } else {
            1
        };
        row.yielded = step.at();
        // Far more yields than periods have passed are those of another loop.
        let missed = step.at().since(row.deadline).nanos() / period.nanos().max(1);
        let (yields, last) = (row.yields, row.last);
        if yields == self.burst && missed >= yields && missed <= yields + 64 {
            let claim = burst_claim(Some(task), at, missed, period, step);
            claims.push(claim.evidence([last]));
        }
    }

    /// A poll of a task ends with a wait for something that comes when it comes: its sleeps do not drift.
    pub(in crate::insight::findings) fn waits(&mut self, task: TaskId, poll: &OpenPoll) {
        let Some((at, has_period)) = self.last.get_mut(&task) else {
            return;
        };
        *has_period = false;
        if let Some(row) = self.rows.get_mut(&(task, *at)) {
            row.has_waits = true;
            row.between += poll.progress;
        }
    }

    fn drift(&self, task: TaskId, at: LocationId, row: &SleepRow) -> Option<Claim> {
        let wanted = row.length.nanos().saturating_mul(row.ticks);
        let late = row.sum.nanos().saturating_sub(wanted);
        // A timer that is late once in a while is held up by other tasks.
        let is_drift = row.late * 5 >= row.ticks * 4;
        if row.has_waits || row.ticks < self.ticks || !is_drift || late > wanted {
            return None;
        }
        let proof = Proof::Interval {
            period: row.length,
            apart: Span(row.sum.nanos() / row.ticks),
            ticks: row.ticks,
        };
        let claim = Claim::new(Some(task), Spot::exact(at), proof)
            .severity(Severity::Info)
            .cost(Span(late))
            .evidence([row.first, row.last]);
        Some(claim)
    }

    /// The drifts that have not ended.
    pub(in crate::insight::findings) fn conclude(&self, _state: &State, claims: &mut Claims) {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(key, _)| **key);
        for ((task, at), row) in rows {
            claims.extend_one(self.drift(*task, *at, row));
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.rows.clear();
        self.last.clear();
    }
}

/// The claim that missed ticks run back to back.
fn burst_claim(
    task: Option<TaskId>,
    at: LocationId,
    ticks: u64,
    period: Span,
    step: &EventStep<'_>,
) -> Claim {
    let proof = Proof::Interval {
        period,
        apart: Span::ZERO,
        ticks,
    };
    Claim::new(task, Spot::exact(at), proof).evidence([step.position()])
}
