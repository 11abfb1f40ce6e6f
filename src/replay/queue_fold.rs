//! How long each queue is, for readers of a whole trace.
//!
//! A timeline in another program's format has to tell, at each event, how many tasks are in which
//! queue, and of the event's task only when its poll began and where it waits. A
//! [`State`](super::State) tells this too, but it also adds up times and keeps resources, groups and
//! holdings, which takes twice as long. A [`QueueFold`] keeps the phase of each task as the
//! timeline's lanes do: [`PhaseChange`] says how an event changes it, so the meaning of an event is
//! not defined a second time. A test compares the two at every event.

use std::collections::BTreeSet;

use crate::trace::{
    CallbackEvent, CallbackId, Cursor, Definition, Event, LocationId, Moment, Position, TaskEvent,
    TaskId, TimerEvent, WokenBy,
};

use super::{
    Status, TaskPhase, slot_table::SlotTable, task::StoredPosition, task_phase::PhaseChange,
};

/// How many tasks and timers are in each queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueueLengths {
    /// Tasks and callbacks in the ready queue.
    pub(crate) ready: u32,
    /// Timers that are set.
    pub(crate) timers: u32,
    /// Tasks that wait for something other than a timer.
    pub(crate) pending: u32,
}

/// A task at a position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoldedTask {
    pub(crate) phase: TaskPhase,
    woken: StoredPosition,
    /// When its last poll began.
    pub(crate) poll_start: Moment,
    /// The `.await` at which it waits, or waited last.
    pub(crate) wait_at: LocationId,
    /// Whether it had an event since the last gap.
    known: bool,
}

impl FoldedTask {
    /// A task that was spawned inside a gap which ended at `at`.
    fn unknown(at: Moment) -> FoldedTask {
        FoldedTask {
            phase: TaskPhase::UNKNOWN,
            woken: StoredPosition::default(),
            poll_start: at,
            wait_at: LocationId::UNKNOWN,
            known: false,
        }
    }

    /// The position after the event that put the task into the ready queue last.
    pub(crate) fn woken(&self) -> Position {
        self.woken.get()
    }
}

/// The queues at a position, and what is needed to move on.
#[derive(Debug, Default)]
pub(crate) struct QueueFold {
    cursor: Cursor,
    position: Position,
    /// The task that is being polled.
    running: Option<TaskId>,
    tasks: Vec<FoldedTask>,
    /// The tasks that had an event since the last gap: those that the next gap changes.
    known: Vec<TaskId>,
    /// The timer slots in use.
    timers: SlotTable<()>,
    /// The callbacks in the ready queue.
    callbacks: BTreeSet<CallbackId>,
    /// When the last gap ended.
    gap_end: Option<Moment>,
    /// How many tasks are in the queues, without timers and callbacks.
    counts: QueueLengths,
}

impl QueueFold {
    /// Decodes the next event. [`QueueFold::apply`] must be called with it before the next call;
    /// until then the fold shows the queues before the event. Only [`QueueFold::now`] has moved on.
    #[inline]
    pub(crate) fn next_event(&mut self, bytes: &[u8]) -> Option<Event> {
        loop {
            if let Some(event) = self.cursor.next_frequent(bytes) {
                return Some(event);
            }
            if let Some(event) = self.cursor.next_rare(bytes) {
                return Some(event);
            }
            let definition = self.cursor.next_definition(bytes)?;
            self.define(&definition);
        }
    }

    /// The two definitions that say something about tasks, both written behind a gap.
    fn define(&mut self, definition: &Definition<'_>) {
        match *definition {
            Definition::Tasks { count, .. } => {
                let unknown = FoldedTask::unknown(self.cursor.now);
                let tasks = std::iter::repeat_n(unknown, count as usize);
                self.tasks.extend(tasks);
            }
            Definition::Resume(actor) => {
                self.gap_end = Some(self.cursor.now);
                if let WokenBy::Task(task) = actor {
                    self.running = Some(task);
                }
            }
            Definition::Text(_)
            | Definition::Location(..)
            | Definition::Frame { .. }
            | Definition::PollSample { .. }
            | Definition::Name(..)
            | Definition::Wakes(_) => {}
        }
    }

