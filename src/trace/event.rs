//! Everything that can happen in an event loop, as one closed list.
//!
//! The order of the events tells the cause of each. Whatever lies between a
//! [`TaskEvent::PollStart`] and its [`TaskEvent::PollEnd`] was done by that task. In the timer
//! phase the cause is the timer that fired last. A wake in the wait phase came from outside the
//! loop (I/O or another thread).

use super::{CallbackId, LocationId, Moment, ResourceId, Span, TaskId, TextId, TimerId};

/// One thing that happened: the smallest step that a replay can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
        /// The call that printed it. Unknown for output that was captured from the process.
        at: LocationId,
    },
    /// Events are missing here: the recorder discarded them, or the file is damaged.
    Gap {
        /// How many events.
        events: u64,
    },
}

/// Readers handle millions of events, so an event stays small.
const _: () = assert!(size_of::<Event>() == 24);

/// An event of the loop itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
#[non_exhaustive]
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
        /// The `.await` in the source, or, with `at_creation`, another location.
        at: LocationId,
        /// The `.await` is not known, because it is inside of a library. `at` is where the awaited
        /// object was created: the call that made a future, or the call that opened a socket.
        at_creation: bool,
        /// The task declared another wait earlier in this poll, and waits for that as well (select,
        /// join, timeout) unless it has ended meanwhile. Only the last declaration is certain.
        also: bool,
    },
    /// Inside a poll: the task awaits a task that has ended already, so the task continues without
    /// suspending.
    Joined {
        /// The task that awaits.
        task: TaskId,
        /// The task that has ended.
        joined: TaskId,
        /// The `.await` in the source.
        at: LocationId,
    },
    /// A poll ends.
    PollEnd {
        /// The task.
        task: TaskId,
        /// How the poll ended.
        outcome: PollOutcome,
        /// The time since the last time stamp, which is mostly the start of the poll; 0 on a
        /// virtual clock.
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
#[non_exhaustive]
pub enum TimerEvent {
    /// A timer was put into the timer queue.
    Set {
        /// Its slot.
        timer: TimerId,
        /// The task that set it; `None` if no task did: a callback, or what runs outside of the tasks.
        task: Option<TaskId>,
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
#[non_exhaustive]
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
        /// The resource was created earlier, at `at`, where this could not be recorded: in a `static`,
        /// before the recording began, or by a `const fn` such as `Mutex::new`. This is its first
        /// use.
        at_first_use: bool,
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
    /// A task became a member of a [`ResourceKind::Group`]. Recorded once for each member.
    Member {
        /// The group.
        resource: ResourceId,
        /// The member.
        task: TaskId,
    },
    /// What was read or written. Comes directly after the [`ResourceOp::Read`] or
    /// [`ResourceOp::Wrote`], if the recording keeps the bytes of sockets.
    Bytes {
        /// The resource.
        resource: ResourceId,
        /// The first bytes, as text: control characters and bytes that are not UTF-8 are escaped
        /// (`\n`, `\xff`), and `…` at the end marks what was cut.
        text: TextId,
    },
    /// A resource was dropped.
    Dropped {
        /// Its slot, free from now on.
        resource: ResourceId,
    },
}

/// An event of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
#[non_exhaustive]
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

/// The cause of a wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WokenBy {
    /// The task that was being polled, which may be the woken task itself.
    Task(TaskId),
    /// The callback that was running.
    Callback(CallbackId),
    /// The timer that fired just before.
    Timer(TimerId),
    /// The operating system reported that I/O is ready.
    Io,
    /// Another thread; the text is its name.
    Thread(TextId),
    /// The loop itself, between its phases.
    Loop,
    /// The recording does not tell.
    Unknown,
}

impl WokenBy {
    /// The task that was being polled, if one was.
    pub fn task(self) -> Option<TaskId> {
        match self {
            WokenBy::Task(task) => Some(task),
            WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Thread(_)
            | WokenBy::Loop
            | WokenBy::Unknown => None,
        }
    }
}

/// The effect of a wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WakeEffect {
    /// The task was put at the end of the ready queue.
    Enqueued,
    /// None: the task was in the ready queue already. Two wakes lead to one poll.
    Redundant,
    /// None: the task had ended.
    TooLate,
}

/// What was seen of a long poll, or of a long run of a callback, while it was under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollSample {
    /// The line at which its thread was, the innermost that belongs to the program. Unknown if the thread
    /// has waited for a processor most of the time.
    pub at: LocationId,
    /// The time for which it computed; `None` if the recording does not tell. A poll that takes much
    /// longer was blocked.
    pub processor: Option<Span>,
}

impl PollSample {
    /// Whether the poll is long because the operating system has given the processor to other threads.
    pub fn has_waited_for_processor(self) -> bool {
        self.at == LocationId::UNKNOWN && self.processor.is_some()
    }
}

/// How a poll ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollOutcome {
    /// The task returned `Pending`: it waits, or it is ready again if it was woken during the poll.
    Pending,
    /// The task completed.
    Ready,
    /// The task panicked.
    Panicked,
    /// The task completed with an error that is shown as a failure.
    Failed,
    /// The task was cancelled.
    Cancelled,
}

