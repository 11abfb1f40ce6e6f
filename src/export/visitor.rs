//! What the timeline formats (Perfetto, Chrome) have in common: the events of a trace, seen as
//! slices, arrows and counters on tracks.
//!
//! ```text
//!   loop     ├───────── tick ─────────┤        slice: from the start to the end of a tick
//!   #0 main  ├─ poll ─┤  ▲                     slice: from the start to the end of a poll
//!   #1 hello     └─────▶├─ poll ─┤             arrow: from a wake or spawn to the poll it leads to
//!   ready    1          2        0             counter: the length of a queue, where it changes
//! ```
//!
//! [`visit`] goes through the trace once. At each event it calls the methods of a
//! [`TimelineVisitor`], which knows how its format writes them.

use std::io;

use crate::replay::{FoldedTask, QueueFold, Replay, Status};
use crate::trace::{
    Aspect, CallbackEvent, Event, LocationId, LoopEvent, Moment, PollOutcome, Position, TaskEvent,
    TaskId, TextId, WakeEffect, WokenBy,
};

/// Writes the parts of a timeline in one format. The parts come in the order of their times.
pub(super) trait TimelineVisitor {
    /// A task occurs for the first time. Tasks may occur in any order, because the spawns of some
    /// may be hidden in a gap.
    fn track(&mut self, task: TaskId) -> io::Result<()>;

    /// A poll begins. `woken` is the number of the arrow that ends here.
    fn poll_start(&mut self, task: TaskId, woken: Option<Position>, at: Moment) -> io::Result<()>;

    /// A poll ends.
    fn poll_end(&mut self, poll: &PollSlice) -> io::Result<()>;

    /// Events are missing inside of a poll.
    fn cut_poll(&mut self, poll: &PollSlice) -> io::Result<()>;

    /// The recording ends inside of a poll.
    fn open_poll(&mut self, poll: &PollSlice) -> io::Result<()>;

    /// This many events are missing between two times.
    fn gap(&mut self, events: u64, since: Moment, until: Moment) -> io::Result<()>;

    /// An arrow begins, whose number is the position of its event.
    fn arrow(&mut self, arrow: &Arrow) -> io::Result<()>;

    /// The length of a queue has changed.
    fn counter(&mut self, queue: QueueKind, length: u32, at: Moment) -> io::Result<()>;

    /// A tick begins.
    fn tick_start(&mut self, at: Moment) -> io::Result<()>;

    /// The tick that began at `since` ends.
    fn tick_end(&mut self, since: Moment, at: Moment) -> io::Result<()>;

    /// A callback begins to run.
    fn callback_start(&mut self, at: Moment) -> io::Result<()>;

    /// A callback has returned.
    fn callback_end(&mut self, at: Moment) -> io::Result<()>;

    /// A line of output was written by a task; `None` if the loop or a callback wrote it.
    fn output(&mut self, task: Option<TaskId>, text: TextId, at: Moment) -> io::Result<()>;
}

/// A poll, from its start to its end.
pub(super) struct PollSlice {
    pub(super) task: TaskId,
    pub(super) since: Moment,
    pub(super) until: Moment,
    /// How the poll ended; `None` if the recording does not tell.
    pub(super) outcome: Option<PollOutcome>,
    /// Where the task waits after the poll.
    pub(super) wait_at: LocationId,
}

/// The start of an arrow.
pub(super) struct Arrow {
    /// Whether the arrow leads to the first poll of a task.
    pub(super) is_spawn: bool,
    pub(super) by: WokenBy,
    pub(super) number: Position,
    pub(super) at: Moment,
}

/// A queue whose length is a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueKind {
    /// Tasks and callbacks in the ready queue.
    Ready,
    /// Timers that are set.
    Timers,
    /// Tasks that wait for something other than a timer.
    Pending,
}

impl QueueKind {
    pub(super) const ALL: [QueueKind; 3] =
        [QueueKind::Ready, QueueKind::Timers, QueueKind::Pending];

    pub(super) fn name(self) -> &'static str {
        match self {
            QueueKind::Ready => "ready",
            QueueKind::Timers => "timers",
            QueueKind::Pending => "pending",
        }
    }

    /// The part of a recording without which the length is unknown.
    fn aspect(self) -> Aspect {
        match self {
            QueueKind::Ready => Aspect::Wakes,
            QueueKind::Timers => Aspect::Timers,
            QueueKind::Pending => Aspect::Waits,
        }
    }

    pub(super) fn is_recorded(self, replay: &Replay) -> bool {
        replay.log().meta.has(self.aspect())
    }
}

