//! The loop at a position: what [`State`] holds, and what each event does to it.

use std::collections::BTreeMap;

use crate::trace::{
    Advance, CallbackEvent, CallbackId, Cursor, Definition, Event, LoopEvent, Moment, Outcome,
    PollOutcome, Position, ResourceEvent, ResourceId, ResourceKind, ResourceOp, TaskEvent, TaskId,
    TextId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
};

use super::{
    Status, Tasks,
    groups::{GroupId, GroupProgress, Groups},
    holdings::{Holding, Holdings, LastOp},
    slot_table::SlotTable,
    slots::{ResourceState, TimerState, WaitingCallback},
    task::TaskState,
};

/// Everything that is known of the loop at a position: the fold of all events before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// How many events have been applied.
    pub position: Position,
    /// Where the next record begins, with loop time and the numbers of polls and ticks so far.
    pub cursor: Cursor,
    /// The phase of the current tick.
    pub phase: TickPhase,
    /// How many entries of the ready queue the current tick still has to run.
    pub(crate) left_in_tick: u32,
    /// Whether a poll has begun that is none of those entries. Such a poll is of a task that another
    /// task polls: one of an `Executor`.
    pub(crate) has_inner_polls: bool,
    /// What is running.
    pub running: Running,
    /// All tasks spawned so far.
    pub tasks: Tasks,
    /// How many tasks have ended.
    pub ended: u32,
    /// The timer queue, by slot.
    pub(crate) timers: SlotTable<TimerState>,
    /// The resources, by slot.
    pub(crate) resources: SlotTable<ResourceState>,
    /// Which tasks hold which locks and permits.
    pub holdings: Holdings,
    /// The last operation on a resource.
    pub last_op: Option<LastOp>,
    /// The groups of tasks.
    pub(super) groups: Groups,
    /// The callbacks in the ready queue. They count up from 0, so their numbers are their order.
    pub(crate) callbacks: BTreeMap<CallbackId, WaitingCallback>,
    /// How many lines were printed.
    pub outputs: u64,
    /// How many events are missing from the recording.
    pub missing: u64,
    /// How the run ended; `None` while it has not.
    pub outcome: Option<Outcome>,
}

/// What a callback in the ready queue takes: its number and its row, in a tree whose leaves are half full
/// where the numbers count up.
const CALLBACK: usize = 3 * (size_of::<CallbackId>() + size_of::<WaitingCallback>());

/// The phases of a tick, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TickPhase {
    /// Between two ticks.
    #[default]
    Between,
    /// The loop takes in wakes from I/O and from other threads.
    Wait,
    /// The loop is parked: it waits for such a wake or for a deadline.
    Parked,
    /// Due timers fire.
    Timers,
    /// The entries of the ready queue run.
    Run,
}

/// What is running: at any time at most one task or callback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Running {
    /// No task and no callback: the loop itself is at work, or parked.
    #[default]
    Nothing,
    /// A task is being polled.
    Task(TaskId),
    /// A callback, with its name.
    Callback(CallbackId, TextId),
}

impl Running {
    /// The task that is being polled, if one is.
    pub fn task(self) -> Option<TaskId> {
        match self {
            Running::Task(task) => Some(task),
            Running::Nothing | Running::Callback(..) => None,
        }
    }
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

    /// The current tick, or the last one between two ticks; 0 before the first.
    pub fn tick(&self) -> u64 {
        self.cursor.ticks
    }

