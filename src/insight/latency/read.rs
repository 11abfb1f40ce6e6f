//! Takes the times of a run from its events.

use crate::insight::fired_deadlines::FiredDeadlines;
use crate::replay::{EventStep, Running, State, Status};
use crate::trace::{
    CallbackEvent, Event, LocationId, Moment, Position, Span, TaskEvent, TaskId, TimerEvent,
    WokenBy,
};

use super::{
    LatencyKey,
    groups::{GroupTable, Times},
    report::{LatencyGroups, LatencyReport, LeftOut, WorstTime},
};

/// How many of the longest times are listed.
const WORST: usize = 10;

/// The most polls that may be open at once. A loop has one; the recording of several threads has one
/// for each.
const MOST_OPEN: usize = 1024;

/// The times of the events so far.
#[derive(Debug, Default)]
pub(super) struct LatencyFold {
    ready: Times,
    polls: Times,
    callbacks: Times,
    tasks: GroupTable,
    spawns: GroupTable,
    awaits: GroupTable,
    worst_ready: Vec<WorstTime>,
    worst_polls: Vec<WorstTime>,
    open: Vec<OpenPoll>,
    due: FiredDeadlines,
    /// The start of the callback that runs.
    callback: Option<(Moment, Position)>,
    left_out: LeftOut,
}

/// A poll that has not ended.
#[derive(Clone, Copy, Debug)]
struct OpenPoll {
    task: TaskId,
    position: Position,
    places: PollPlaces,
}

/// The places by which the times of a poll are grouped.
#[derive(Clone, Copy, Debug)]
struct PollPlaces {
    spawn: LatencyKey,
    begin: LatencyKey,
    at: LocationId,
}

impl LatencyFold {
    /// Reads an event.
    pub(super) fn read(&mut self, step: &EventStep<'_>) {
        match step.event {
            Event::Task(TaskEvent::PollStart { task }) => self.poll_started(step, task),
            Event::Task(TaskEvent::PollEnd { task, .. }) => self.poll_ended(step, task),
            Event::Callback(CallbackEvent::Start { .. }) => {
                self.callback = Some((step.at(), step.position()));
            }
            Event::Callback(CallbackEvent::End { .. }) => self.callback_ended(step),
            Event::Timer(TimerEvent::Fired { timer }) => {
                self.due.fired(step.before, timer);
            }
            Event::Task(TaskEvent::Wake {
                task,
                by: WokenBy::Timer(timer),
                ..
            }) => {
                self.due.woken(task, timer);
            }
            Event::Gap { events } => self.gap(events),
            Event::Task(
                TaskEvent::Spawn { .. }
                | TaskEvent::Wake { .. }
                | TaskEvent::Wait { .. }
                | TaskEvent::Joined { .. }
                | TaskEvent::Failed { .. }
                | TaskEvent::CancelRequested { .. }
                | TaskEvent::CancelDelivered { .. },
            )
            | Event::Callback(CallbackEvent::Scheduled { .. })
            | Event::Timer(TimerEvent::Set { .. } | TimerEvent::Cancelled { .. })
            | Event::Loop(_)
            | Event::Resource(_)
            | Event::Output { .. } => {}
        }
    }

    fn poll_started(&mut self, step: &EventStep<'_>, task: TaskId) {
        let places = places(step, task);
        let position = step.position();
        if self.open.len() < MOST_OPEN {
            self.open.push(OpenPoll {
                task,
                position,
                places,
            });
        }
        let due = self.due.take(task);
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        match row.status() {
            Status::Ready => {
                let since = due.map_or(row.since, |due| due.min(row.since));
                let time = WorstTime {
                    span: step.at().since(since),
                    task: Some(task),
                    at: places.at,
                    position,
                };
                self.ready.record(&time);
                keep_worst(&mut self.worst_ready, &time);
                self.tasks.ready(LatencyKey::Task(task), &time);
                self.spawns.ready(places.spawn, &time);
                self.awaits.ready(places.begin, &time);
            }
            Status::Unknown => self.left_out.ready_in_gaps += 1,
            Status::Absent
            | Status::Running
            | Status::Timer
            | Status::Pending
            | Status::Done
            | Status::Failed
            | Status::Cancelled => self.left_out.without_wake += 1,
        }
    }

