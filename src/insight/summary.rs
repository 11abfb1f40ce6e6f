//! A run in numbers, from one pass over its events.
//!
//! A wait for something *outside* the program (a deadline, I/O, another thread) is counted apart
//! from a wait inside it (another task, a channel, a lock). A wait inside only mirrors what another
//! task does, so counting it would count the same second twice.
//!
//! * **overlap** is the sum of the waits outside, divided by the total: 1 when one wait follows the
//!   other, 2 when two waits overlap on average.
//! * **serial** is the time in which tasks were polled and callbacks ran. Only one can run at a
//!   time, so this part can overlap only with waits.
//! * **bound** is the best total for the program as it is built: the longer of `serial` and the
//!   longest *chain*. A chain is a sequence of polls and outside waits in which each link caused
//!   the next, by a spawn or a wake. Time in the ready queue is on no chain: a better order could
//!   save it.
//!
//! The chain of a task grows with its polls and its outside waits. A spawned task continues the
//! chain of its parent. A task that another task wakes continues the longer of the two chains.

use crate::replay::{Replay, State, Status, TaskState, TickPhase};
use crate::trace::{
    CallbackEvent, Event, Moment, Outcome, Position, Span, TaskEvent, TaskId, TimerEvent, Wait,
    WakeEffect, WokenBy,
};

/// A run in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// Loop time at the end.
    pub total: Span,
    /// How many tasks were spawned.
    pub tasks: u32,
    /// How many polls there were, callbacks included.
    pub polls: u32,
    /// How many ticks began.
    pub ticks: u32,
    /// How many events there are.
    pub events: u32,
    /// Lines of output.
    pub outputs: u32,
    /// How long tasks were polled and callbacks ran.
    pub running: Span,
    /// How long tasks were in the ready queue, added up.
    pub ready: Span,
    /// How long tasks waited, added up.
    pub waiting: Span,
    /// How long tasks waited for something outside the program, added up.
    pub outside: Span,
    /// The greatest length of the timer queue.
    pub timers_at_once: u32,
    /// The most tasks that were asleep at once.
    pub sleeping_at_once: u32,
    /// The most tasks that waited for something outside the program at once.
    pub outside_at_once: u32,
    /// The longest poll of a task.
    pub longest_poll: Span,
    /// `outside` divided by `total`; 0 for a run without duration.
    pub overlap: f64,
    /// The part that can overlap only with waits.
    pub serial: Span,
    /// The best total for the program as it is built.
    pub bound: Span,
    /// How the run ended; `None` while it has not.
    pub outcome: Option<Outcome>,
}

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
        fold.before(step.before, &event, step.at());
        fold.after(steps.state(), &event);
    }
    fold.finish(steps.state())
}

#[derive(Debug, Default)]
struct SummaryFold {
    /// The chain of each task.
    chains: Vec<Span>,
    longest_chain: Span,
    outside: Span,
    callbacks: Span,
    timers: u32,
    timers_at_once: u32,
    sleeping: u32,
    sleeping_at_once: u32,
    waiting_outside: u32,
    outside_at_once: u32,
    /// The task whose poll ended last. The loop wakes the tasks that join it right after that poll.
    last_polled: Option<TaskId>,
}

