//! The critical path of a run: the sequence of polls and waits that led to its end, without a gap.
//!
//! ```text
//!   say_after:concurrent     #0 main: poll ── spawn ──> #2 world: poll ── timer, 2 s ──> poll ── wake ──> #0 main: poll
//!   say_after:in_order       #0 main: poll ── timer, 1 s ──> poll ── timer, 2 s ──> poll
//! ```
//!
//! Each task carries the path that led to it. The path of a task continues
//!
//! * from the path of its parent, when it is spawned;
//! * from the path of the task or callback that wakes it, when it is woken by one: what it waited
//!   for is then on that path;
//! * from the path of the poll that set the timer, when a timer wakes it: the wait is the next part;
//! * from its own path, when I/O or another thread wakes it: the wait is the next part.
//!
//! A poll is never interrupted, so what it wakes, spawns or sets continues at its end.
//!
//! asyncio has callbacks between the two: the timer of a sleep fires and schedules a callback, and
//! that callback wakes the task. A callback that nothing of the program has scheduled is *outside*,
//! and so is a callback that such a callback schedules. If an outside callback wakes a task that
//! waits for a timer or for I/O, the path of the task continues from its own path.
//!
//! Every moment from the start of the run to the current time belongs to exactly one part of a
//! path: *work* (a poll or callback), *queued* (in the ready queue, while other tasks are polled),
//! *outside* (a wait for a timer, I/O or another thread), or *late* (a timer is due, and the loop
//! is held). So the parts add up to the time, and two runs can be compared part by part.
//!
//! A part of a path may lie in a time in which a task waited for a limit: a permit of a semaphore, a
//! lock, or room in a channel. [`Path::limited`] is the sum of these times. It is counted across the
//! four kinds, not beside them.

mod caused;

use std::collections::HashMap;

use crate::replay::{EventStep, ResourceState, Running, State, Status, TaskState, TickPhase};
use crate::trace::{
    CallbackEvent, CallbackId, Event, LoopEvent, Moment, PollOutcome, ResourceKind, Span,
    TaskEvent, TaskId, TextId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
};

use caused::{Caused, Effect};

/// A shorter wait is not counted as a wait: on a real clock, every timer and every read takes some
/// microseconds.
const BRIEF: Span = Span(1_000_000);

/// The most fired timers that are remembered.
const MOST_FIRED: usize = 1 << 16;

/// The most rows that a table grows by at once: numbers count up, so more is a damaged trace.
const GROWTH: usize = 1 << 20;

/// The path that led to a moment. Its four kinds of parts add up to the time since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Path {
    /// Polls and callbacks.
    pub work: Span,
    /// Time in the ready queue.
    pub queued: Span,
    /// Time in which a timer was due and had not fired.
    pub late: Span,
    /// Waits for timers, I/O and other threads.
    pub outside: Span,
    /// The number of these waits, without the very short ones.
    pub waits: u32,
    /// The longest of these waits.
    pub longest_wait: Span,
    /// The part of the path in which a task waited for a permit, a lock or room in a channel.
    pub limited: Span,
    /// What the longest of these waits was for.
    pub limit: Option<Limit>,
    /// The moment to which the path leads.
    until: Moment,
    /// The end of the last time that is counted in `limited`.
    limited_until: Moment,
}

/// A semaphore, lock or channel that tasks waited for, and the longest wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it is.
    pub kind: ResourceKind,
    /// Its name.
    pub name: TextId,
    /// Its permits or its capacity.
    pub limit: u32,
    /// The longest wait for it.
    pub wait: Span,
}

impl Limit {
    /// The limit with the longest wait: `known`, or the one that was waited for now.
    pub(super) fn longer(known: Option<Limit>, on: &ResourceState, wait: Span) -> Option<Limit> {
        if wait <= known.map_or(Span::ZERO, |limit| limit.wait) {
            return known;
        }
        Some(Limit {
            wait,
            ..Limit::of(on)
        })
    }

