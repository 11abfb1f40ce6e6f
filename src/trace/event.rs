//! What can happen in an event loop: one closed list.
//!
//! The order of the events gives every one its cause. What happens between a [`Event::PollStart`] and its
//! [`Event::PollEnd`] was done by that task; what happens in the timer phase was done by the timer that fired
//! last; a wake in the wait phase came from outside (I/O or another thread).

use super::{CallbackId, LocationId, Moment, ResourceId, TaskId, TextId, TimerId};

/// One step of the loop: the smallest thing a person can step over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A tick begins with its wait phase: I/O and foreign wakes are taken in.
    TickStart,
    /// Nothing is ready: the loop waits for I/O, another thread, or the next deadline, if there is one.
    Park {
        /// The next deadline.
        until: Option<Moment>,
    },
    /// Loop time moves while no poll ends.
    Advance {
        /// By how many nanoseconds.
        by: u64,
        /// What made it move.
        why: Advance,
    },
    /// The timer phase begins.
    Timers {
        /// How many timers are due.
        due: u32,
    },
    /// The run phase begins.
    Run {
        /// How many entries the ready queue has: exactly these run in this tick.
        ready: u32,
    },
    /// The tick is over.
    TickEnd,

    /// A task was made and put at the end of the ready queue.
    Spawn {
        /// The new task.
        task: TaskId,
        /// What it is called. [`Tables::task_name`](super::Tables::task_name) knows of a later renaming.
        name: TextId,
        /// Where it was spawned.
        at: LocationId,
        /// The task that spawned it; none for the main task.
        parent: Option<TaskId>,
    },
    /// A task was woken.
    Wake {
        /// Whom.
        task: TaskId,
        /// By whom.
        by: WokenBy,
        /// What came of it.
        effect: WakeEffect,
    },
    /// A task gets its turn.
    PollStart {
        /// The task at the head of the ready queue.
        task: TaskId,
    },
    /// Inside a poll: the task cannot go on and says what it waits for. Written when it differs from last time.
    Wait {
        /// The task.
        task: TaskId,
        /// What it waits for.
        on: Wait,
        /// The `.await` in the source.
        at: LocationId,
        /// It said something in the same poll before, and waits for that as well (select, join, timeout), unless
        /// that has ended meanwhile. What it says last is what it surely waits for.
        also: bool,
    },
    /// A task's turn is over.
    PollEnd {
        /// The task.
        task: TaskId,
        /// How it ended.
        outcome: PollOutcome,
        /// Nanoseconds since the last time stamp, mostly the start of the poll; 0 on a virtual clock.
        took: u64,
    },
    /// Inside a poll: the task failed, with this message: it panicked, or what it gives is an error. Its
    /// [`Event::PollEnd`] follows, and says which.
    Failed {
        /// The task.
        task: TaskId,
        /// The panic's message, or the error's.
        message: TextId,
    },
    /// Somebody asked a task to end. It is put into the ready queue once more to be told.
    CancelAsked {
        /// The task to be cancelled.
        task: TaskId,
        /// Nobody asked in so many words: its handle was dropped.
        dropped: bool,
    },
    /// The task was told: its future was dropped.
    CancelDelivered {
        /// The task.
        task: TaskId,
    },

    /// A timer was put into the timer queue.
    TimerSet {
        /// Its slot.
        timer: TimerId,
        /// The task that will wait for it.
        task: TaskId,
        /// When it is due.
        deadline: Moment,
    },
    /// A timer was due; the wake of its task follows.
    TimerFired {
        /// Its slot, free from now on.
        timer: TimerId,
    },
    /// A timer was taken out before it was due.
    TimerCancelled {
        /// Its slot, free from now on.
        timer: TimerId,
    },

    /// A resource was seen for the first time.
    ResourceNew {
        /// Its slot.
        resource: ResourceId,
        /// What it is.
        kind: ResourceKind,
        /// What it is called.
        name: TextId,
        /// Where it was made.
        at: LocationId,
        /// Capacity or permits; 0 for no limit.
        limit: u32,
    },
    /// A resource was used.
    Use {
        /// Which.
        resource: ResourceId,
        /// How.
        verb: ResourceOp,
        /// What it is now: a channel's length, a semaphore's free permits, the bytes of an operation, a shared value.
        value: u32,
    },
    /// A resource is no more.
    ResourceDropped {
        /// Its slot, free from now on.
        resource: ResourceId,
    },

    /// A callback was put at the end of the ready queue.
    CallbackScheduled {
        /// Its number.
        callback: CallbackId,
        /// What it is called.
        name: TextId,
    },
    /// A callback gets its turn.
    CallbackStart {
        /// Its number.
        callback: CallbackId,
    },
    /// A callback's turn is over.
    CallbackEnd {
        /// Its number.
        callback: CallbackId,
        /// As for [`Event::PollEnd`].
        took: u64,
    },

    /// A line of output, written by the running task.
    Output {
        /// The line, without its end.
        text: TextId,
    },
    /// The run is over.
    End {
        /// How.
        outcome: Outcome,
    },
    /// The recorder left something out here.
    Gap {
        /// How many events.
        events: u32,
    },
}

/// What made loop time move between polls, or inside one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// The loop waited for that long.
    Waited,
    /// The virtual clock jumped to the next deadline.
    Jumped,
    /// A task worked for that long without giving way (`block_for`).
    Worked,
    /// It went by, and the recording does not say on what.
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
    /// The task was cancelled.
    Cancelled,
    /// The task is done, and what it gives is an error that it was to tell of.
    Failed,
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
    /// An operation cannot be done at once: it has begun. The value is 1 for a reading, 2 for a writing, 0 for another.
    Begun,
    /// An operation is done. The value is as for [`ResourceOp::Begun`].
    Ended,
    /// An operation was given up. The value is as for [`ResourceOp::Begun`].
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