    /// Decodes and applies the next event.
    #[expect(
        clippy::inline_always,
        reason = "a call would return the event in memory, where it was just written"
    )]
    #[inline(always)]
    pub fn step(&mut self, bytes: &[u8]) -> Option<Event> {
        loop {
            if let Some(event) = self.cursor.next_frequent(bytes) {
                self.apply(&event);
                return Some(event);
            }
            // Applied by reference, before it is returned: copying an event that was just written
            // to memory stalls until the write is complete.
            let rare = self.cursor.next_rare(bytes);
            if let Some(event) = &rare {
                self.apply_rare(event);
                return rare;
            }
            let definition = self.cursor.next_definition(bytes)?;
            self.apply_definition(&definition);
        }
    }

    /// Applies a definition. Two kinds say something about the loop, both written behind a gap:
    /// which tasks were spawned inside it, and which task is being polled at its end.
    pub(super) fn apply_definition(&mut self, definition: &Definition<'_>) {
        match *definition {
            Definition::Tasks { count, .. } => {
                self.tasks
                    .push_unknown(count, self.cursor.now, self.position);
            }
            Definition::Resume(WokenBy::Task(task)) => self.running = Running::Task(task),
            Definition::Resume(_)
            | Definition::Text(_)
            | Definition::Location(..)
            | Definition::Frame { .. }
            | Definition::PollSample { .. }
            | Definition::Name(..)
            | Definition::Wakes(_) => {}
        }
    }

    /// Applies an event, which [`State::cursor`] must already have passed.
    ///
    /// This is the only function that says what an event means for the loop. Everything else that
    /// needs to know (narration, summary, search, exports) reads the state before or after it.
    #[expect(
        clippy::inline_always,
        reason = "so that an event that was just decoded is applied out of registers"
    )]
    #[inline(always)]
    pub(crate) fn apply(&mut self, event: &Event) {
        self.position.0 += 1;
        match event {
            Event::Task(event) => self.apply_task_event(event),
            Event::Loop(event) => self.apply_loop_event(event),
            Event::Timer(event) => self.apply_timer_event(event),
            Event::Resource(ResourceEvent::Op {
                resource,
                op,
                value,
            }) => self.apply_resource_op(*resource, *op, *value),
            Event::Resource(event) => self.apply_resource_event(event),
            Event::Callback(event) => self.apply_callback_event(event),
            Event::Output { .. } => self.outputs += 1,
            Event::Gap { events } => self.apply_gap(*events),
        }
    }

    /// Applies an event that [`Cursor::next_rare`] has decoded. A call, so that [`State::step`] stays
    /// small enough to be inlined into the loops over events.
    #[inline(never)]
    pub(super) fn apply_rare(&mut self, event: &Event) {
        self.apply(event);
    }

    /// The first three arms are the events that most of a trace consists of. They are inlined into
    /// the decoder; the others are calls.
    #[expect(clippy::inline_always, reason = "see `State::apply`")]
    #[inline(always)]
    fn apply_task_event(&mut self, event: &TaskEvent) {
        let now = self.cursor.now;
        match *event {
            TaskEvent::PollStart { task } => {
                self.tasks.change(task, now, |row| row.start_poll(now));
                self.running = Running::Task(task);
                self.has_inner_polls |= self.left_in_tick == 0 && self.phase == TickPhase::Run;
                self.left_in_tick = self.left_in_tick.saturating_sub(1);
            }
            TaskEvent::Wake {
                task,
                by,
                effect: WakeEffect::Enqueued,
            } => {
                let position = self.position;
                self.tasks
                    .change(task, now, |row| row.enqueue(now, position, by));
            }
            TaskEvent::PollEnd { task, outcome, .. } => {
                self.tasks
                    .change(task, now, |row| row.end_poll(now, outcome));
                // In an imported recording polls may overlap: another task may be running by now.
                if self.running == Running::Task(task) {
                    self.running = Running::Nothing;
                }
                if outcome != PollOutcome::Pending {
                    if let Some(group) = self.tasks.ended(task) {
                        self.groups.member_ended(group);
                    }
                    self.ended += 1;
                }
            }
            TaskEvent::Spawn { parent, .. } => self.spawn(parent),
            TaskEvent::Wait {
                task,
                on,
                at,
                at_creation,
                also,
            } => {
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.set_wait(on, at, at_creation, also);
                }
            }
            TaskEvent::CancelRequested { task, .. } => {
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.request_cancel();
                }
            }
            TaskEvent::CancelDelivered { task } => {
                if let Some(row) = self.tasks.unfinished_mut(task) {
                    row.deliver_cancel();
                }
            }
            // The `PollEnd` that follows a failure changes the task.
            TaskEvent::Wake {
                effect: WakeEffect::Redundant | WakeEffect::TooLate,
                ..
            }
            | TaskEvent::Joined { .. }
            | TaskEvent::Failed { .. } => {}
        }
    }

    #[inline(never)]
    fn spawn(&mut self, parent: Option<TaskId>) {
        let by = match (parent, self.running) {
            (Some(parent), _) => WokenBy::Task(parent),
            (None, Running::Callback(callback, _)) => WokenBy::Callback(callback),
            (None, Running::Task(_) | Running::Nothing) => WokenBy::Loop,
        };
        self.tasks.push(self.cursor.now, self.position, by);
    }

    #[inline(never)]
    fn apply_loop_event(&mut self, event: &LoopEvent) {
        match *event {
            LoopEvent::TickStart => self.phase = TickPhase::Wait,
            LoopEvent::Park { .. } => self.phase = TickPhase::Parked,
            LoopEvent::Advance { why, .. } => match why {
                // The loop is no longer parked.
                Advance::Waited | Advance::Jumped => self.phase = TickPhase::Wait,
                Advance::Worked | Advance::Passed => {}
            },
            LoopEvent::TimerPhase { .. } => self.phase = TickPhase::Timers,
            LoopEvent::RunPhase { ready } => {
                self.phase = TickPhase::Run;
                self.left_in_tick = ready;
            }
            LoopEvent::TickEnd => self.phase = TickPhase::Between,
            LoopEvent::End { outcome } => {
                self.outcome = Some(outcome);
                self.phase = TickPhase::Between;
            }
        }
    }

    #[inline(never)]
    fn apply_timer_event(&mut self, event: &TimerEvent) {
        match *event {
            TimerEvent::Set {
                timer,
                task,
                deadline,
            } => {
                let (set_at, set) = (self.cursor.now, self.position);
                // A task that sleeps again at the same await declares no new wait. While it is asleep,
                // an imported trace may list another timer as the task's.
                if let Some(task) = task
                    && let Some(row) = self.tasks.unfinished_mut(task)
                    && row.status() != Status::Timer
                    && let Wait::Timer(waited) = &mut row.wait
                {
                    *waited = timer;
                }
                let new = TimerState {
                    deadline,
                    task,
                    set_at,
                    set,
                };
                self.timers.put(timer.index(), new);
            }
            TimerEvent::Fired { timer } | TimerEvent::Cancelled { timer } => {
                self.timers.remove(timer.index());
            }
        }
    }

    #[inline(never)]
    fn apply_resource_event(&mut self, event: &ResourceEvent) {
        match *event {
            ResourceEvent::Created {
                resource,
                kind,
                name,
                at,
                limit,
                ..
            } => {
                self.groups.close(self.group_of(resource));
                let mut new = ResourceState::new(kind, name, at, limit);
                if kind == ResourceKind::Group {
                    new.group = Some(self.groups.open());
                }
                self.resources.put(resource.index(), new);
            }
            ResourceEvent::Member { resource, task } => self.join_group(resource, task),
            // `State::apply` handles operations.
            ResourceEvent::Op { .. } | ResourceEvent::Bytes { .. } => {}
            ResourceEvent::Dropped { resource } => {
                self.groups.close(self.group_of(resource));
                self.resources.remove(resource.index());
                self.holdings.drop_resource(resource);
            }
        }
    }

    /// A task that was a member of another group is no longer one: a task is in one group at a time.
    fn join_group(&mut self, resource: ResourceId, task: TaskId) {
        let Some(group) = self.group_of(resource) else {
            return;
        };
        let ended = self.tasks.get(task).is_none_or(|row| row.phase.ended());
        let before = self.tasks.set_group(task, group);
        if !ended && let Some(before) = before {
            self.groups.leave(before);
        }
        self.groups.join(group, ended);
    }

    fn group_of(&self, resource: ResourceId) -> Option<GroupId> {
        self.resource(resource)?.group
    }

    #[inline(never)]
    fn apply_resource_op(&mut self, resource: ResourceId, op: ResourceOp, value: u32) {
        let user = self.running.task();
        self.last_op = Some(LastOp {
            resource,
            op,
            event: self.position,
            polls: self.cursor.polls,
        });
        if matches!(op, ResourceOp::Acquired | ResourceOp::Released) {
            self.apply_holding(resource, op, value);
        }
        if let Some(resource) = self.resources.get_mut(resource.index()) {
            resource.apply(op, value, user);
        }
    }

    /// A task acquires or releases a lock or permit. A call, because most operations are on channels.
    #[inline(never)]
    fn apply_holding(&mut self, resource: ResourceId, op: ResourceOp, value: u32) {
        let user = self.running.task();
        if op == ResourceOp::Released {
            let limit = self.resource(resource).map_or(0, |permits| permits.limit);
            let most = limit.saturating_sub(value);
            self.holdings.release(resource, user, most);
        } else if let (ResourceOp::Acquired, Some(task)) = (op, user) {
            self.holdings.acquire(Holding {
                resource,
                task,
                since: self.cursor.now,
                event: self.position,
            });
        }
    }

    #[inline(never)]
    fn apply_callback_event(&mut self, event: &CallbackEvent) {
        match *event {
            CallbackEvent::Scheduled { callback, name } => {
                let scheduled = self.position;
                let waiting = WaitingCallback {
                    callback,
                    name,
                    scheduled,
                };
                self.callbacks.insert(callback, waiting);
            }
            CallbackEvent::Start { callback } => {
                let waiting = self.callbacks.remove(&callback);
                let name = waiting.map(|waiting| waiting.name);
                self.running = Running::Callback(callback, name.unwrap_or_default());
                self.left_in_tick = self.left_in_tick.saturating_sub(1);
            }
            CallbackEvent::End { .. } => self.running = Running::Nothing,
        }
    }

    /// After a gap only the tasks that had ended before it are still known. The others become
    /// [`Status::Unknown`](super::Status::Unknown), and the queues are empty until later events
    /// fill them.
    #[inline(never)]
    fn apply_gap(&mut self, events: u64) {
        self.missing = self.missing.saturating_add(events);
        self.tasks.mark_unknown(self.cursor.now);
        self.phase = TickPhase::Between;
        self.left_in_tick = 0;
        self.running = Running::Nothing;
        self.timers.clear();
        self.resources.clear();
        self.holdings.clear();
        self.last_op = None;
        self.groups.clear();
        self.callbacks.clear();
    }

    /// The tasks in the ready queue, in its order.
    pub fn ready(&self) -> Vec<(TaskId, &TaskState)> {
        let mut ready: Vec<_> = self
            .tasks
            .unfinished_with_rows()
            .filter(|(_, row)| row.phase.queued())
            .collect();
        ready.sort_by_key(|(_, row)| row.woken());
        ready
    }

    /// How many tasks have been spawned and have not ended.
    pub fn unfinished(&self) -> usize {
        self.tasks.len().saturating_sub(self.ended as usize)
    }

    /// A resource, if it exists at this position.
    pub fn resource(&self, resource: ResourceId) -> Option<&ResourceState> {
        self.resources.get(resource.index())
    }

    /// How many members a group of tasks has, and how many of them have ended. `None` if the
    /// resource is not a group.
    pub fn group(&self, resource: ResourceId) -> Option<GroupProgress> {
        self.groups.get(self.group_of(resource)?)
    }

    /// Whether a task is a member of a group of tasks.
    pub fn is_member(&self, resource: ResourceId, task: TaskId) -> bool {
        let group = self.group_of(resource);
        group.is_some() && self.tasks.group(task) == group
    }

    /// The members of a group of tasks, by number. A task whose row was completed before it became
    /// a member is not among them. This looks at all tasks, so it is not for loops over events.
    pub fn members(&self, resource: ResourceId) -> impl Iterator<Item = (TaskId, &TaskState)> {
        let group = self.group_of(resource);
        let all = self.tasks.iter().filter(move |_| group.is_some());
        all.filter(move |(task, _)| self.tasks.group(*task) == group)
    }

    /// A timer, if it is in the timer queue.
    pub fn timer(&self, timer: TimerId) -> Option<&TimerState> {
        self.timers.get(timer.index())
    }

    /// The timer queue in the order in which it will fire: earliest deadline first, and among equal
    /// deadlines the timer that was set first.
    pub fn timer_queue(&self) -> Vec<(TimerId, TimerState)> {
        self.next_timers(usize::MAX)
    }

    /// The first `most` timers of the queue, in their order.
    pub fn next_timers(&self, most: usize) -> Vec<(TimerId, TimerState)> {
        let slots = self.timers.iter();
        let mut queue: Vec<_> = slots.map(|(slot, timer)| (TimerId(slot), *timer)).collect();
        let order = |(_, timer): &(TimerId, TimerState)| (timer.deadline, timer.set);
        if most < queue.len() {
            queue.select_nth_unstable_by_key(most, order);
            queue.truncate(most);
        }
        queue.sort_by_key(order);
        queue
    }

    /// About how many bytes a copy takes.
    pub(super) fn weight(&self) -> usize {
        size_of::<State>()
            + self.tasks.weight()
            + self.timers.weight()
            + self.resources.weight()
            + self.holdings.weight()
            + self.groups.weight()
            + self.callbacks.len() * CALLBACK
    }
}