    fn of(resource: &ResourceState) -> Limit {
        Limit {
            kind: resource.kind,
            name: resource.name,
            limit: resource.limit,
            wait: Span::ZERO,
        }
    }
}

impl Path {
    /// The time in which code ran or was waited for: a single thread does both.
    pub fn held(&self) -> Span {
        self.work + self.queued + self.late
    }

    fn work_until(mut self, now: Moment) -> Path {
        self.work += now.since(self.until);
        self.until = now;
        self
    }

    fn queued_until(mut self, now: Moment) -> Path {
        self.queued += now.since(self.until);
        self.until = now;
        self
    }

    /// A wait that should have ended at `due`, and ended now.
    fn waited_until(mut self, due: Moment, now: Moment) -> Path {
        let due = due.clamp(self.until, now);
        let waited = due.since(self.until);
        self.outside += waited;
        self.waits += u32::from(waited >= BRIEF);
        self.longest_wait = self.longest_wait.max(waited);
        self.late += now.since(due);
        self.until = now;
        self
    }

    /// The path led through a wait for a limit, which began at `since` and ended at the end of the
    /// path.
    fn limited_since(mut self, since: Moment, on: Limit) -> Path {
        let since = since.max(self.limited_until);
        let wait = self.until.since(since);
        self.limited += wait;
        self.limited_until = self.until.max(self.limited_until);
        if wait > self.limit.map_or(Span::ZERO, |limit| limit.wait) {
            self.limit = Some(Limit { wait, ..on });
        }
        self
    }
}

/// The paths of all tasks while the events of a run are read in their order.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// The path of each task. In a gap all tasks wait; that is added to a path when it is next
    /// used, because there may be as many gaps as tasks.
    tasks: Vec<Path>,
    /// The end of the last gap, and how many tasks were known before it.
    gap: Moment,
    before_gap: usize,
    /// The callbacks in the ready queue.
    callbacks: HashMap<CallbackId, CallbackPath>,
    /// The callback that runs.
    callback: CallbackPath,
    /// The task whose poll ended last: the loop wakes the tasks that join it right after that poll.
    last_polled: Option<TaskId>,
    /// What the open polls have caused: it continues at their ends.
    caused: Caused,
    /// The paths to the polls that have set the timers, by slot.
    timers: Vec<Option<Path>>,
    /// The timers that have fired in the current tick: their deadlines, and the paths to where they
    /// were set.
    fired: HashMap<TimerId, (Moment, Option<Path>)>,
    /// The path of the main task at its end.
    end: Option<Path>,
}

/// The path that led to a callback.
#[derive(Clone, Copy, Debug, Default)]
struct CallbackPath {
    path: Path,
    /// Whether a timer, I/O or another thread is its cause: no task has scheduled it, directly or
    /// through other callbacks.
    outside: bool,
}

impl Paths {
    /// Reads an event. Returns the wait for something outside the program that it ends, if any: the
    /// task and the length of the wait, without the time by which a timer was late.
    pub(super) fn read(&mut self, step: &EventStep<'_>) -> Option<(TaskId, Span)> {
        let (state, now) = (step.before, step.at());
        match step.event {
            Event::Task(event) => self.task_event(state, event, now),
            Event::Timer(event) => {
                self.timer_event(state, event, now);
                None
            }
            Event::Loop(LoopEvent::TickStart) => {
                self.fired.clear();
                None
            }
            Event::Callback(event) => {
                self.callback_event(state, event, now);
                None
            }
            Event::Loop(_) | Event::Resource(_) | Event::Output { .. } => None,
            Event::Gap { .. } => {
                self.caused.clear();
                self.timers.clear();
                (self.gap, self.before_gap) = (now, self.tasks.len());
                None
            }
        }
    }