/// What a task waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wait {
    /// Unknown: a future of another crate did not declare it.
    #[default]
    Unknown,
    /// Nothing: the task yielded.
    Yield,
    /// A deadline.
    Timer(TimerId),
    /// Another task, to complete.
    Join(TaskId),
    /// Free space in a channel.
    Send(ResourceId),
    /// A message in a channel.
    Receive(ResourceId),
    /// A lock, a semaphore's permit, an event, the value of a future.
    Acquire(ResourceId),
    /// An I/O operation, work on the thread pool, a foreign future.
    Operation(ResourceId),
    /// All members of a group of tasks, to end.
    All(ResourceId),
    /// The first member of a group of tasks to end, among those whose results were not taken yet.
    Any(ResourceId),
}

/// The kind of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceKind {
    /// A channel between tasks.
    Channel,
    /// A lock.
    Lock,
    /// A semaphore.
    Semaphore,
    /// An event, as in asyncio: tasks wait until it is set.
    Event,
    /// A value that is set once.
    Future,
    /// A group of tasks that are awaited together.
    Group,
    /// A socket that accepts connections.
    Listener,
    /// A connection.
    Stream,
    /// Work on the thread pool.
    Pool,
    /// Any other I/O.
    Io,
    /// A named future of another crate.
    Foreign,
    /// A number shared by tasks.
    Value,
    /// A part of the program that is entered and left, such as a transaction.
    Scope,
    /// A function that yields values and continues where it stopped: an iterator, or a future that
    /// the program polls itself.
    Generator,
    /// A lock for many readers or one writer. What is left of it is [`u32::MAX`] minus the number of
    /// readers, and 0 while a writer has it.
    RwLock,
    /// A point that a number of tasks pass together. Its value is the number of those that have
    /// arrived.
    Barrier,
    /// A value that is set once, by the first task that needs it.
    Cell,
    /// A child process.
    Child,
    /// Another thread of the program, which may wake a task. The resource exists while the thread runs.
    Thread,
}

/// An operation on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceOp {
    /// A message was put into a channel; the value is the channel's new length.
    Sent,
    /// A message was taken out of a channel, and the value is the channel's new length. Or the
    /// value of a future was taken.
    Received,
    /// A channel was closed, or a listener or stream was shut down; the value is 1 if the descriptor of a stream is
    /// closed as well.
    Closed,
    /// A lock or a permit was taken; the value is what is left.
    Acquired,
    /// A lock or a permit was released; the value is what is left.
    Released,
    /// An event was set, or a future or cell got its value; the value is 1. Or a barrier opened; the
    /// value is 0.
    Set,
    /// An event was cleared.
    Cleared,
    /// An operation that could not be done at once has begun. The value is its [`OperationKind`].
    Begun,
    /// An operation is done. The value is its [`OperationKind`].
    Ended,
    /// The future of an operation was dropped before it was done. The value is its
    /// [`OperationKind`].
    Abandoned,
    /// Bytes were read; the value is their number, and 0 at the end of the stream.
    Read,
    /// Bytes were written; the value is their number.
    Wrote,
    /// A connection was accepted.
    Accepted,
    /// A connection was established.
    Connected,
    /// A shared number was read; the value is the number.
    Loaded,
    /// A shared number was written; the value is the new number.
    Stored,
    /// A scope was entered. Or a task arrived at a barrier; the value is the number of those that
    /// have arrived.
    Entered,
    /// A scope was left: normally, by an error, or because its task was cancelled.
    Left,
    /// A generator continues where it stopped; the value counts its resumptions from 1.
    Resumed,
    /// A generator has stopped and gives control back; the value counts its yields from 1. A
    /// generator that has ended is [`ResourceOp::Closed`].
    Yielded,
    /// A future got an error instead of its value.
    SetError,
    /// A lock or a permit was asked for without waiting. The value is 1 if it was free, in which
    /// case [`ResourceOp::Acquired`] follows, and else 0.
    Tried,
    /// An operation of a socket, or another one of the system, has failed.
    Failed,
    /// Work on the thread pool had waited for a thread before it ran; the value is for how long, in
    /// microseconds. Recorded when the loop learns that the work is done, on a real clock; a wait of
    /// less than a millisecond may be left out.
    Started,
    /// Work on the thread pool has run; the value is for how long, in microseconds. Comes directly
    /// after [`ResourceOp::Started`].
    Ran,
    /// Bytes were written, and the peer has not taken all of them; the value is the number of those
    /// that wait in the write buffer.
    Buffered,
}

/// What an operation in flight does: the value of [`ResourceOp::Begun`], [`ResourceOp::Ended`] and
/// [`ResourceOp::Abandoned`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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
    /// The main task completed.
    Finished,
    /// No task can ever be polled again, because every task waits for another one.
    Deadlock,
    /// No task is ready, and the loop does not know what the tasks wait for.
    Stalled,
    /// The main task failed.
    Panicked,
    /// The run was stopped from outside.
    Stopped,
    /// The limit of events was reached.
    Limit,
}