/// Calls the visitor for everything in the trace.
pub(super) fn visit(replay: &Replay, visitor: &mut impl TimelineVisitor) -> io::Result<()> {
    let mut timeline = TimelineFold {
        visitor,
        queues: QueueFold::default(),
        tracks: Vec::new(),
        tick_start: None,
        callback_runs: false,
        gap: None,
        counters: QueueKind::ALL.map(|queue| Counter {
            queue,
            is_recorded: queue.is_recorded(replay),
            written: None,
        }),
    };
    let bytes = &replay.log().bytes;
    let mut now = timeline.queues.now();
    while timeline.queues.position() < replay.end()
        && let Some(event) = timeline.queues.next_event(bytes)
    {
        timeline.end_gap()?;
        let at = timeline.queues.now();
        timeline.before(&event, now, at)?;
        timeline.queues.apply(&event);
        timeline.after(&event, at)?;
        now = at;
    }
    timeline.end_gap()?;
    for poll in timeline.open_polls(now) {
        timeline.visitor.open_poll(&poll)?;
    }
    Ok(())
}

struct TimelineFold<'a, V> {
    visitor: &'a mut V,
    queues: QueueFold,
    /// Whether each task has a track.
    tracks: Vec<bool>,
    /// When the current tick began.
    tick_start: Option<Moment>,
    callback_runs: bool,
    /// A gap that was not written yet, because its end is known only with the next event: how many
    /// events are missing, and when the last event before it happened.
    gap: Option<(u64, Moment)>,
    counters: [Counter; 3],
}

/// A counter, with the length that was written last.
struct Counter {
    queue: QueueKind,
    is_recorded: bool,
    written: Option<u32>,
}