    #[inline]
    pub(crate) fn apply(&mut self, event: &Event) {
        self.position.0 += 1;
        match event {
            Event::Task(event) => self.apply_task_event(event),
            Event::Timer(event) => self.apply_timer_event(event),
            Event::Callback(event) => self.apply_callback_event(event),
            Event::Gap { .. } => self.apply_gap(),
            Event::Loop(_) | Event::Resource(_) | Event::Output { .. } => {}
        }
    }

    #[inline]
    fn apply_task_event(&mut self, event: &TaskEvent) {
        let Some((task, change)) = PhaseChange::of(event) else {
            return;
        };
        if let TaskEvent::Spawn { .. } = event {
            let spawned = FoldedTask {
                phase: TaskPhase::ABSENT,
                ..FoldedTask::unknown(self.cursor.now)
            };
            self.tasks.push(spawned);
        }
        let Some(row) = self.tasks.get_mut(task.index()) else {
            return;
        };
        if !row.known {
            row.known = true;
            self.known.push(task);
        }
        let before = contribution(row.phase);
        row.phase.apply(change);
        let after = contribution(row.phase);
        self.counts.ready = self.counts.ready + after.0 - before.0;
        self.counts.pending = self.counts.pending + after.1 - before.1;
        match change {
            PhaseChange::Enqueue => row.woken = StoredPosition::new(self.position),
            PhaseChange::StartPoll => {
                row.poll_start = self.cursor.now;
                self.running = Some(task);
            }
            PhaseChange::EndPoll(_) => {
                // In an imported recording polls may overlap: another task may be running by now.
                self.running = self.running.filter(|running| *running != task);
            }
            PhaseChange::Wait(_) => {
                if let TaskEvent::Wait { at, .. } = event {
                    row.wait_at = *at;
                }
            }
        }
    }

    fn apply_timer_event(&mut self, event: &TimerEvent) {
        match *event {
            TimerEvent::Set { timer, .. } => self.timers.put(timer.index(), ()),
            TimerEvent::Fired { timer } | TimerEvent::Cancelled { timer } => {
                self.timers.remove(timer.index())
            }
        };
    }

    fn apply_callback_event(&mut self, event: &CallbackEvent) {
        match *event {
            CallbackEvent::Scheduled { callback, .. } => drop(self.callbacks.insert(callback)),
            CallbackEvent::Start { callback } => {
                self.callbacks.remove(&callback);
                self.running = None;
            }
            CallbackEvent::End { .. } => self.running = None,
        }
    }

    /// After a gap every unfinished task is unknown, and every queue empty.
    fn apply_gap(&mut self) {
        for task in self.known.drain(..) {
            match self.tasks.get_mut(task.index()) {
                // An ended task is not changed by a gap. A broken trace may still wake it later.
                Some(row) if row.phase.ended() => row.known = false,
                Some(row) => *row = FoldedTask::unknown(self.cursor.now),
                None => {}
            }
        }
        self.gap_end = Some(self.cursor.now);
        self.running = None;
        self.timers.clear();
        self.callbacks.clear();
        self.counts = QueueLengths::default();
    }

    /// Loop time after the event that was decoded last.
    #[inline]
    pub(crate) fn now(&self) -> Moment {
        self.cursor.now
    }

    /// How many events were applied.
    #[inline]
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// The task that is being polled, if one is.
    pub(crate) fn running(&self) -> Option<TaskId> {
        self.running
    }

    #[inline]
    pub(crate) fn task(&self, task: TaskId) -> Option<&FoldedTask> {
        self.tasks.get(task.index())
    }

    /// When the last gap ended; `None` if there was none.
    pub(crate) fn gap_end(&self) -> Option<Moment> {
        self.gap_end
    }

    /// The tasks that are being polled, by number: more than one where an imported recording has
    /// overlapping polls. They have had an event since the last gap.
    pub(crate) fn polled(&self) -> Vec<(TaskId, FoldedTask)> {
        let known = self.known.iter();
        let rows = known.filter_map(|task| Some((*task, *self.task(*task)?)));
        let mut polled: Vec<_> = rows
            .filter(|(_, row)| row.phase.status() == Status::Running)
            .collect();
        polled.sort_by_key(|(task, _)| *task);
        polled
    }

    #[inline]
    pub(crate) fn lengths(&self) -> QueueLengths {
        let count = |entries: usize| u32::try_from(entries).unwrap_or(u32::MAX);
        QueueLengths {
            ready: self
                .counts
                .ready
                .saturating_add(count(self.callbacks.len())),
            timers: count(self.timers.len()),
            pending: self.counts.pending,
        }
    }
}

