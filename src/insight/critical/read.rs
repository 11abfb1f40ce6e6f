//! Makes the graph of a run's polls out of its events.

use std::collections::HashMap;

use crate::replay::{EventStep, Running, State, Status, TaskState, TickPhase};
use crate::trace::{
    CallbackEvent, CallbackId, Event, LocationId, Moment, PollOutcome, Position, ResourceEvent,
    ResourceKind, TaskEvent, TaskId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
};

use super::super::{id_map::IdMap, path::waits_outside};
use super::graph::{NONE, PollCause, PollGraph, PollNode, TimerSpan};
use super::tokens::Tokens;

/// The most rows that a table grows by at once: numbers count up, so more is a damaged trace.
const GROWTH: usize = 1 << 20;

/// Reads the events of a run in their order.
#[derive(Debug, Default)]
pub(super) struct GraphReader {
    pub(super) graph: PollGraph,
    tasks: Vec<TaskTrack>,
    /// The node in which the timer of each slot was set. A slot has any number, so a list would take as
    /// much memory as the highest number says.
    timers: IdMap<TimerId, u32>,
    callbacks: HashMap<CallbackId, WaitingRun>,
    /// The node of the callback that runs, and whether its cause is outside the program.
    callback: (u32, bool),
    /// The node that ended last.
    last: u32,
    /// The node of the last gap. A row that was written before it is read as [`TaskTrack::behind`]
    /// that gap: there may be as many gaps as tasks.
    gap: u32,
    tokens: Tokens,
}

/// What is known of a task between two polls.
#[derive(Clone, Copy, Debug)]
struct TaskTrack {
    /// Its last poll, or the gap before it.
    last: u32,
    /// The last gap when this was written. A later gap makes all of it unknown.
    gap: u32,
    /// Whether that poll has not ended.
    open: bool,
    /// What put it into the ready queue.
    trigger: Option<Trigger>,
    /// The timer that has fired for it and has not woken it yet.
    fired: Option<(TimerId, u32, TimerSpan)>,
}

/// What put a task into the ready queue.
#[derive(Clone, Copy, Debug)]
struct Trigger {
    why: PollCause,
    cause: u32,
    timer: Option<TimerSpan>,
    woken: Moment,
    by: Position,
}

/// A callback in the ready queue.
#[derive(Clone, Copy, Debug)]
struct WaitingRun {
    trigger: Trigger,
    /// Whether a timer, I/O or another thread is its cause, directly or through other callbacks.
    outside: bool,
}

impl Default for TaskTrack {
    fn default() -> TaskTrack {
        TaskTrack {
            last: NONE,
            gap: NONE,
            open: false,
            trigger: None,
            fired: None,
        }
    }
}

impl TaskTrack {
    /// A task that was known before a gap.
    fn behind(gap: u32) -> TaskTrack {
        TaskTrack {
            last: gap,
            gap,
            ..TaskTrack::default()
        }
    }
}

impl GraphReader {
    pub(super) fn new() -> GraphReader {
        GraphReader {
            callback: (NONE, false),
            last: NONE,
            gap: NONE,
            ..GraphReader::default()
        }
    }

    /// Reads an event.
    pub(super) fn read(&mut self, step: &EventStep<'_>) {
        match step.event {
            Event::Task(event) => self.task_event(step, event),
            Event::Timer(event) => self.timer_event(step, event),
            Event::Resource(event) => self.resource_event(step, event),
            Event::Callback(event) => self.callback_event(step, event),
            Event::Loop(_) | Event::Output { .. } => {}
            Event::Gap { .. } => self.gap(step),
        }
    }

    /// About how many bytes the graph and its tables take. A task on the path is in a set of tasks, too.
    pub(super) fn memory(&self) -> usize {
        const OF_A_SET: usize = 40;
        let graph = &self.graph;
        graph.nodes.len() * size_of::<PollNode>()
            + graph.timers.len() * size_of::<TimerSpan>()
            + graph.needs.len() * size_of::<(u32, u32)>()
            + self.tasks.len() * (size_of::<TaskTrack>() + OF_A_SET)
            + self.timers.capacity() * size_of::<(TimerId, u32)>()
            + self.callbacks.capacity() * size_of::<(CallbackId, WaitingRun)>()
            + self.tokens.memory()
    }