impl SummaryFold {
    fn before(&mut self, state: &State, event: &Event, after: Moment) {
        match *event {
            Event::Task(TaskEvent::Spawn { task, parent, .. }) => {
                let chain = parent.map_or(Span::ZERO, |parent| self.chain_now(state, parent));
                self.set(task, chain);
            }
            Event::Task(TaskEvent::Wake {
                task,
                by,
                effect: WakeEffect::Enqueued,
            }) => self.wake(state, task, by),
            Event::Task(TaskEvent::PollEnd { task, .. }) => {
                if let Some(row) = state.tasks.get(task) {
                    let chain = self.chain(task) + after.since(row.since);
                    self.set(task, chain);
                }
                self.last_polled = Some(task);
            }
            Event::Callback(CallbackEvent::End { took, .. }) => {
                self.callbacks += took;
            }
            Event::Timer(TimerEvent::Set { .. }) => {
                self.timers += 1;
                self.timers_at_once = self.timers_at_once.max(self.timers);
            }
            Event::Timer(TimerEvent::Fired { .. } | TimerEvent::Cancelled { .. }) => {
                self.timers = self.timers.saturating_sub(1);
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }

    fn after(&mut self, state: &State, event: &Event) {
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

    fn wake(&mut self, state: &State, task: TaskId, by: WokenBy) {
        let Some(row) = state.tasks.get(task) else {
            return;
        };
        let waited = match row.status() {
            Status::Timer | Status::Pending => state.now().since(row.since),
            Status::Absent
            | Status::Ready
            | Status::Running
            | Status::Unknown
            | Status::Done
            | Status::Failed
            | Status::Cancelled => Span::ZERO,
        };
        if row.status() == Status::Timer {
            self.sleeping = self.sleeping.saturating_sub(1);
        }
        if waits_outside(row) {
            self.outside += waited;
            self.waiting_outside = self.waiting_outside.saturating_sub(1);
        }
        let waker = match by {
            WokenBy::Task(waker) => Some(waker),
            WokenBy::Loop if state.phase == TickPhase::Run => self.last_polled,
            WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Thread(_)
            | WokenBy::Loop
            | WokenBy::Unknown => None,
        };
        let chain = match waker {
            Some(waker) => self.chain(task).max(self.chain_now(state, waker)),
            None => self.chain(task) + waited,
        };
        self.set(task, chain);
    }

    /// A task's chain, with its current poll.
    fn chain_now(&self, state: &State, task: TaskId) -> Span {
        let poll = match state.tasks.get(task) {
            Some(row) if state.running.task() == Some(task) => state.now().since(row.since),
            _ => Span::ZERO,
        };
        self.chain(task) + poll
    }

    fn chain(&self, task: TaskId) -> Span {
        self.chains.get(task.index()).copied().unwrap_or_default()
    }

    fn set(&mut self, task: TaskId, chain: Span) {
        // Tasks are numbered in the order of their spawns, so the table grows by one row at a time.
        if task.index() == self.chains.len() {
            self.chains.push(chain);
        } else if let Some(row) = self.chains.get_mut(task.index()) {
            *row = chain;
        }
        self.longest_chain = self.longest_chain.max(chain);
    }

    fn finish(self, state: &State) -> Summary {
        let now = state.now();
        let mut sum = Summary {
            total: now.since(Moment::START),
            tasks: u32::try_from(state.tasks.len()).unwrap_or(u32::MAX),
            polls: state.cursor.polls,
            ticks: state.tick(),
            events: state.position.0,
            outputs: state.outputs,
            running: self.callbacks,
            outside: self.outside,
            timers_at_once: self.timers_at_once,
            sleeping_at_once: self.sleeping_at_once,
            outside_at_once: self.outside_at_once,
            outcome: state.outcome,
            ..Summary::default()
        };
        for (_, row) in state.tasks.iter() {
            let [running, ready, waiting] = row.times(now);
            sum.running += running;
            sum.ready += ready;
            sum.waiting += waiting;
            sum.longest_poll = sum.longest_poll.max(longest(row, now));
            if waits_outside(row) {
                sum.outside += now.since(row.since);
            }
        }
        if now > Moment::START {
            sum.overlap = sum.outside.seconds() / now.seconds();
        }
        sum.serial = sum.running;
        sum.bound = sum.serial.max(self.longest_chain);
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

/// Whether a task waits for something outside the program.
fn waits_outside(row: &TaskState) -> bool {
    matches!(row.status(), Status::Timer | Status::Pending)
        && matches!(
            row.wait,
            Wait::Timer(_) | Wait::Operation(_) | Wait::Unknown
        )
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