/// How much a task adds to the ready queue and to the tasks that are pending: 0 or 1 each.
#[inline]
fn contribution(phase: TaskPhase) -> (u32, u32) {
    let is_pending = phase.status() == Status::Pending;
    (u32::from(phase.queued()), u32::from(is_pending))
}

#[cfg(test)]
mod tests {
    use crate::{
        replay::{Replay, State},
        trace::{PollOutcome, Wait, WakeEffect, Writer},
    };

    use super::*;

    /// Counts the queues of a state with a pass over all of it.
    fn of_state(state: &State) -> QueueLengths {
        let tasks = |wanted: fn(TaskPhase) -> bool| {
            u32::try_from(
                state
                    .tasks
                    .iter()
                    .filter(|(_, row)| wanted(row.phase))
                    .count(),
            )
            .unwrap()
        };
        QueueLengths {
            ready: tasks(TaskPhase::queued) + u32::try_from(state.callbacks.len()).unwrap(),
            timers: u32::try_from(state.timers.len()).unwrap(),
            pending: tasks(|phase| phase.status() == Status::Pending),
        }
    }

    /// A linear congruential generator, with the constants of Knuth's MMIX.
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: u32) -> u32 {
            let factor = 6_364_136_223_846_793_005;
            self.0 = self
                .0
                .wrapping_mul(factor)
                .wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(self.0 >> 33).unwrap() % end
        }
    }

    /// A thousand random events of eight tasks, in any order, and a gap in the middle.
    fn random_records(seed: u64) -> Vec<u8> {
        let mut random = Random(seed);
        let mut writer = Writer::new();
        let name = writer.intern("task");
        for _ in 0..8 {
            writer.spawn(name, LocationId::UNKNOWN, false);
        }
        for _ in 0..1000 {
            let task = TaskId(random.below(8));
            match random.below(10) {
                0 => {
                    let id = writer.callback_scheduled(name);
                    writer.callback_start(id);
                    writer.callback_end(id, 5);
                }
                1 => drop(writer.callback_scheduled(name)),
                2 => writer.tick_start(),
                3..6 => writer.wake(task, WakeEffect::Enqueued),
                _ => {
                    writer.poll_start(task);
                    let timer = crate::trace::TimerId(random.below(4));
                    match random.below(4) {
                        0 => {
                            writer.timer_set(timer, 7);
                            writer.wait(Wait::Timer(timer), LocationId::UNKNOWN, false);
                        }
                        1 => writer.wait(Wait::Unknown, LocationId::UNKNOWN, false),
                        2 => writer.timer_cancelled(timer),
                        _ => writer.wake(task, WakeEffect::Enqueued),
                    }
                    writer.poll_end(PollOutcome::Pending, random.below(9).into());
                }
            }
        }
        writer.take()
    }

    #[test]
    fn the_fold_agrees_with_the_state_at_every_event() {
        for (seed, size) in (0..20).zip((2_000..).step_by(100)) {
            let mut log = crate::trace::RingLog::new(size);
            let records = random_records(seed);
            log.push(&records);
            let replay = Replay::new(crate::trace::Log {
                bytes: log.into_records(),
                ..Default::default()
            });
            assert!(!replay.is_damaged());
            let bytes = &replay.log().bytes;
            let (mut state, mut fold) = (State::new(), QueueFold::default());
            while let Some(event) = fold.next_event(bytes) {
                fold.apply(&event);
                assert_eq!(state.step(bytes), Some(event));
                assert_eq!(fold.position(), state.position);
                assert_eq!(fold.now(), state.now());
                assert_eq!(fold.lengths(), of_state(&state), "seed {seed}, {event:?}");
                assert_eq!(fold.running(), state.running.task());
                for (task, row) in state.tasks.iter() {
                    let folded = fold.task(task).unwrap();
                    assert_eq!(folded.phase, row.phase);
                    assert_eq!(folded.wait_at, row.wait_at);
                    if row.status() == Status::Running {
                        assert_eq!(folded.poll_start, row.since);
                    }
                    if row.phase.queued() {
                        assert_eq!(folded.woken(), row.woken());
                    }
                }
            }
            assert_eq!(state.position, replay.end());
        }
    }
}
