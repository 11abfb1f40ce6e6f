//! What the events of a run say, read without the library's own state and facts.

use std::collections::{BTreeMap, BTreeSet};

use loopscope::{
    insight::Note,
    replay::{EventStep, Replay},
    trace::{
        Event, LocationId, LoopEvent, Moment, Position, ResourceEvent, ResourceId, ResourceKind,
        ResourceOp, Span, TaskEvent, TaskId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
    },
};

use super::{labels, number_after};

/// A task.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) parent: Option<TaskId>,
    /// Since when it is in the ready queue.
    pub(super) ready_since: Option<Moment>,
    pub(super) woken_at: Position,
    pub(super) ended: bool,
    pub(super) cancelled: bool,
    pub(super) polls: u32,
    /// The last declared wait.
    pub(super) wait: Wait,
    /// How many waits the current poll has declared in addition.
    pub(super) also: u32,
    /// All waits of the last poll that suspended.
    pub(super) suspended_on: Vec<Wait>,
    /// The waits that the current poll has declared.
    declared: Vec<(Wait, bool)>,
    /// How often it was woken only by itself since another one woke it.
    pub(super) own_wakes: u32,
    /// The tick in which a note has announced its next poll, and whether a later one is as good.
    announced: Option<(u32, bool)>,
    /// How many of its timers have fired.
    pub(super) slept: Vec<Span>,
}

/// A timer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timer {
    pub(super) task: TaskId,
    pub(super) deadline: Moment,
    pub(super) set: Position,
    length: Span,
}

/// A resource.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub(super) kind: ResourceKind,
    pub(super) at: LocationId,
    pub(super) limit: u32,
    pub(super) polled: bool,
    members: BTreeSet<TaskId>,
}

/// A poll that took time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poll {
    pub(super) task: TaskId,
    pub(super) from: Moment,
    pub(super) to: Moment,
}

/// What is known before an event.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// How many tasks the whole run has.
    pub(super) all_tasks: usize,
    pub(super) running: Option<TaskId>,
    /// Whether the current tick has taken its list.
    pub(super) in_run_phase: bool,
    pub(super) poll_began: Moment,
    pub(super) poll_start: Position,
    pub(super) now: Moment,
    pub(super) tick: u32,
    pub(super) tasks: Vec<Row>,
    pub(super) timers: BTreeMap<TimerId, Timer>,
    pub(super) things: BTreeMap<ResourceId, Thing>,
    pub(super) long_polls: Vec<Poll>,
    pub(super) holders: Vec<(ResourceId, TaskId)>,
}

impl Ledger {
    pub(super) fn new(replay: &Replay) -> Ledger {
        Ledger {
            all_tasks: replay.tables().tasks().len(),
            ..Ledger::default()
        }
    }

    pub(super) fn row(&self, task: TaskId) -> &Row {
        &self.tasks[task.index()]
    }

    pub(super) fn unfinished(&self) -> impl Iterator<Item = (TaskId, &Row)> {
        let rows = (0..).map(TaskId).zip(&self.tasks);
        rows.filter(|(_, row)| !row.ended)
    }

    /// How many tasks the group has, and how many of them have ended.
    pub(super) fn progress(&self, group: ResourceId) -> (u64, u64) {
        let members = self.things.get(&group).map(|group| &group.members);
        let Some(members) = members else {
            return (0, 0);
        };
        let ended = members.iter().filter(|task| self.row(**task).ended).count();
        (members.len() as u64, ended as u64)
    }

    /// Whether a task waits for the end of another one.
    pub(super) fn awaits(&self, task: TaskId, other: TaskId) -> bool {
        match self.row(task).wait {
            Wait::Join(joined) => joined == other,
            Wait::All(group) | Wait::Any(group) => self
                .things
                .get(&group)
                .is_some_and(|group| group.members.contains(&other)),
            _ => false,
        }
    }

    /// "All of", "the first of" and the numbers in them.
    pub(super) fn counts_are_true(&self, step: &EventStep<'_>, what: &str) {
        match step.event {
            Event::Task(TaskEvent::Wake { task, .. }) => self.wake_counts(task, what),
            Event::Task(TaskEvent::Wait { task, on, also, .. }) => {
                self.wait_counts(task, on, what);
                assert_eq!(what.contains("also waits"), also, "{what}");
            }
            Event::Task(TaskEvent::PollEnd { task, .. }) if what.contains("suspends") => {
                let row = self.row(task);
                self.wait_counts(task, row.wait, what);
                let more = number_after(what, ", or ").unwrap_or(0);
                assert_eq!(more, u64::from(row.also), "{what}");
            }
            _ => {}
        }
    }

