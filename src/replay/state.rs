//! The loop at a position.

use std::collections::VecDeque;

use crate::trace::{
    Advance, CallbackEvent, CallbackId, Cursor, Definition, Event, LocationId, LoopEvent, Moment,
    Outcome, PollOutcome, Position, ResourceEvent, ResourceId, ResourceOp, TaskEvent, TaskId,
    TextId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
};

use super::{
    Tasks,
    resource::ResourceState,
    slots::{clear, put},
    task::TaskState,
    timer::TimerState,
};

/// Everything that is known of the loop at a position: a fold of the events before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// How many events have been applied.
    pub position: Position,
    /// Where the next event stands in the bytes, what time it is, how many polls and ticks there were.
    pub cursor: Cursor,
    /// Which part of its tick the loop is in.
    pub phase: TickPhase,
    /// How many entries of the ready queue have still to run in this tick.
    pub left_in_tick: u32,
    /// Who has the one slot.
    pub running: Running,
    /// All tasks spawned so far.
    pub tasks: Tasks,
    /// How many tasks have ended.
    pub ended: u32,
    /// The timer queue, by slot.
    pub timers: Vec<Option<TimerState>>,
    /// The resources, by slot.
    pub resources: Vec<Option<ResourceState>>,
    /// The callbacks in the ready queue, in their order.
    pub callbacks: VecDeque<WaitingCallback>,
    /// How many lines of output there were.
    pub outputs: u32,
    /// How many events the recorder left out.
    pub missing: u32,
    /// How the run ended, if it has.
    pub outcome: Option<Outcome>,
}

/// The parts of a tick, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TickPhase {
    /// Between two ticks.
    #[default]
    Between,
    /// I/O and foreign wakes are taken in; the loop may wait.
    Wait,
    /// The loop waits.
    Parked,
    /// Due timers fire.
    Timers,
    /// What is in the ready queue runs.
    Run,
}

/// Who has the one slot in which code runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Running {
    /// Nobody.
    #[default]
    Nothing,
    /// A task, since then.
    Task(TaskId),
    /// A callback, with its name.
    Callback(CallbackId, TextId),
}

/// A callback in the ready queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingCallback {
    /// Its number.
    pub callback: CallbackId,
    /// What it is called.
    pub name: TextId,
    /// The event that scheduled it is the one before this position.
    pub scheduled: Position,
}

impl State {
    /// The loop before its first event.
    pub fn new() -> State {
        State::default()
    }

    /// Loop time.
    pub fn now(&self) -> Moment {
        self.cursor.now
    }

    /// The tick that runs, or ran last; 0 before the first.
    pub fn tick(&self) -> u32 {
        self.cursor.ticks
    }

    /// Decodes and applies the next event.
    #[inline]
    pub fn step(&mut self, bytes: &[u8]) -> Option<Event> {
        loop {
            if let Some(event) = self.cursor.next_frequent(bytes) {
                self.apply(&event);
                return Some(event);
            }
            // Looked at where it lies: a copy of what was just written waits for all of it.
            let rare = self.cursor.next_rare(bytes);
            if let Some(event) = &rare {
                self.apply(event);
                return rare;
            }
            let definition = self.cursor.next_definition(bytes)?;
            self.apply_definition(&definition);
        }
    }

    /// Takes in what is no event: only what stands behind a gap says anything of the loop.
    pub(super) fn apply_definition(&mut self, definition: &Definition<'_>) {
        match *definition {
            Definition::Tasks { count, .. } => {
                for _ in 0..count {
                    self.tasks.push_unknown(self.cursor.now, self.position);
                }
            }
            Definition::Resume(WokenBy::Task(task)) => self.running = Running::Task(task),
            Definition::Text(_)
            | Definition::Location(..)
            | Definition::Name(..)
            | Definition::Wakes(_)
            | Definition::Resume(_) => {}
        }
    }

