//! Everything that can happen in an event loop, as one closed list.
//!
//! The order of the events tells the cause of each. Whatever lies between a [`TaskEvent::PollStart`]
//! and its [`TaskEvent::PollEnd`] was done by that task. In the timer phase the cause is the timer
//! that fired last. A wake in the wait phase came from outside the loop (I/O or another thread).

use super::{CallbackId, LocationId, Moment, ResourceId, Span, TaskId, TextId, TimerId};

/// One thing that happened: the smallest step that a replay can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something about the loop as a whole: its phases, its clock, its end.
    Loop(LoopEvent),
    /// Something that happened to a task.
    Task(TaskEvent),
    /// Something that happened to a timer.
    Timer(TimerEvent),
    /// Something that happened to a channel, a lock, a socket …
    Resource(ResourceEvent),
    /// Something that happened to a callback.
    Callback(CallbackEvent),
    /// The running task wrote a line of output.
    Output {
        /// The line, without its line break.
        text: TextId,
    },
    /// Events are missing here: the recorder discarded them, or the file is damaged.
    Gap {
        /// How many events.
        events: u32,
    },
}

/// Readers handle millions of events, so an event stays small.
const _: () = assert!(size_of::<Event>() == 24);

/// An event of the loop itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopEvent {
    /// A tick begins with its wait phase, in which wakes from I/O and other threads arrive.
    TickStart,
    /// Nothing is ready: the loop waits for I/O, for another thread, or for the next deadline.
    Park {
        /// The next deadline; `None` if no timer is set.
        until: Option<Moment>,
    },
    /// Loop time moves forward while no poll ends.
    Advance {
        /// By how much.
        by: Span,
        /// What made it move.
        why: Advance,
    },
    /// The timer phase begins.
    TimerPhase {
        /// How many timers are due.
        due: u32,
    },
    /// The run phase begins.
    RunPhase {
        /// The length of the ready queue: exactly these entries are polled in this tick.
        ready: u32,
    },
    /// The tick ends.
    TickEnd,
    /// The run ends.
    End {
        /// How it ended.
        outcome: Outcome,
    },
}

/// An event of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskEvent {
    /// A task was created and put at the end of the ready queue.
    Spawn {
        /// The new task.
        task: TaskId,
        /// Its name. A later renaming is known to [`Tables::task_name`](super::Tables::task_name).
        name: TextId,
        /// Where it was spawned.
        at: LocationId,
        /// The task that spawned it; `None` for the main task.
        parent: Option<TaskId>,
    },
    /// A task was woken.
    Wake {
        /// The woken task.
        task: TaskId,
        /// The cause of the wake.
        by: WokenBy,
        /// What the wake did.
        effect: WakeEffect,
    },
    /// A poll begins.
    PollStart {
        /// The task at the head of the ready queue.
        task: TaskId,
    },
    /// Inside a poll: the task suspends and declares what it waits for. Written only when that
    /// differs from its last declaration.
    Wait {
        /// The task.
        task: TaskId,
        /// What it waits for.
        on: Wait,
        /// The `.await` in the source.
        at: LocationId,
        /// The task declared another wait earlier in this poll, and waits for that as well (select,
        /// join, timeout) unless it has ended meanwhile. Only the last declaration is certain.
        also: bool,
    },
    /// A poll ends.
    PollEnd {
        /// The task.
        task: TaskId,
        /// How the poll ended.
        outcome: PollOutcome,
        /// The time since the last time stamp, which is mostly the start of the poll; 0 on a virtual
        /// clock.
        took: Span,
    },
    /// Inside a poll: the task panicked, or it returns an error. The [`TaskEvent::PollEnd`] that
    /// follows tells which.
    Failed {
        /// The task.
        task: TaskId,
        /// The message of the panic or the error.
        message: TextId,
    },
    /// Cancellation of a task was requested. The task enters the ready queue once more, so that the
    /// loop can drop its future.
    CancelRequested {
        /// The task to be cancelled.
        task: TaskId,
        /// The request is implicit: the task's handle was dropped.
        dropped: bool,
    },
    /// Cancellation was delivered: the task's future was dropped.
    CancelDelivered {
        /// The task.
        task: TaskId,
    },
}

/// An event of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerEvent {
    /// A timer was put into the timer queue.
    Set {
        /// Its slot.
        timer: TimerId,
        /// The task that will wait for it.
        task: TaskId,
        /// When it is due.
        deadline: Moment,
    },
    /// A timer was due. The wake of its task follows.
    Fired {
        /// Its slot, free from now on.
        timer: TimerId,
    },
    /// A timer was removed before it was due.
    Cancelled {
        /// Its slot, free from now on.
        timer: TimerId,
    },
}

/// An event of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceEvent {
    /// A resource occurs for the first time.
    Created {
        /// Its slot.
        resource: ResourceId,
        /// What it is.
        kind: ResourceKind,
        /// Its name.
        name: TextId,
        /// Where it was created.
        at: LocationId,
        /// Capacity or permits; 0 for no limit.
        limit: u32,
    },
    /// An operation on a resource.
    Op {
        /// The resource.
        resource: ResourceId,
        /// What was done.
        op: ResourceOp,
        /// The resource's value after it: a channel's length, a semaphore's free permits, the bytes
        /// of a read or write, a shared number. See [`ResourceOp`].
        value: u32,
    },
    /// A resource was dropped.
    Dropped {
        /// Its slot, free from now on.
        resource: ResourceId,
    },
}