    /// The graph of what was read.
    pub(super) fn finish(mut self, state: &State) -> PollGraph {
        let end = state.now();
        for row in self
            .tasks
            .iter()
            .filter(|row| row.open && row.gap == self.gap)
        {
            if let Some(node) = self.graph.nodes.get_mut(row.last as usize) {
                node.end = end;
            }
        }
        if !self.graph.main_ended {
            let open = state.running.task().map(|task| self.row(task));
            self.graph.last = open
                .filter(|row| row.open)
                .map_or(self.last, |row| row.last);
        }
        self.graph.end = end;
        self.graph
    }

    fn task_event(&mut self, step: &EventStep<'_>, event: TaskEvent) {
        match event {
            TaskEvent::Spawn {
                task,
                at: _,
                parent,
                ..
            } => self.spawned(step, task, parent),
            TaskEvent::PollStart { task } => self.poll_started(step, task),
            TaskEvent::PollEnd { task, outcome, .. } => self.poll_ended(step, task, outcome),
            TaskEvent::Wake {
                task,
                by,
                effect: WakeEffect::Enqueued,
            } => {
                let trigger = self.trigger(step, task, by);
                self.change(task, |row| row.trigger = trigger);
            }
            TaskEvent::Joined { task, joined, .. } => {
                let ended = self.row(joined);
                self.need(self.row(task).last, ended.last);
            }
            TaskEvent::Wake { .. }
            | TaskEvent::Wait { .. }
            | TaskEvent::Failed { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. } => {}
        }
    }

    fn spawned(&mut self, step: &EventStep<'_>, task: TaskId, parent: Option<TaskId>) {
        let (cause, why) = match (parent, self.running(step.before)) {
            (Some(parent), _) => (self.row(parent).last, PollCause::Poll),
            (None, NONE) if self.last == NONE => (NONE, PollCause::Start),
            (None, NONE) => (self.last, PollCause::Unrecorded),
            (None, running) => (running, PollCause::Poll),
        };
        let trigger = Trigger {
            why,
            cause,
            timer: None,
            woken: step.at(),
            by: step.position(),
        };
        self.change(task, |row| row.trigger = Some(trigger));
    }

    fn poll_started(&mut self, step: &EventStep<'_>, task: TaskId) {
        let row = self.row(task);
        let trigger = row.trigger.unwrap_or_else(|| self.without_wake(step, row));
        let before = step.before.tasks.get(task);
        let at = match before {
            Some(state) if state.polls() > 0 => state.wait_at,
            // The program does not spawn its main task.
            _ if task == TaskId(0) => LocationId::UNKNOWN,
            _ => step
                .tables()
                .task(task)
                .map_or(LocationId::UNKNOWN, |info| info.at),
        };
        let node = self.add(step, trigger, Some(task), at, row.last);
        self.change(task, |row| {
            *row = TaskTrack {
                last: node,
                open: true,
                ..TaskTrack::default()
            };
        });
    }

    /// The trigger of a poll without a recorded wake. A poll that begins where the last one ended
    /// continues it: a task that drives other tasks is polled again after each of them.
    fn without_wake(&self, step: &EventStep<'_>, row: TaskTrack) -> Trigger {
        let own = self.graph.node(row.last);
        let continues = own.is_some_and(|own| own.end == step.at()) && self.last != NONE;
        let (why, cause) = if continues {
            (PollCause::Poll, self.last)
        } else {
            (PollCause::Unrecorded, row.last)
        };
        Trigger {
            why,
            cause,
            timer: None,
            woken: step.at(),
            by: step.position(),
        }
    }

    fn poll_ended(&mut self, step: &EventStep<'_>, task: TaskId, outcome: PollOutcome) {
        let now = step.at();
        if !self.row(task).open {
            // The poll began inside a gap.
            self.poll_started(step, task);
        }
        let index = self.row(task).last;
        if let Some(node) = self.graph.nodes.get_mut(index as usize) {
            node.end = now.max(node.start);
            self.last = index;
        }
        self.change(task, |row| row.open = false);
        if task == TaskId(0) && outcome != PollOutcome::Pending && !self.graph.main_ended {
            self.graph.main_ended = true;
            self.graph.last = index;
        }
    }

