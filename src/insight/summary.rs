//! A run in numbers, from one pass over its events.
//!
//! Waits are counted in three groups, because a sum of all waits says little: while one task
//! sleeps, each task that joins it waits as well, and the same second would be counted twice.
//!
//! * **outside**: a wait for a deadline, I/O or another thread. The time by which a timer fires
//!   late is not part of it.
//! * **joins**: a wait for other tasks to complete.
//! * **limits**: a wait for a permit, a lock, or room in a channel.
//!
//! Other numbers follow from these:
//!
//! * **effort** is what the program asks for: the polls and the outside waits of the tasks that
//!   were not cancelled. Two runs with the same effort do the same work, and only these have totals
//!   that can be compared.
//! * **overlap** is the sum of all outside waits, divided by the total: 1 when one wait follows the
//!   other, 2 when two waits overlap on average.
//! * **serial** is the time in which tasks were polled and callbacks ran. Only one can run at a
//!   time, so this part can overlap only with waits.
//! * **bound** is the total that no better order of polls could improve: the longer of `serial` and
//!   of the polls and waits on the critical path (see [`Path`]).

use crate::replay::{EventStep, Replay, State, Status, TaskState, TimerState};
use crate::trace::{
    CallbackEvent, Event, Moment, Outcome, Position, Span, TaskEvent, TaskId, TimerEvent, Wait,
    WakeEffect, WokenBy,
};

use super::fired_deadlines::FiredDeadlines;
use super::latency::{Histogram, Quantiles};
use super::longest_delay::{HoldSpan, LongestDelay};
use super::path::{Limit, Path, Paths, limit_of, waits_outside};

/// A run in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Loop time at the end.
    pub total: Span,
    /// How many tasks were spawned.
    pub tasks: u32,
    /// How many polls there were, callbacks included.
    pub polls: u64,
    /// How many ticks began.
    pub ticks: u64,
    /// How many events there are.
    pub events: u64,
    /// Lines of output.
    pub outputs: u64,
    /// When the first line was written.
    pub first_output: Option<Moment>,
    /// How long tasks were polled and callbacks ran.
    pub running: Span,
    /// How long tasks were in the ready queue, added up.
    pub ready: Span,
    /// How long tasks waited, added up.
    pub waiting: Span,
    /// The times from becoming ready to the start of a poll.
    pub ready_times: Quantiles,
    /// The durations of the polls of tasks.
    pub poll_times: Quantiles,
    /// How long tasks waited for something outside the program, added up.
    pub outside: Span,
    /// How long tasks waited for other tasks to complete, added up.
    pub joins: Span,
    /// How long tasks waited for a permit, a lock or room in a channel, added up.
    pub limits: Span,
    /// What the longest wait for a permit, a lock or room in a channel was for.
    pub limit: Option<Limit>,
    /// The polls and the outside waits of all tasks that were not cancelled, added up.
    pub effort: Span,
    /// The greatest length of the timer queue.
    pub timers_at_once: u32,
    /// The most tasks that were asleep at once.
    pub sleeping_at_once: u32,
    /// The most tasks that waited for something outside the program at once.
    pub outside_at_once: u32,
    /// The longest poll of a task.
    pub longest_poll: Span,
    /// The longest time from a deadline to the poll of the task that waited for it, or to the
    /// removal of the timer.
    pub lateness: Span,
    /// The poll that delayed another task the most.
    pub hold: Option<Hold>,
    /// The critical path.
    pub path: Path,
    /// `outside` divided by `total`; 0 for a run without duration.
    pub overlap: f64,
    /// The part that can overlap only with waits.
    pub serial: Span,
    /// The total that no better order of polls could improve.
    pub bound: Span,
    /// How the run ended; `None` while it has not.
    pub outcome: Option<Outcome>,
}

/// A poll or callback that held the loop while another task was due or ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The task that held the loop; `None` for a callback.
    pub by: Option<TaskId>,
    /// When it began.
    pub from: Moment,
    /// When it ended.
    pub to: Moment,
    /// The task that was delayed the most.
    pub delayed: TaskId,
    /// By how much: from the moment when it was due or ready, or from the start of the hold, to the
    /// end of the hold.
    pub delay: Span,
}

/// A hold that delays no task by this much is not worth a sentence.
const HOLD: Span = Span(20_000_000);

/// Summarizes the whole run.
pub fn summary(replay: &Replay) -> Summary {
    summary_until(replay, replay.end())
}

/// Summarizes the run up to a position.
pub fn summary_until(replay: &Replay, until: Position) -> Summary {
    let mut fold = SummaryFold::default();
    let mut steps = replay.steps(Position(0)..until);
    while let Some(step) = steps.next_step() {
        let event = step.event;
        fold.before(&step);
        fold.after(steps.state(), &event);
    }
    fold.finish(steps.state())
}