    fn task_event(
        &mut self,
        state: &State,
        event: TaskEvent,
        now: Moment,
    ) -> Option<(TaskId, Span)> {
        match event {
            TaskEvent::Spawn { task, .. } => {
                let path = self.running(state, now);
                self.set(task, path);
                self.causes(state, Effect::Ready(task, None));
            }
            TaskEvent::PollStart { task } => {
                let path = self.of(task).queued_until(now);
                self.set(task, path);
            }
            TaskEvent::PollEnd { task, outcome, .. } => {
                let path = self.of(task).work_until(now);
                self.set(task, path);
                self.ended(state, Some(task), path);
                self.last_polled = Some(task);
                if task == TaskId(0) && outcome != PollOutcome::Pending {
                    self.end = Some(path);
                }
            }
            TaskEvent::Wake {
                task,
                by,
                effect: WakeEffect::Enqueued,
            } => return self.wake(state, task, by, now),
            TaskEvent::Wake { .. }
            | TaskEvent::Wait { .. }
            | TaskEvent::Failed { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. }
            | TaskEvent::Joined { .. } => {}
        }
        None
    }

    fn wake(
        &mut self,
        state: &State,
        task: TaskId,
        by: WokenBy,
        now: Moment,
    ) -> Option<(TaskId, Span)> {
        let row = state.tasks.get(task)?;
        if row.status() == Status::Running {
            return None;
        }
        let cause = match by {
            WokenBy::Callback(_) if self.callback.outside && waits_outside(row) => None,
            WokenBy::Task(_) | WokenBy::Callback(_) => Some(self.running(state, now)),
            WokenBy::Loop if state.phase == TickPhase::Run => {
                self.last_polled.map(|task| self.of(task))
            }
            WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Thread(_)
            | WokenBy::Loop
            | WokenBy::Unknown => None,
        };
        if let Some(path) = cause {
            let limited = limit_of(state, row).map(|on| (row.since, Limit::of(on)));
            self.set(task, with_limit(path, limited));
            if by != WokenBy::Loop {
                self.causes(state, Effect::Ready(task, limited));
            }
            return None;
        }
        let timer = match (by, row.wait) {
            (WokenBy::Timer(timer), _) | (WokenBy::Callback(_), Wait::Timer(timer)) => Some(timer),
            _ => None,
        };
        let fired = timer.and_then(|timer| self.fired.get(&timer));
        let (due, set) = fired.copied().unwrap_or((now, None));
        let path = set.unwrap_or_else(|| self.of(task));
        let path = path.waited_until(due, now);
        self.set(task, path);
        Some((task, due.clamp(row.since, now).since(row.since)))
    }

    fn callback_event(&mut self, state: &State, event: CallbackEvent, now: Moment) {
        match event {
            CallbackEvent::Scheduled { callback, .. } => {
                let path = self.running(state, now);
                let outside = match state.running {
                    Running::Task(_) => false,
                    Running::Callback(..) => self.callback.outside,
                    Running::Nothing => true,
                };
                self.callbacks
                    .insert(callback, CallbackPath { path, outside });
                self.causes(state, Effect::Scheduled(callback));
            }
            CallbackEvent::Start { callback } => {
                self.callback = self.callbacks.remove(&callback).unwrap_or_default();
                self.callback.path = self.callback.path.queued_until(now);
            }
            CallbackEvent::End { .. } => {
                self.callback.path = self.callback.path.work_until(now);
                self.ended(state, None, self.callback.path);
            }
        }
    }

    fn timer_event(&mut self, state: &State, event: TimerEvent, now: Moment) {
        match event {
            TimerEvent::Set { timer, .. } => {
                if let Some(path) = self.timers.get_mut(timer.index()) {
                    *path = None;
                }
                self.causes(state, Effect::Set(timer));
            }
            TimerEvent::Fired { timer } => {
                let deadline = state.timer(timer).map_or(now, |timer| timer.deadline);
                // Only a trace without ticks has more than a few.
                if self.fired.len() >= MOST_FIRED {
                    self.fired.clear();
                }
                let set = self.timers.get(timer.index()).copied().flatten();
                self.fired.insert(timer, (deadline, set));
            }
            TimerEvent::Cancelled { .. } => {}
        }
    }