    /// What a wake tells of the next poll of a task.
    fn trigger(&self, step: &EventStep<'_>, task: TaskId, by: WokenBy) -> Option<Trigger> {
        let state = step.before;
        let (own, row) = (self.row(task), state.tasks.get(task)?);
        let by_poll = match by {
            _ if row.status() == Status::Running => Some(own.last),
            WokenBy::Callback(_) if self.callback.1 && waits_outside(row) => None,
            WokenBy::Task(by) => Some(self.row(by).last),
            WokenBy::Callback(_) => Some(self.running(state)),
            WokenBy::Loop if state.phase == TickPhase::Run => Some(self.last),
            WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Thread(_)
            | WokenBy::Loop
            | WokenBy::Unknown => None,
        };
        let (woken, position) = (step.at(), step.position());
        let trigger = |why, cause, timer| Trigger {
            why,
            cause,
            timer,
            woken,
            by: position,
        };
        if let Some(cause) = by_poll.filter(|cause| *cause != NONE) {
            return Some(trigger(PollCause::Poll, cause, None));
        }
        let why = outside_cause(state, row, by);
        let wanted = match (by, row.wait) {
            (WokenBy::Timer(timer), _) | (_, Wait::Timer(timer)) => Some(timer),
            _ => None,
        };
        if let Some((timer, set_in, span)) = own.fired
            && why == PollCause::Timer
            && wanted == Some(timer)
        {
            let cause = if set_in == NONE { own.last } else { set_in };
            return Some(trigger(why, cause, Some(span)));
        }
        Some(trigger(why, own.last, None))
    }

    fn timer_event(&mut self, step: &EventStep<'_>, event: TimerEvent) {
        let state = step.before;
        match event {
            TimerEvent::Set { timer, task, .. } => {
                let set_in = self.running(state);
                self.timers.insert(timer, set_in);
                if let Some(task) = task {
                    self.change(task, |row| row.fired = None);
                }
            }
            TimerEvent::Fired { timer } => {
                let Some(fired) = state.timer(timer) else {
                    return;
                };
                let set_in = self.timers.remove(&timer).unwrap_or(NONE);
                let span = TimerSpan {
                    set_at: fired.set_at,
                    due: fired.deadline,
                };
                if let Some(task) = fired.task {
                    self.change(task, |row| row.fired = Some((timer, set_in, span)));
                }
            }
            TimerEvent::Cancelled { timer } => {
                self.timers.remove(&timer);
            }
        }
    }

    fn callback_event(&mut self, step: &EventStep<'_>, event: CallbackEvent) {
        match event {
            CallbackEvent::Scheduled { callback, .. } => {
                let running = self.running(step.before);
                let outside = match step.before.running {
                    Running::Task(_) => false,
                    Running::Callback(..) => self.callback.1,
                    Running::Nothing => true,
                };
                let (why, cause) = match running {
                    NONE if self.last == NONE => (PollCause::Start, NONE),
                    NONE => (PollCause::Unrecorded, self.last),
                    running => (PollCause::Poll, running),
                };
                let trigger = Trigger {
                    why,
                    cause,
                    timer: None,
                    woken: step.at(),
                    by: step.position(),
                };
                self.callbacks
                    .insert(callback, WaitingRun { trigger, outside });
            }
            CallbackEvent::Start { callback } => {
                let waiting = self.callbacks.remove(&callback).unwrap_or(WaitingRun {
                    trigger: self.without_wake(step, TaskTrack::default()),
                    outside: true,
                });
                let node = self.add(step, waiting.trigger, None, LocationId::UNKNOWN, NONE);
                self.callback = (node, waiting.outside);
            }
            CallbackEvent::End { .. } => {
                if let Some(node) = self.graph.nodes.get_mut(self.callback.0 as usize) {
                    node.end = step.at().max(node.start);
                    self.last = self.callback.0;
                }
            }
        }
    }

    fn resource_event(&mut self, step: &EventStep<'_>, event: ResourceEvent) {
        match event {
            ResourceEvent::Op { resource, op, .. } => {
                let node = self.running(step.before);
                if node != NONE
                    && let Some(other) = self.tokens.operation(step.before, resource, op, node)
                {
                    self.need(node, other);
                }
            }
            ResourceEvent::Created { resource, .. } | ResourceEvent::Dropped { resource } => {
                self.tokens.forget(resource);
            }
            ResourceEvent::Member { .. } | ResourceEvent::Bytes { .. } => {}
        }
    }