    fn wait_counts(&self, _task: TaskId, on: Wait, what: &str) {
        let (all, any) = (what.contains("all of "), what.contains("the first of "));
        let next = what.contains("the next of ");
        match on {
            Wait::All(group) => {
                let (total, ended) = self.progress(group);
                assert!(all && !any && !next, "{what}");
                assert_eq!(number_after(what, "all of "), Some(total), "{what}");
                assert!(what.contains(&format!("{ended} done")), "{what}");
            }
            Wait::Any(group) => {
                let (total, ended) = self.progress(group);
                assert!(
                    !all && (any == (ended == 0)) && (next == (ended > 0)),
                    "{what}"
                );
                let said = number_after(what, "the first of ");
                let said = said.or_else(|| number_after(what, "the next of "));
                assert_eq!(said, Some(total), "{what}");
            }
            _ => assert!(!all && !any && !next, "{what}"),
        }
    }

    fn wake_counts(&self, woken: TaskId, what: &str) {
        let wait = self.row(woken).wait;
        if let Some(total) = number_after(what, "it was the last of ") {
            let Wait::All(group) = wait else {
                panic!("{wait:?}: {what}");
            };
            // The waker ends in this poll.
            assert_eq!(self.progress(group), (total, total - 1), "{what}");
        }
        if let Some(total) = number_after(what, "it is the first of ") {
            let Wait::Any(group) = wait else {
                panic!("{wait:?}: {what}");
            };
            assert_eq!(self.progress(group), (total, 0), "{what}");
        }
        if let Some(number) = number_after(what, "it is the ") {
            let Wait::Any(group) = wait else {
                panic!("{wait:?}: {what}");
            };
            let (total, ended) = self.progress(group);
            assert_eq!(number, ended + 1, "{what}");
            assert!(what.contains(&format!(" of {total} that")), "{what}");
        }
        if let Some(left) = number_after(what, "does not wait for the other ") {
            let Wait::All(group) = wait else {
                panic!("{wait:?}: {what}");
            };
            let (total, ended) = self.progress(group);
            assert_eq!(left, total - ended - 1, "{what}");
        }
        if what.contains("does not wait for the other one") {
            let Wait::All(group) = wait else {
                panic!("{wait:?}: {what}");
            };
            let (total, ended) = self.progress(group);
            assert_eq!(total - ended, 2, "{what}");
        }
    }