impl<V: TimelineVisitor> TimelineFold<'_, V> {
    /// What has to be written while the queues are as they were before the event: `now` is the time
    /// before the event, `at` the time after it.
    ///
    /// The counters are written lazily: before time moves on, and where a poll begins or ends. So
    /// the many changes at one instant give one value.
    fn before(&mut self, event: &Event, now: Moment, at: Moment) -> io::Result<()> {
        match *event {
            Event::Task(TaskEvent::PollStart { task }) => {
                self.track(task)?;
                self.counters(at)?;
                let row = self.queues.task(task);
                let woken = row.filter(|row| row.phase.queued()).map(FoldedTask::woken);
                self.visitor.poll_start(task, woken, at)
            }
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => {
                self.poll_end(task, outcome, at)
            }
            Event::Gap { events } => self.begin_gap(events, at),
            Event::Loop(LoopEvent::Advance { .. }) => self.counters(now),
            Event::Callback(CallbackEvent::Start { .. }) => self.counters(at),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. } => Ok(()),
        }
    }

    /// A poll that began inside a gap is shown from the end of the gap on.
    fn poll_end(&mut self, task: TaskId, outcome: PollOutcome, at: Moment) -> io::Result<()> {
        let row = self.queues.task(task).copied();
        let is_whole = row.is_some_and(|row| row.phase.status() == Status::Running);
        let hidden = self.queues.gap_end().filter(|_| !is_whole);
        if let Some(gap_end) = hidden {
            self.track(task)?;
            self.visitor.poll_start(task, None, gap_end)?;
        }
        self.visitor.poll_end(&PollSlice {
            task,
            since: hidden.unwrap_or(row.map_or(at, |row| row.poll_start)),
            until: at,
            outcome: Some(outcome),
            wait_at: row.map_or(LocationId::UNKNOWN, |row| row.wait_at),
        })
    }

    /// Everything that is open ends where events are missing: when it really ended is not known.
    fn begin_gap(&mut self, events: u64, at: Moment) -> io::Result<()> {
        for poll in self.open_polls(at) {
            self.visitor.cut_poll(&poll)?;
        }
        if std::mem::take(&mut self.callback_runs) {
            self.visitor.callback_end(at)?;
        }
        if let Some(since) = self.tick_start.take() {
            self.visitor.tick_end(since, at)?;
        }
        self.gap = Some((events, at));
        Ok(())
    }

    /// Writes the gap before this event, if there is one.
    #[inline]
    fn end_gap(&mut self) -> io::Result<()> {
        match self.gap.take() {
            None => Ok(()),
            Some((events, since)) => {
                let until = self.queues.gap_end().unwrap_or(since);
                self.visitor.gap(events, since, until)
            }
        }
    }

    /// The polls that have not ended.
    fn open_polls(&self, until: Moment) -> Vec<PollSlice> {
        let polled = self.queues.polled().into_iter();
        let slice = |(task, row): (TaskId, FoldedTask)| PollSlice {
            task,
            since: row.poll_start,
            until,
            outcome: None,
            wait_at: row.wait_at,
        };
        polled.map(slice).collect()
    }

    /// What is written when the event has happened.
    fn after(&mut self, event: &Event, at: Moment) -> io::Result<()> {
        match *event {
            Event::Task(event) => self.after_task_event(event, at),
            Event::Loop(LoopEvent::TickStart) => {
                self.tick_start = Some(at);
                self.visitor.tick_start(at)
            }
            Event::Loop(LoopEvent::TickEnd) => match self.tick_start.take() {
                Some(since) => self.visitor.tick_end(since, at),
                None => Ok(()),
            },
            Event::Callback(CallbackEvent::Start { .. }) => {
                self.callback_runs = true;
                self.visitor.callback_start(at)
            }
            // The start may be hidden in a gap.
            Event::Callback(CallbackEvent::End { .. }) => {
                if std::mem::take(&mut self.callback_runs) {
                    self.visitor.callback_end(at)
                } else {
                    Ok(())
                }
            }
            Event::Output { text, .. } => {
                let task = self.queues.running();
                self.track_actor(task.map_or(WokenBy::Loop, WokenBy::Task))?;
                self.visitor.output(task, text, at)
            }
            Event::Loop(
                LoopEvent::Park { .. }
                | LoopEvent::Advance { .. }
                | LoopEvent::TimerPhase { .. }
                | LoopEvent::RunPhase { .. }
                | LoopEvent::End { .. },
            )
            | Event::Callback(CallbackEvent::Scheduled { .. })
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Gap { .. } => Ok(()),
        }
    }

    fn after_task_event(&mut self, event: TaskEvent, at: Moment) -> io::Result<()> {
        let number = self.queues.position();
        match event {
            TaskEvent::Spawn { task, parent, .. } => {
                self.track(task)?;
                let by = parent.map_or(WokenBy::Loop, WokenBy::Task);
                self.track_actor(by)?;
                self.visitor.arrow(&Arrow {
                    is_spawn: true,
                    by,
                    number,
                    at,
                })
            }
            TaskEvent::Wake {
                by,
                effect: WakeEffect::Enqueued,
                ..
            } => {
                self.track_actor(by)?;
                self.visitor.arrow(&Arrow {
                    is_spawn: false,
                    by,
                    number,
                    at,
                })
            }
            TaskEvent::PollEnd { .. } => self.counters(at),
            TaskEvent::Wake { .. }
            | TaskEvent::PollStart { .. }
            | TaskEvent::Wait { .. }
            | TaskEvent::Joined { .. }
            | TaskEvent::Failed { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. } => Ok(()),
        }
    }

    /// Makes the track of a task, before the first event that is shown on it.
    #[inline]
    fn track(&mut self, task: TaskId) -> io::Result<()> {
        if self.tracks.get(task.index()) == Some(&true) {
            return Ok(());
        }
        if task.index() >= self.tracks.len() {
            self.tracks.resize(task.index() + 1, false);
        }
        self.tracks[task.index()] = true;
        self.visitor.track(task)
    }

    fn track_actor(&mut self, by: WokenBy) -> io::Result<()> {
        match by {
            WokenBy::Task(task) => self.track(task),
            WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Thread(_)
            | WokenBy::Loop
            | WokenBy::Unknown => Ok(()),
        }
    }

    /// Writes the lengths that have changed since they were written last.
    fn counters(&mut self, at: Moment) -> io::Result<()> {
        let lengths = self.queues.lengths();
        for counter in &mut self.counters {
            let length = match counter.queue {
                QueueKind::Ready => lengths.ready,
                QueueKind::Timers => lengths.timers,
                QueueKind::Pending => lengths.pending,
            };
            if counter.written != Some(length) && counter.is_recorded {
                counter.written = Some(length);
                self.visitor.counter(counter.queue, length, at)?;
            }
        }
        Ok(())
    }
}