    /// Applies an event: the one place that says what an event means. [`State::cursor`] must already stand behind it.
    #[expect(
        clippy::inline_always,
        reason = "so that an event that was just decoded is applied out of registers"
    )]
    #[inline(always)]
    pub fn apply(&mut self, event: &Event) {
        self.position.0 += 1;
        let now = self.cursor.now;
        match *event {
            Event::Task(TaskEvent::PollStart { task }) => {
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.start(now);
                }
                self.running = Running::Task(task);
                self.left_in_tick = self.left_in_tick.saturating_sub(1);
            }
            Event::Task(TaskEvent::Wake {
                task,
                by,
                effect: WakeEffect::Enqueued,
            }) => {
                let position = self.position;
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.enqueue(now, position, by);
                }
            }
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => {
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.end(now, outcome);
                }
                // In a recording from elsewhere polls may overlap.
                if self.running == Running::Task(task) {
                    self.running = Running::Nothing;
                }
                if outcome != PollOutcome::Pending {
                    self.tasks.ended(task);
                    self.ended += 1;
                }
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => self.apply_rare(event),
        }
    }

    /// What happens to the loop and to tasks, but for the three kinds that most of a trace consists of.
    fn apply_rare(&mut self, event: &Event) {
        match *event {
            Event::Loop(LoopEvent::TickStart) => self.phase = TickPhase::Wait,
            Event::Loop(LoopEvent::Park { .. }) => self.phase = TickPhase::Parked,
            Event::Loop(LoopEvent::Advance { why, .. }) => {
                if !matches!(why, Advance::Worked | Advance::Passed) {
                    self.phase = TickPhase::Wait;
                }
            }
            Event::Loop(LoopEvent::TimerPhase { .. }) => self.phase = TickPhase::Timers,
            Event::Loop(LoopEvent::RunPhase { ready }) => {
                self.phase = TickPhase::Run;
                self.left_in_tick = ready;
            }
            Event::Loop(LoopEvent::TickEnd) => self.phase = TickPhase::Between,
            Event::Task(TaskEvent::Spawn { parent, .. }) => {
                let by = parent.map_or(WokenBy::Loop, WokenBy::Task);
                self.tasks.push(self.cursor.now, self.position, by);
            }
            Event::Task(TaskEvent::Wait { task, on, at, also }) => {
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.set_wait(on, at, also);
                }
            }
            Event::Task(TaskEvent::CancelRequested { task, .. }) => {
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.cancel_asked = true;
                }
            }
            Event::Output { .. } => self.outputs += 1,
            Event::Loop(LoopEvent::End { outcome }) => {
                self.outcome = Some(outcome);
                self.phase = TickPhase::Between;
            }
            Event::Gap { events } => self.mark_unknown(events),
            Event::Task(_) | Event::Timer(_) | Event::Resource(_) | Event::Callback(_) => {
                self.apply_resource_event(event);
            }
        }
    }

    /// What happens to timers, resources and callbacks.
    fn apply_resource_event(&mut self, event: &Event) {
        match *event {
            Event::Timer(TimerEvent::Set {
                timer,
                task,
                deadline,
            }) => self.set_timer(timer, task, deadline),
            Event::Timer(TimerEvent::Fired { timer } | TimerEvent::Cancelled { timer }) => {
                clear(&mut self.timers, timer.index());
            }
            Event::Resource(ResourceEvent::Created {
                resource,
                kind,
                name,
                at,
                limit,
            }) => {
                let new = ResourceState::new(kind, name, at, limit);
                put(&mut self.resources, resource.index(), new);
            }
            Event::Resource(ResourceEvent::Op {
                resource,
                op,
                value,
            }) => self.apply_resource_op(resource, op, value),
            Event::Resource(ResourceEvent::Dropped { resource }) => {
                clear(&mut self.resources, resource.index());
            }
            Event::Callback(CallbackEvent::Scheduled { callback, name }) => {
                let scheduled = self.position;
                self.callbacks.push_back(WaitingCallback {
                    callback,
                    name,
                    scheduled,
                });
            }
            Event::Callback(CallbackEvent::Start { callback }) => self.start_callback(callback),
            Event::Callback(CallbackEvent::End { .. }) => self.running = Running::Nothing,
            Event::Loop(_) | Event::Task(_) | Event::Output { .. } | Event::Gap { .. } => {}
        }
    }

    /// Events are missing: what was known is not known any more.
    fn mark_unknown(&mut self, events: u32) {
        self.missing = self.missing.saturating_add(events);
        self.tasks.mark_unknown(self.cursor.now);
        self.phase = TickPhase::Between;
        self.left_in_tick = 0;
        self.running = Running::Nothing;
        self.timers.clear();
        self.resources.clear();
        self.callbacks.clear();
    }

    fn set_timer(&mut self, timer: TimerId, task: TaskId, deadline: Moment) {
        let (set_at, set) = (self.cursor.now, self.position);
        if let Some(row) = self.tasks.unfinished_mut(task) {
            // A task that sleeps again at the same place does not say so again.
            if let Wait::Timer(waited) = &mut row.wait {
                *waited = timer;
            }
        }
        put(
            &mut self.timers,
            timer.index(),
            TimerState {
                deadline,
                task,
                set_at,
                set,
            },
        );
    }

    fn start_callback(&mut self, callback: CallbackId) {
        let waiting = self
            .callbacks
            .iter()
            .position(|waiting| waiting.callback == callback);
        let name = waiting
            .and_then(|at| self.callbacks.remove(at))
            .map(|waiting| waiting.name);
        self.running = Running::Callback(callback, name.unwrap_or_default());
        self.left_in_tick = self.left_in_tick.saturating_sub(1);
    }

    fn apply_resource_op(&mut self, resource: ResourceId, op: ResourceOp, value: u32) {
        let user = match self.running {
            Running::Task(task) => Some(task),
            Running::Nothing | Running::Callback(..) => None,
        };
        let Some(Some(resource)) = self.resources.get_mut(resource.index()) else {
            return;
        };
        resource.apply(op, value, user);
    }

    /// The ready queue, in its order.
    pub fn ready(&self) -> Vec<(TaskId, &TaskState)> {
        let mut ready: Vec<_> = self
            .tasks
            .unfinished()
            .filter(|(_, row)| row.phase.queued())
            .collect();
        ready.sort_by_key(|(_, row)| row.woken);
        ready
    }

    /// A resource, if it is there.
    pub fn resource(&self, resource: ResourceId) -> Option<&ResourceState> {
        self.resources.get(resource.index())?.as_ref()
    }

    /// How many bytes a copy takes, about.
    pub(super) fn weight(&self) -> usize {
        size_of::<State>()
            + self.tasks.weight()
            + self.timers.len() * size_of::<Option<TimerState>>()
            + self.resources.len() * size_of::<Option<ResourceState>>()
            + self.callbacks.len() * size_of::<WaitingCallback>()
    }
}

impl TaskState {
    fn set_wait(&mut self, on: Wait, at: LocationId, also: bool) {
        self.also = if also { self.also.saturating_add(1) } else { 0 };
        self.wait = on;
        self.wait_at = at;
        self.phase.wait(on);
    }
}