    /// What runs has caused something.
    fn causes(&mut self, state: &State, what: Effect) {
        let by = match state.running {
            Running::Task(task) => Some(task),
            Running::Callback(..) => None,
            Running::Nothing => return,
        };
        self.caused.add(by, what);
    }

    /// A poll or callback ends: what it has caused continues from here.
    fn ended(&mut self, state: &State, by: Option<TaskId>, path: Path) {
        let effects = self.caused.take(by);
        for effect in &effects {
            match *effect {
                Effect::Ready(task, limited) => {
                    // In an imported recording polls may overlap, so that it runs already.
                    let row = state.tasks.get(task);
                    if row.is_some_and(|row| row.status() == Status::Ready) {
                        self.set(task, with_limit(path, limited));
                    }
                }
                Effect::Scheduled(callback) => {
                    if let Some(waiting) = self.callbacks.get_mut(&callback) {
                        waiting.path = path;
                    }
                }
                Effect::Set(timer) => self.set_timer(timer, path),
            }
        }
        self.caused.reuse(effects);
    }

    fn set_timer(&mut self, timer: TimerId, path: Path) {
        let slot = timer.index();
        if slot >= self.timers.len() && slot < self.timers.len() + GROWTH {
            self.timers.resize(slot + 1, None);
        }
        if let Some(row) = self.timers.get_mut(slot) {
            *row = Some(path);
        }
    }

    /// The path to what runs now. If nothing runs, the path to the last poll and the time since.
    fn running(&self, state: &State, now: Moment) -> Path {
        match state.running {
            Running::Task(task) => self.of(task).work_until(now),
            Running::Callback(..) => self.callback.path.work_until(now),
            Running::Nothing => self.last(now),
        }
    }

    fn last(&self, now: Moment) -> Path {
        let last = self
            .last_polled
            .map_or_else(Path::default, |task| self.of(task));
        last.waited_until(now, now)
    }

    fn of(&self, task: TaskId) -> Path {
        let path = self.tasks.get(task.index()).copied().unwrap_or_default();
        if task.index() < self.before_gap && path.until < self.gap {
            return path.waited_until(self.gap, self.gap);
        }
        path
    }

    fn set(&mut self, task: TaskId, path: Path) {
        // Tasks are numbered in the order of their spawns, so the table grows by one row at a time;
        // by more only behind a gap.
        if task.index() >= self.tasks.len() && task.index() < self.tasks.len() + GROWTH {
            self.tasks.resize(task.index() + 1, Path::default());
        }
        if let Some(row) = self.tasks.get_mut(task.index()) {
            *row = path;
        }
    }

    /// The path to the end of the main task; if it has not ended, to the last poll.
    pub(super) fn finish(&self, now: Moment) -> Path {
        self.end.unwrap_or_else(|| self.last(now))
    }
}

/// The path, which led through a wait for a limit since a moment.
fn with_limit(path: Path, limited: Option<(Moment, Limit)>) -> Path {
    match limited {
        Some((since, limit)) => path.limited_since(since, limit),
        None => path,
    }
}

/// Whether a task waits for something outside the program.
pub(super) fn waits_outside(row: &TaskState) -> bool {
    matches!(row.status(), Status::Timer | Status::Pending)
        && matches!(
            row.wait,
            Wait::Timer(_) | Wait::Operation(_) | Wait::Unknown
        )
}

/// The semaphore, lock or full channel that a task waits for.
pub(super) fn limit_of<'a>(state: &'a State, row: &TaskState) -> Option<&'a ResourceState> {
    if row.status() != Status::Pending {
        return None;
    }
    match row.wait {
        Wait::Send(channel) => state.resource(channel),
        Wait::Acquire(resource) => state.resource(resource).filter(|resource| {
            matches!(
                resource.kind,
                ResourceKind::Lock | ResourceKind::Semaphore | ResourceKind::RwLock
            )
        }),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Join(_)
        | Wait::Receive(_)
        | Wait::Operation(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    }
}
