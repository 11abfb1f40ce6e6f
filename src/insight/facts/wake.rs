//! Who woke whom.
//!
//! The waker is always the one of the wake event. What the woken task waits for only says why that
//! waker woke it: task 7 that ends wakes a task that joins it, and not the other way round.

use crate::replay::{EventStep, Status, TaskState, TickPhase};
use crate::trace::{
    Event, PollOutcome, Position, ResourceId, ResourceOp, Span, TaskEvent, TaskId, TickPolicy,
    Wait, WakeEffect, WokenBy,
};

use super::wait::{WaitMode, waiting_for};

/// How many events after a wake are searched for the end of the waker's poll.
const AHEAD: usize = 64;

/// A wake: who woke whom, why, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WakeFact {
    /// The woken task.
    pub woken: TaskId,
    /// The waker, as the event has it.
    pub by: WokenBy,
    /// What the wake did.
    pub effect: WakeEffect,
    /// What the woken task was doing.
    pub from: Status,
    /// Why the waker woke it.
    pub cause: WakeReason,
    /// The tick in which the woken task is polled next; `None` if the wake has no effect.
    pub polled_in: Option<u64>,
    /// The current tick took its list before this wake, so the task is polled in a later tick.
    pub missed_list: bool,
    /// The position after the wake.
    pub event: Position,
}

/// Why a task was woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WakeReason {
    /// The waker ends in this poll, and the woken task waits for its end.
    Ended {
        /// The task that ends: the waker.
        task: TaskId,
        /// How it ends.
        outcome: PollOutcome,
        /// How the woken task waits for it: for this task alone, or for several. Progress is counted
        /// with the waker.
        mode: WaitMode,
    },
    /// The timer of the woken task fired.
    Timer {
        /// How late it fired; less than a millisecond counts as on time.
        late: Span,
    },
    /// The waker did something to the resource that the woken task waits for.
    Operation {
        /// The resource.
        resource: ResourceId,
        /// What was done.
        op: ResourceOp,
        /// The position after the operation.
        event: Position,
    },
    /// The cancellation of the woken task was requested, and takes effect in its next poll.
    Cancellation,
    /// The task woke itself: it yields.
    Itself,
    /// I/O on this resource is ready.
    Io(Option<ResourceId>),
    /// Another thread woke it.
    Thread,
    /// The trace does not tell.
    Unknown,
}

/// The wake that a step makes; `None` if the event is no wake.
pub fn woken_by(step: &EventStep<'_>) -> Option<WakeFact> {
    let Event::Task(TaskEvent::Wake { task, by, effect }) = step.event else {
        return None;
    };
    let row = step.before.tasks.get(task);
    let from = row.map_or(Status::Absent, TaskState::status);
    let enqueued = effect == WakeEffect::Enqueued;
    let missed_list = enqueued
        && step.before.phase == TickPhase::Run
        && step.meta().tick_policy == TickPolicy::Snapshot;
    Some(WakeFact {
        woken: task,
        by,
        effect,
        from,
        cause: cause(step, task, by),
        polled_in: enqueued.then(|| tick_of_poll(step)),
        missed_list,
        event: step.position(),
    })
}

/// The tick in which a task that becomes ready now is polled.
pub(in crate::insight) fn tick_of_poll(step: &EventStep<'_>) -> u64 {
    let tick = step.before.tick();
    match step.before.phase {
        TickPhase::Wait | TickPhase::Parked | TickPhase::Timers => tick,
        TickPhase::Run if step.meta().tick_policy == TickPolicy::Drain => tick,
        TickPhase::Run | TickPhase::Between => tick + 1,
    }
}

fn cause(step: &EventStep<'_>, task: TaskId, by: WokenBy) -> WakeReason {
    let Some(row) = step.before.tasks.get(task) else {
        return WakeReason::Unknown;
    };
    // The request itself wakes the task, and the wake follows it directly.
    if row.cancel_requested() && follows_cancel_request(step, task) {
        return WakeReason::Cancellation;
    }
    match by {
        WokenBy::Task(waker) if waker == task => WakeReason::Itself,
        WokenBy::Timer(_) => WakeReason::Timer { late: late(step) },
        WokenBy::Task(_) | WokenBy::Callback(_) => ended(step, task, by)
            .or_else(|| operation(step, row.wait))
            .unwrap_or(WakeReason::Unknown),
        WokenBy::Io => WakeReason::Io(match row.wait {
            Wait::Operation(resource) => Some(resource),
            Wait::Unknown
            | Wait::Yield
            | Wait::Timer(_)
            | Wait::Join(_)
            | Wait::Send(_)
            | Wait::Receive(_)
            | Wait::Acquire(_)
            | Wait::All(_)
            | Wait::Any(_) => None,
        }),
        WokenBy::Thread(_) => WakeReason::Thread,
        WokenBy::Loop | WokenBy::Unknown => WakeReason::Unknown,
    }
}

fn follows_cancel_request(step: &EventStep<'_>, woken: TaskId) -> bool {
    let previous = step.replay.event_before(step.before.position);
    matches!(
        previous,
        Some(Event::Task(TaskEvent::CancelRequested { task, .. })) if task == woken
    )
}

/// How late the timer fired that wakes a task: it fired directly before.
fn late(step: &EventStep<'_>) -> Span {
    let late = step.history().late();
    let at = late.partition_point(|timer| timer.fired < step.before.position);
    match late.get(at) {
        Some(timer) if timer.fired == step.before.position => timer.at.since(timer.due),
        Some(_) | None => Span::ZERO,
    }
}

/// The waker ends in this poll, and the woken task waits for that.
///
/// A task that ends wakes those that join it in its last poll: nothing but wakes lies between such
/// a wake and the end of the poll.
fn ended(step: &EventStep<'_>, woken: TaskId, by: WokenBy) -> Option<WakeReason> {
    let WokenBy::Task(task) = by else {
        return None;
    };
    let wait = waiting_for(step.before, woken)?;
    if !wait.awaits_end_of(step.before, task) {
        return None;
    }
    let outcome = ends_with(step, task)?;
    let mode = wait.mode.with_one_more();
    Some(WakeReason::Ended {
        task,
        outcome,
        mode,
    })
}

/// How the poll of the running task ends, if only wakes come before that. While the trace of a live
/// run ends here, the end is not known.
fn ends_with(step: &EventStep<'_>, task: TaskId) -> Option<PollOutcome> {
    let mut ahead = step.after;
    for _ in 0..AHEAD {
        match step.replay.next_event(&mut ahead)? {
            Event::Task(TaskEvent::Wake { .. }) => {}
            Event::Task(TaskEvent::PollEnd {
                task: ended,
                outcome,
                ..
            }) if ended == task && outcome != PollOutcome::Pending => return Some(outcome),
            Event::Task(_)
            | Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => return None,
        }
    }
    None
}

/// The operation of the current poll on the resource that the woken task waits for: the operation
/// comes first, then the wakes that it makes.
fn operation(step: &EventStep<'_>, wait: Wait) -> Option<WakeReason> {
    let (Wait::Send(wanted)
    | Wait::Receive(wanted)
    | Wait::Acquire(wanted)
    | Wait::Operation(wanted)) = wait
    else {
        return None;
    };
    let last = step.before.last_op?;
    let same_poll = last.polls == step.before.cursor.polls;
    (same_poll && last.resource == wanted).then_some(WakeReason::Operation {
        resource: wanted,
        op: last.op,
        event: last.event,
    })
}