    /// Events are missing: nothing behind the gap can be traced to anything before it.
    fn gap(&mut self, step: &EventStep<'_>) {
        let trigger = Trigger {
            why: PollCause::Gap,
            cause: NONE,
            timer: None,
            woken: step.at(),
            by: step.position(),
        };
        let gap = self.add(step, trigger, None, LocationId::UNKNOWN, NONE);
        self.gap = gap;
        self.timers.clear();
        self.callbacks.clear();
        self.callback = (NONE, true);
        self.tokens = Tokens::default();
        self.last = gap;
    }

    fn add(
        &mut self,
        step: &EventStep<'_>,
        trigger: Trigger,
        task: Option<TaskId>,
        at: LocationId,
        before: u32,
    ) -> u32 {
        let start = step.at();
        let last = self.graph.node(self.last);
        self.graph.overlaps |= last.is_some_and(|last| last.end > start);
        let timer = trigger.timer.map_or(NONE, |span| {
            self.graph.timers.push(span);
            index(self.graph.timers.len() - 1)
        });
        self.graph.nodes.push(PollNode {
            start,
            end: start,
            woken: trigger.woken.min(start),
            position: step.position(),
            woken_by: trigger.by,
            task,
            at,
            cause: trigger.cause,
            before,
            timer,
            why: trigger.why,
        });
        index(self.graph.nodes.len() - 1)
    }

    fn need(&mut self, node: u32, other: u32) {
        if node != NONE && other != NONE && other < node {
            self.graph.needs.push((node, other));
        }
    }

    /// The node of what runs now; [`NONE`] if nothing does.
    fn running(&self, state: &State) -> u32 {
        match state.running {
            Running::Task(task) => self.row(task).last,
            Running::Callback(..) => self.callback.0,
            Running::Nothing => NONE,
        }
    }

    fn row(&self, task: TaskId) -> TaskTrack {
        match self.tasks.get(task.index()) {
            Some(row) if row.gap == self.gap => *row,
            Some(_) => TaskTrack::behind(self.gap),
            None => TaskTrack::default(),
        }
    }

    fn change(&mut self, task: TaskId, change: impl FnOnce(&mut TaskTrack)) {
        if task.index() >= self.tasks.len() && task.index() < self.tasks.len() + GROWTH {
            // Behind a gap, an unknown task cannot be traced further back than to the gap.
            let last = self.gap_before();
            let new = TaskTrack {
                last,
                gap: self.gap,
                ..TaskTrack::default()
            };
            self.tasks.resize(task.index() + 1, new);
        }
        if let Some(row) = self.tasks.get_mut(task.index()) {
            if row.gap != self.gap {
                *row = TaskTrack::behind(self.gap);
            }
            change(row);
        }
    }

    fn gap_before(&self) -> u32 {
        let last = self.graph.node(self.last);
        if last.is_some_and(|last| last.why == PollCause::Gap) {
            self.last
        } else {
            NONE
        }
    }
}

fn index(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(NONE)
}

/// What outside the tasks has ended a wait.
fn outside_cause(state: &State, row: &TaskState, by: WokenBy) -> PollCause {
    let of_wait = match row.wait {
        Wait::Timer(_) => PollCause::Timer,
        Wait::Operation(resource) => match state.resource(resource).map(|found| found.kind) {
            Some(ResourceKind::Pool) => PollCause::Pool,
            Some(ResourceKind::Foreign) | None => PollCause::Unrecorded,
            Some(_) => PollCause::Io,
        },
        Wait::Unknown
        | Wait::Yield
        | Wait::Join(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Acquire(_)
        | Wait::All(_)
        | Wait::Any(_) => PollCause::Unrecorded,
    };
    match by {
        WokenBy::Timer(_) => PollCause::Timer,
        WokenBy::Io | WokenBy::Thread(_) if of_wait == PollCause::Pool => PollCause::Pool,
        WokenBy::Io => PollCause::Io,
        WokenBy::Thread(_) => PollCause::Thread,
        WokenBy::Task(_) | WokenBy::Callback(_) | WokenBy::Loop | WokenBy::Unknown => of_wait,
    }
}