    /// Keeps what a note says about the next poll of a task.
    pub(super) fn expect_what_is_announced(&mut self, step: &EventStep<'_>, note: Option<&Note>) {
        let Event::Task(
            TaskEvent::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            }
            | TaskEvent::Spawn { task, .. },
        ) = step.event
        else {
            return;
        };
        let Some(text) = note.map(|note| note.text.as_str()) else {
            return;
        };
        let tick = number_after(text, "it runs in tick ")
            .map(|tick| (tick, false))
            .or_else(|| number_after(text, "poll 1 is in tick ").map(|tick| (tick, true)));
        let Some((tick, or_later)) = tick else {
            return;
        };
        let said = labels(text).first().map(|(task, _)| *task);
        assert_eq!(said, Some(task), "{text}");
        let announced = Some((u32::try_from(tick).unwrap(), or_later));
        match self.tasks.get_mut(task.index()) {
            Some(row) => row.announced = announced,
            None => self.tasks.push(Row {
                announced,
                ..Row::default()
            }),
        }
    }

    pub(super) fn apply(&mut self, step: &EventStep<'_>) {
        let (position, at) = (step.position(), step.at());
        match step.event {
            Event::Task(event) => self.apply_task(event, position, at),
            Event::Timer(TimerEvent::Set {
                timer,
                task,
                deadline,
            }) => {
                let task = task.expect("in a scenario, each timer is set by a task");
                let set = Timer {
                    task,
                    deadline,
                    set: position,
                    length: deadline.since(at),
                };
                self.timers.insert(timer, set);
                let row = &mut self.tasks[task.index()];
                if let Wait::Timer(waited) = &mut row.wait {
                    *waited = timer;
                }
            }
            Event::Timer(TimerEvent::Fired { timer }) => {
                if let Some(timer) = self.timers.remove(&timer) {
                    self.tasks[timer.task.index()].slept.push(timer.length);
                }
            }
            Event::Timer(TimerEvent::Cancelled { timer }) => drop(self.timers.remove(&timer)),
            Event::Resource(event) => self.apply_resource(event),
            Event::Loop(LoopEvent::TickStart) => self.tick += 1,
            Event::Loop(LoopEvent::RunPhase { .. }) => self.in_run_phase = true,
            Event::Loop(LoopEvent::TickEnd) => self.in_run_phase = false,
            Event::Loop(LoopEvent::Advance { .. }) => self.note_poll(at),
            _ => {}
        }
        self.now = at;
    }

    /// Notes that the running task has held the loop until now.
    fn note_poll(&mut self, to: Moment) {
        let from = self.poll_began;
        if let (Some(task), true) = (self.running, to > from) {
            self.long_polls.push(Poll { task, from, to });
        }
    }

    fn apply_task(&mut self, event: TaskEvent, position: Position, at: Moment) {
        match event {
            TaskEvent::Spawn { task, parent, .. } => {
                if self.tasks.len() <= task.index() {
                    self.tasks.push(Row::default());
                }
                let row = &mut self.tasks[task.index()];
                (row.parent, row.ready_since, row.woken_at) = (parent, Some(at), position);
            }
            TaskEvent::Wake { task, by, effect } => {
                let running = self.running == Some(task);
                let row = &mut self.tasks[task.index()];
                if effect == WakeEffect::Enqueued {
                    row.woken_at = position;
                    row.ready_since = (!running).then_some(at);
                    let own = by == WokenBy::Task(task);
                    row.own_wakes = if own { row.own_wakes + 1 } else { 0 };
                }
            }
            TaskEvent::PollStart { task } => {
                (self.running, self.poll_began, self.poll_start) = (Some(task), at, position);
                let tick = self.tick;
                let row = &mut self.tasks[task.index()];
                row.polls += 1;
                (row.also, row.ready_since) = (0, None);
                row.declared.clear();
                if let Some((announced, or_later)) = row.announced.take() {
                    let kept = announced == tick || (or_later && tick > announced) || row.cancelled;
                    assert!(kept, "{task} is polled in tick {tick}, not {announced}");
                }
            }
            TaskEvent::Wait { task, on, also, .. } => {
                let row = &mut self.tasks[task.index()];
                row.also = if also { row.also + 1 } else { 0 };
                row.declared.push((on, also));
                row.wait = on;
            }
            TaskEvent::PollEnd { task, outcome, .. } => {
                self.note_poll(at);
                self.running = None;
                let row = &mut self.tasks[task.index()];
                row.ended = outcome != loopscope::trace::PollOutcome::Pending;
                if row.woken_at > self.poll_start && !row.ended {
                    row.ready_since = Some(at);
                }
                // A wait that is the same as the last one is not declared again.
                if row.declared.first().is_some_and(|(_, also)| !also) {
                    row.suspended_on.clear();
                }
                row.suspended_on
                    .extend(row.declared.iter().map(|(on, _)| *on));
            }
            TaskEvent::CancelRequested { task, .. } => self.tasks[task.index()].cancelled = true,
            _ => {}
        }
    }

    fn apply_resource(&mut self, event: ResourceEvent) {
        match event {
            ResourceEvent::Created {
                resource,
                kind,
                at,
                limit,
                ..
            } => {
                let thing = Thing {
                    kind,
                    at,
                    limit,
                    polled: false,
                    members: BTreeSet::new(),
                };
                self.things.insert(resource, thing);
            }
            ResourceEvent::Member { resource, task } => {
                if let Some(group) = self.things.get_mut(&resource) {
                    group.members.insert(task);
                }
            }
            ResourceEvent::Op { resource, op, .. } => self.apply_op(resource, op),
            ResourceEvent::Dropped { resource } => {
                self.things.remove(&resource);
                self.holders.retain(|(held, _)| *held != resource);
            }
            _ => {}
        }
    }

    fn apply_op(&mut self, resource: ResourceId, op: ResourceOp) {
        let Some(thing) = self.things.get_mut(&resource) else {
            return;
        };
        thing.polled |= op == ResourceOp::Begun;
        match (op, self.running) {
            (ResourceOp::Acquired, Some(task)) => self.holders.push((resource, task)),
            (ResourceOp::Released, Some(task)) => {
                let found = self
                    .holders
                    .iter()
                    .position(|held| *held == (resource, task));
                if let Some(at) = found {
                    self.holders.remove(at);
                }
            }
            _ => {}
        }
    }
}