    fn poll_ended(&mut self, step: &EventStep<'_>, task: TaskId) {
        let open = self.open.iter().rposition(|open| open.task == task);
        let open = open.map(|at| self.open.swap_remove(at));
        let row = step.before.tasks.get(task);
        let running = row.filter(|row| row.status() == Status::Running);
        let Some((open, row)) = open.zip(running) else {
            self.left_out.polls_in_gaps += 1;
            return;
        };
        let time = WorstTime {
            span: step.at().since(row.since),
            task: Some(task),
            at: open.places.at,
            position: open.position,
        };
        self.polls.record(&time);
        keep_worst(&mut self.worst_polls, &time);
        self.tasks.poll(LatencyKey::Task(task), &time);
        self.spawns.poll(open.places.spawn, &time);
        self.awaits.poll(open.places.begin, &time);
    }

    fn callback_ended(&mut self, step: &EventStep<'_>) {
        if let Some((start, position)) = self.callback.take() {
            self.callbacks.record(&WorstTime {
                span: step.at().since(start),
                task: None,
                at: LocationId::UNKNOWN,
                position,
            });
        }
    }

    /// Events are missing: a poll that is open has its end in the gap, or behind it, and may not be
    /// the one that ends next.
    fn gap(&mut self, events: u64) {
        self.left_out.gaps += 1;
        self.left_out.missing_events = self.left_out.missing_events.saturating_add(events);
        self.open.clear();
        self.due.clear();
        self.callback = None;
    }

    /// What was found up to a state.
    pub(super) fn report(&self, state: &State) -> LatencyReport {
        let groups = |groups: &GroupTable| {
            let (groups, others) = groups.report();
            LatencyGroups { groups, others }
        };
        LatencyReport {
            ready: self.ready.stats(),
            polls: self.polls.stats(),
            callbacks: self.callbacks.stats(),
            histograms: [self.ready.histogram.clone(), self.polls.histogram.clone()],
            by_task: groups(&self.tasks),
            by_spawn: groups(&self.spawns),
            by_await: groups(&self.awaits),
            worst_ready: self.worst_ready.clone(),
            worst_polls: self.worst_polls.clone(),
            unended: self.unended(state),
            left_out: self.left_out,
        }
    }

    fn unended(&self, state: &State) -> Option<WorstTime> {
        let Running::Task(task) = state.running else {
            return None;
        };
        let row = state.tasks.get(task)?;
        let open = self.open.iter().rfind(|open| open.task == task)?;
        Some(WorstTime {
            span: state.now().since(row.since),
            task: Some(task),
            at: open.places.at,
            position: open.position,
        })
    }
}

/// The places of a poll that begins.
fn places(step: &EventStep<'_>, task: TaskId) -> PollPlaces {
    let info = step.tables().task(task);
    let spawn = info.map_or(LocationId::UNKNOWN, |info| info.at);
    let is_main = task == TaskId(0);
    let row = step.before.tasks.get(task);
    let before = row.filter(|row| row.polls() > 0 || row.is_partly_lost());
    PollPlaces {
        spawn: if is_main {
            LatencyKey::Main
        } else {
            LatencyKey::Spawn(spawn)
        },
        begin: match before {
            Some(row) => LatencyKey::Await(row.wait_at),
            None if is_main => LatencyKey::MainFirstPoll,
            None => LatencyKey::FirstPoll(spawn),
        },
        at: before.map_or(spawn, |row| row.wait_at),
    }
}

/// Enters a time into a list of the longest ones. Of two that are equally long, the first comes first.
fn keep_worst(list: &mut Vec<WorstTime>, time: &WorstTime) {
    let is_full = list.len() >= WORST;
    if time.span == Span::ZERO || (is_full && list[WORST - 1].span >= time.span) {
        return;
    }
    list.truncate(WORST - 1);
    let at = list.partition_point(|known| known.span >= time.span);
    list.insert(at, *time);
}