#[derive(Debug, Default)]
struct SummaryFold {
    paths: Paths,
    /// The outside waits of each task.
    outside: Vec<Span>,
    joins: Span,
    limits: Span,
    limit: Option<Limit>,
    ready_times: Histogram,
    poll_times: Histogram,
    callbacks: Span,
    first_output: Option<Moment>,
    due: FiredDeadlines,
    lateness: Span,
    hold: Option<Hold>,
    longest_delay: LongestDelay,
    timers: u32,
    timers_at_once: u32,
    sleeping: u32,
    sleeping_at_once: u32,
    waiting_outside: u32,
    outside_at_once: u32,
}

impl SummaryFold {
    fn before(&mut self, step: &EventStep<'_>) {
        if let Some((task, waited)) = self.paths.read(step) {
            self.add_outside(task, waited);
        }
        let (state, now) = (step.before, step.at());
        match step.event {
            Event::Task(TaskEvent::Wake { task, by, effect }) => {
                if let WokenBy::Timer(timer) = by
                    && let Some(deadline) = self.due.woken(task, timer)
                {
                    self.was_due(task, deadline);
                }
                if effect == WakeEffect::Enqueued {
                    self.wake(state, task);
                }
            }
            Event::Task(TaskEvent::PollStart { task }) => {
                let due = self.poll_start(task, now);
                let row = state.tasks.get(task);
                if let Some(row) = row.filter(|row| row.status() == Status::Ready) {
                    let since = due.map_or(row.since, |due| due.min(row.since));
                    self.ready_times.record(now.since(since));
                }
            }
            Event::Task(TaskEvent::PollEnd { task, .. }) => {
                let row = state.tasks.get(task);
                let since = row.map_or(now, |row| row.since);
                if row.is_some_and(|row| row.status() == Status::Running) {
                    self.poll_times.record(now.since(since));
                }
                let (by, from, to) = (Some(task), since, now);
                self.held(state, HoldSpan { by, from, to });
            }
            Event::Callback(CallbackEvent::End { took, .. }) => {
                self.callbacks += took;
                let from = Moment(now.0.saturating_sub(took.nanos()));
                let (by, to) = (None, now);
                self.held(state, HoldSpan { by, from, to });
            }
            Event::Timer(TimerEvent::Set { .. }) => {
                self.timers += 1;
                self.timers_at_once = self.timers_at_once.max(self.timers);
            }
            Event::Timer(TimerEvent::Fired { timer }) => {
                self.timers = self.timers.saturating_sub(1);
                self.due.fired(state, timer);
            }
            Event::Timer(TimerEvent::Cancelled { timer }) => {
                self.timers = self.timers.saturating_sub(1);
                if let Some(timer) = state.timer(timer) {
                    self.removed(state, timer, now);
                }
            }
            Event::Output { .. } => {
                self.first_output.get_or_insert(now);
            }
            Event::Loop(_) | Event::Task(_) | Event::Resource(_) | Event::Callback(_) => {}
            Event::Gap { .. } => self.due.clear(),
        }
    }

    fn after(&mut self, state: &State, event: &Event) {
        self.longest_delay.enter(state, event);
        let Event::Task(TaskEvent::PollEnd { task, .. }) = *event else {
            return;
        };
        let Some(row) = state.tasks.get(task) else {
            return;
        };
        if row.status() == Status::Timer {
            self.sleeping += 1;
            self.sleeping_at_once = self.sleeping_at_once.max(self.sleeping);
        }
        if waits_outside(row) {
            self.waiting_outside += 1;
            self.outside_at_once = self.outside_at_once.max(self.waiting_outside);
        }
    }

    fn wake(&mut self, state: &State, task: TaskId) {
        let Some(row) = state.tasks.get(task) else {
            return;
        };
        if row.status() == Status::Timer {
            self.sleeping = self.sleeping.saturating_sub(1);
        }
        if waits_outside(row) {
            self.waiting_outside = self.waiting_outside.saturating_sub(1);
        }
        self.add_inside(state, row);
    }

    /// Counts a wait for something inside the program, if the task has been in one until now.
    fn add_inside(&mut self, state: &State, row: &TaskState) {
        let waited = state.now().since(row.since);
        if waits_for_tasks(row) {
            self.joins += waited;
        } else if let Some(limit) = limit_of(state, row) {
            self.limits += waited;
            self.limit = Limit::longer(self.limit, limit, waited);
        }
    }

    fn add_outside(&mut self, task: TaskId, waited: Span) {
        if task.index() >= self.outside.len() && task.index() < self.outside.len() + (1 << 20) {
            self.outside.resize(task.index() + 1, Span::ZERO);
        }
        if let Some(sum) = self.outside.get_mut(task.index()) {
            *sum += waited;
        }
    }

    /// Returns the deadline of the timer that has woken the task.
    fn poll_start(&mut self, task: TaskId, now: Moment) -> Option<Moment> {
        let deadline = self.due.take(task)?;
        self.lateness = self.lateness.max(now.since(deadline));
        Some(deadline)
    }

    /// A timer is removed. If it was due, the poll that removes it has held it up.
    fn removed(&mut self, state: &State, timer: &TimerState, now: Moment) {
        let late = now.since(timer.deadline);
        self.lateness = self.lateness.max(late);
        let by = state.running.task();
        let since = by.and_then(|by| state.tasks.get(by)).map(|row| row.since);
        if let Some(from) = since.filter(|_| late >= HOLD)
            && let Some(task) = timer.task
        {
            let delay = now.since(timer.deadline.max(from));
            self.hold_by(HoldSpan { by, from, to: now }, (task, delay));
        }
    }