/// An event of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackEvent {
    /// A callback was put at the end of the ready queue.
    Scheduled {
        /// Its number.
        callback: CallbackId,
        /// Its name.
        name: TextId,
    },
    /// A callback begins to run.
    Start {
        /// Its number.
        callback: CallbackId,
    },
    /// A callback has returned.
    End {
        /// Its number.
        callback: CallbackId,
        /// As for [`TaskEvent::PollEnd`].
        took: Span,
    },
}

/// What made loop time move between polls, or inside one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// The loop waited for that long.
    Waited,
    /// The virtual clock jumped to the next deadline.
    Jumped,
    /// A task worked for that long without yielding (`block_for`).
    Worked,
    /// Time passed, and the recording does not tell how.
    Passed,
}

/// Who woke a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WokenBy {
    /// The task that ran at the time (it may be the woken one itself).
    Task(TaskId),
    /// The callback that ran at the time.
    Callback(CallbackId),
    /// The timer that fired just before.
    Timer(TimerId),
    /// The operating system said that I/O is ready.
    Io,
    /// Another thread, with its name.
    Thread(TextId),
    /// The loop itself, between its phases.
    Loop,
    /// The recording does not say.
    Unknown,
}

/// What came of a wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WakeEffect {
    /// The task was put at the end of the ready queue.
    Enqueued,
    /// It was in the ready queue already: two wakes give one poll.
    Redundant,
    /// It had ended before: nothing to wake.
    TooLate,
}

/// How a poll ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollOutcome {
    /// The task has to wait (or to run again, if it was woken meanwhile).
    Pending,
    /// The task is done.
    Ready,
    /// The task panicked.
    Panicked,
    /// The task is done, and what it returned is an error that is shown as a failure.
    Failed,
    /// The task was cancelled.
    Cancelled,
}

/// What a task waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// It did not say: a future from elsewhere.
    #[default]
    Unknown,
    /// Its next turn, nothing else.
    Yield,
    /// A deadline.
    Timer(TimerId),
    /// The end of another task.
    Join(TaskId),
    /// Room in a channel.
    Send(ResourceId),
    /// Something in a channel.
    Receive(ResourceId),
    /// A lock, a semaphore's permit, an event, the value of a future, a group of tasks.
    Acquire(ResourceId),
    /// An I/O operation, a piece of work on another thread, a foreign future.
    Operation(ResourceId),
}

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    /// A queue between tasks.
    Channel,
    /// A lock.
    Lock,
    /// A semaphore.
    Semaphore,
    /// An event: tasks wait until it is set.
    Event,
    /// A value that somebody will set, once.
    Future,
    /// Several tasks that are awaited together.
    Group,
    /// A socket that accepts connections.
    Listener,
    /// A connection.
    Stream,
    /// A piece of work on the pool of threads.
    Pool,
    /// Any other I/O.
    Io,
    /// A named future that the loop knows nothing about.
    Foreign,
    /// A number that several tasks share.
    Value,
}

/// What was done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceOp {
    /// Put into a channel; the value is its new length.
    Sent,
    /// Taken out of a channel, and the value is its new length; or handed over by a future.
    Received,
    /// A channel was closed, a listener or a stream shut down.
    Closed,
    /// A lock or a permit was taken; the value is what is left.
    Acquired,
    /// A lock or a permit was given back; the value is what is left.
    Released,
    /// An event was set, a future got its value.
    Set,
    /// An event was cleared.
    Cleared,
    /// An operation that could not be done at once has begun. The value is its [`OperationKind`].
    Begun,
    /// An operation is done. The value is its [`OperationKind`].
    Ended,
    /// An operation was given up. The value is its [`OperationKind`].
    Abandoned,
    /// Bytes came in; the value is how many. 0 is the end of the stream.
    Read,
    /// Bytes went out; the value is how many.
    Wrote,
    /// A connection came in.
    Accepted,
    /// A connection was made.
    Connected,
    /// A shared value was read; the value is what it was.
    Loaded,
    /// A shared value was written; the value is what it is now.
    Stored,
}

/// What an operation in flight does: the value of [`ResourceOp::Begun`], [`ResourceOp::Ended`] and
/// [`ResourceOp::Abandoned`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperationKind {
    /// It connects, accepts, or runs on the thread pool.
    #[default]
    Other,
    /// It reads, or waits until reading is possible.
    Read,
    /// It writes, or waits until writing is possible.
    Write,
}

impl OperationKind {
    /// The number that stands for the kind in an event.
    pub fn value(self) -> u32 {
        match self {
            OperationKind::Other => 0,
            OperationKind::Read => 1,
            OperationKind::Write => 2,
        }
    }

    /// The kind of which this is the value. An unknown value is [`OperationKind::Other`].
    pub fn from_value(value: u32) -> OperationKind {
        match value {
            1 => OperationKind::Read,
            2 => OperationKind::Write,
            _ => OperationKind::Other,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The main task is done.
    Finished,
    /// Nothing can ever run again: every task waits for another one.
    Deadlock,
    /// Nothing runs, and what the tasks wait for is not known to the loop.
    Stalled,
    /// The main task failed.
    Panicked,
    /// Somebody stopped it.
    Stopped,
    /// The number of events that was allowed is reached.
    Limit,
}
