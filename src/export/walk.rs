//! The events of a trace in their order, with what changes by them.

use crate::replay::{PhaseChange, Replay, Status, TaskPhase};
use crate::trace::{
    CallbackEvent, CallbackId, Event, LocationId, Moment, Position, TaskEvent, TaskId, TimerEvent,
    Wait, WakeEffect,
};

/// What is known of the loop after an event: the lanes of its tasks and the lengths of its queues.
#[derive(Debug, Default)]
pub(super) struct LoopWalk {
    rows: Vec<WalkTask>,
    pub(super) lengths: QueueLengths,
    /// The task that was polled last, if its poll goes on.
    pub(super) running: Option<TaskId>,
    pub(super) callback: Option<CallbackId>,
}

/// How many there are in each queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct QueueLengths {
    /// In the ready queue, callbacks included.
    pub(super) ready: u32,
    /// In the timer queue.
    pub(super) timers: u32,
    /// Waiting for something that is no timer.
    pub(super) pending: u32,
}

/// A task.
#[derive(Clone, Copy, Debug)]
pub(super) struct WalkTask {
    pub(super) phase: TaskPhase,
    /// Since when it has been doing what it does.
    pub(super) since: Moment,
    /// What it said last that it waits for, and where.
    pub(super) wait: Wait,
    pub(super) wait_at: LocationId,
    /// The event that put it into the ready queue last is the one before this position; 0 for none since its last poll.
    pub(super) woken: Position,
}

impl LoopWalk {
    /// A task; a new one for a number that is not there yet.
    pub(super) fn row(&self, task: TaskId) -> WalkTask {
        self.rows.get(task.index()).copied().unwrap_or(WalkTask {
            phase: TaskPhase::ABSENT,
            since: Moment::START,
            wait: Wait::Unknown,
            wait_at: LocationId::UNKNOWN,
            woken: Position(0),
        })
    }

    /// All tasks that have been spawned.
    pub(super) fn rows(&self) -> impl Iterator<Item = (TaskId, WalkTask)> {
        let rows = self.rows.iter().copied().zip(0..);
        rows.map(|(row, task)| (TaskId(task), row))
    }

    /// Takes an event in.
    pub(super) fn apply(&mut self, position: Position, event: &Event, at: Moment) {
        match *event {
            Event::Task(TaskEvent::PollStart { task }) => {
                self.change(task, event, at);
                self.rows[task.index()].woken = Position(0);
                self.running = Some(task);
            }
            Event::Task(TaskEvent::PollEnd { task, .. }) => {
                self.change(task, event, at);
                self.running = self.running.filter(|running| *running != task);
            }
            Event::Task(
                TaskEvent::Spawn { task, .. }
                | TaskEvent::Wake {
                    task,
                    effect: WakeEffect::Enqueued,
                    ..
                },
            ) => {
                self.change(task, event, at);
                self.rows[task.index()].woken = position;
            }
            Event::Task(TaskEvent::Wait {
                task,
                on,
                at: place,
                ..
            }) => {
                self.change(task, event, at);
                let row = &mut self.rows[task.index()];
                (row.wait, row.wait_at) = (on, place);
            }
            Event::Timer(TimerEvent::Set { .. }) => self.lengths.timers += 1,
            Event::Timer(TimerEvent::Fired { .. } | TimerEvent::Cancelled { .. }) => {
                self.lengths.timers = self.lengths.timers.saturating_sub(1);
            }
            Event::Callback(CallbackEvent::Scheduled { .. }) => self.lengths.ready += 1,
            Event::Callback(CallbackEvent::Start { callback }) => {
                self.lengths.ready = self.lengths.ready.saturating_sub(1);
                self.callback = Some(callback);
            }
            Event::Callback(CallbackEvent::End { .. }) => self.callback = None,
            Event::Loop(_)
            | Event::Task(_)
            | Event::Resource(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }

    /// Moves a task, and with it the lengths of the queues that it leaves and joins.
    fn change(&mut self, task: TaskId, event: &Event, at: Moment) {
        let index = task.index();
        if index >= self.rows.len() {
            let absent = self.row(task);
            self.rows.resize(index + 1, absent);
        }
        let row = &mut self.rows[index];
        let before = row.phase;
        if let Event::Task(event) = event
            && let Some((_, change)) = PhaseChange::of(event)
        {
            row.phase.apply(change);
        }
        if before.status() != row.phase.status() {
            row.since = at;
        }
        let pending = |phase: TaskPhase| u32::from(phase.status() == Status::Pending);
        let queued = |phase: TaskPhase| u32::from(phase.queued());
        let lengths = &mut self.lengths;
        lengths.pending = lengths.pending + pending(row.phase) - pending(before);
        lengths.ready = lengths.ready + queued(row.phase) - queued(before);
    }
}

/// All events of a trace, each with the position and the moment after it.
pub(super) fn events(replay: &Replay) -> impl Iterator<Item = (Position, Event, Moment)> {
    let events = replay.events_from(Position(0));
    events.map(|(position, event, cursor)| (position, event, cursor.now))
}