    /// A poll or callback ends. If it was long, the task that it delayed the most is looked for.
    fn held(&mut self, state: &State, hold: HoldSpan) {
        let least = self.hold.map_or(HOLD, |hold| hold.delay.max(HOLD));
        if hold.to.since(hold.from) < least {
            return;
        }
        if let Some(delayed) = self.longest_delay.hold(state, hold) {
            self.hold_by(hold, delayed);
        }
    }

    /// A task is woken by its timer, which was due at a moment that may have been in a hold.
    fn was_due(&mut self, task: TaskId, deadline: Moment) {
        if let Some(hold) = self.longest_delay.hold_after(deadline) {
            self.hold_by(hold, (task, hold.after(deadline)));
        }
    }

    fn hold_by(&mut self, span: HoldSpan, (delayed, delay): (TaskId, Span)) {
        let HoldSpan { by, from, to } = span;
        if delay >= HOLD && self.hold.is_none_or(|hold| delay > hold.delay) {
            self.hold = Some(Hold {
                by,
                from,
                to,
                delayed,
                delay,
            });
        }
    }

    fn finish(mut self, state: &State) -> Summary {
        let now = state.now();
        let mut sum = Summary {
            total: now.since(Moment::START),
            tasks: u32::try_from(state.tasks.len()).unwrap_or(u32::MAX),
            polls: state.cursor.polls,
            ticks: state.tick(),
            events: state.position.0,
            outputs: state.outputs,
            first_output: self.first_output,
            running: self.callbacks,
            effort: self.callbacks,
            ready_times: self.ready_times.quantiles(),
            poll_times: self.poll_times.quantiles(),
            timers_at_once: self.timers_at_once,
            sleeping_at_once: self.sleeping_at_once,
            outside_at_once: self.outside_at_once,
            lateness: self.lateness,
            hold: self.hold,
            path: self.paths.finish(now),
            outcome: state.outcome,
            ..Summary::default()
        };
        for (task, row) in state.tasks.iter() {
            let [running, ready, waiting] = row.times(now);
            sum.running += running;
            sum.ready += ready;
            sum.waiting += waiting;
            sum.longest_poll = sum.longest_poll.max(longest(row, now));
            let mut outside = self.outside.get(task.index()).copied().unwrap_or_default();
            if waits_outside(row) {
                outside += now.since(row.since);
            } else {
                self.add_inside(state, row);
            }
            sum.outside += outside;
            if row.status() != Status::Cancelled {
                sum.effort += running + outside;
            }
        }
        sum.joins = self.joins;
        sum.limits = self.limits;
        sum.limit = self.limit;
        if now > Moment::START {
            sum.overlap = sum.outside.seconds() / now.seconds();
        }
        sum.serial = sum.running;
        let path = sum.path.work + sum.path.outside;
        sum.bound = sum.serial.max(path).min(sum.total);
        sum
    }
}

/// A task's longest poll, the current one included.
fn longest(row: &TaskState, now: Moment) -> Span {
    match row.status() {
        Status::Running => row.longest.max(now.since(row.since)),
        Status::Absent
        | Status::Ready
        | Status::Timer
        | Status::Pending
        | Status::Unknown
        | Status::Done
        | Status::Failed
        | Status::Cancelled => row.longest,
    }
}

/// Whether a task waits for other tasks to complete.
fn waits_for_tasks(row: &TaskState) -> bool {
    row.status() == Status::Pending
        && matches!(row.wait, Wait::Join(_) | Wait::All(_) | Wait::Any(_))
}

/// A poll, found by [`longest_poll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongestPoll {
    /// The polled task.
    pub task: TaskId,
    /// The position after its end; the end of the trace if the poll has not ended.
    pub end: Position,
    /// Its length.
    pub took: Span,
}

/// The longest poll of the run, and the earliest among equals; `None` before the first poll.
///
/// Reads the whole trace, at about 10 ns an event.
pub fn longest_poll(replay: &Replay) -> Option<LongestPoll> {
    let mut current: Option<(TaskId, Moment)> = None;
    let mut longest: Option<LongestPoll> = None;
    let mut last = (Position(0), Moment::default());
    let mut end_poll = |(task, since): (TaskId, Moment), end: Position, now: Moment| {
        let took = now.since(since);
        if longest.is_none_or(|longest| took > longest.took) {
            longest = Some(LongestPoll { task, end, took });
        }
    };
    for (position, event, cursor) in replay.events_from(Position(0)) {
        last = (position, cursor.now);
        if let Event::Task(TaskEvent::PollStart { task }) = event {
            current = Some((task, cursor.now));
        } else if let Event::Task(TaskEvent::PollEnd { .. }) = event
            && let Some(poll) = current.take()
        {
            end_poll(poll, position, cursor.now);
        }
    }
    if let Some(poll) = current {
        end_poll(poll, last.0, last.1);
    }
    longest
}
