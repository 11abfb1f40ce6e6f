//! What a finding is proven by: the numbers and names of its message.
//!
//! A proof keeps names rather than slots, because a slot has another resource once its own was
//! dropped.

use crate::replay::{ResourceState, State};
use crate::trace::{ResourceId, ResourceKind, Span, TaskId, TextId, Wait};

use super::rule::Rule;

/// A resource as a sentence names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedResource {
    /// What it is.
    pub kind: ResourceKind,
    /// Its name.
    pub name: TextId,
}

impl NamedResource {
    /// A resource that exists at a state.
    pub(super) fn of(state: &State, resource: ResourceId) -> Option<NamedResource> {
        state.resource(resource).map(NamedResource::from_state)
    }

    pub(super) fn from_state(resource: &ResourceState) -> NamedResource {
        NamedResource {
            kind: resource.kind,
            name: resource.name,
        }
    }
}

/// How something was lost with a future that was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It had been taken, and a time limit dropped the work with it.
    Limit,
    /// It had been taken, and a time limit ended the wait for more.
    Gathered,
    /// It had been taken, and another branch dropped the work with it.
    Branch,
    /// It was to be sent, and a time limit dropped the send.
    Unsent,
    /// The first part of it had been read, and the reading has begun anew.
    Part,
    /// It had not come when the read was dropped, and another call reads from the connection since.
    Answer,
}

/// Why permits do not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermitLoss {
    /// Their holders have ended, and tasks wait for a permit.
    Waited,
    /// Their holders have ended, while others of the semaphore's holders have given theirs back.
    Kept,
    /// A task waits for one until its limit, and no other task runs meanwhile.
    Idle,
    /// Limits have ended the work that had taken them, and tasks wait for a permit.
    Limit,
}

/// The facts behind a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proof {
    /// A poll held the loop.
    Blocking {
        /// For how long.
        held: Span,
        /// How many tasks it delayed.
        delayed: u64,
        /// How many callbacks whose timer was due it delayed.
        callbacks: u64,
        /// The task or callback (`None`) that it delayed most, and by how much.
        worst: Option<(Option<TaskId>, Span)>,
        /// Tasks that I/O woke directly after the poll; how long they waited is not known.
        after_io: u64,
        /// For how long its thread computed, if that was measured.
        processor: Option<Span>,
    },
    /// A timer fired late.
    LateTimer {
        /// By how much.
        late: Span,
    },
    /// A timeout had no effect.
    DeadTimeout {
        /// How long after its deadline the work ended.
        late: Span,
        /// How long the poll took.
        held: Span,
    },
    /// Many polls made a task late.
    Starvation {
        /// The longest lateness.
        late: Span,
        /// How many polls were made meanwhile.
        polls: u64,
        /// The task that was late; `None` for a callback.
        victim: Option<TaskId>,
        /// The name of the callbacks, if these were run instead of tasks.
        callback: Option<TextId>,
    },
    /// A task was polled over and over.
    WakeStorm {
        /// How often in a row.
        polls: u64,
        /// How long it went on.
        time: Span,
        /// Whether the task woke itself each time.
        by_itself: bool,
    },
    /// Tasks await each other.
    JoinCycle {
        /// The tasks, each waits for the next one and the last for the first.
        tasks: Vec<TaskId>,
    },
    /// A task waits for what it holds, or for its own end.
    SelfDeadlock {
        /// What it holds; `None` if it awaits itself.
        holds: Option<NamedResource>,
    },
    /// Locks are taken in a circle.
    LockOrder {
        /// The locks of the circle.
        locks: Vec<NamedResource>,
        /// The tasks that take them.
        tasks: Vec<TaskId>,
        /// Whether the tasks wait for each other now, or might in another order.
        is_now: bool,
    },
    /// No task can run.
    Deadlock {
        /// How many tasks are unfinished.
        unfinished: usize,
        /// What the named task waits for.
        on: Wait,
        /// The resource of that wait.
        resource: Option<NamedResource>,
        /// The tasks that wait for each other in a circle, if there is one.
        circle: Vec<TaskId>,
    },
    /// No task runs, and nothing is known that could wake one.
    Stalled {
        /// How many tasks are unfinished.
        unfinished: usize,
        /// Whether another thread runs, which could wake one.
        beside_threads: bool,
    },
    /// A channel whose senders and receivers wait for each other.
    ChanDeadlock {
        /// The channel.
        channel: NamedResource,
        /// Whether the waiting task sends, or else receives.
        sends: bool,
        /// Another channel that the other end waits for.
        other: Option<NamedResource>,
    },
    /// A receiver waits for senders that will not send.
    SenderAlive {
        /// The channel.
        channel: NamedResource,
        /// How many items it had.
        sent: u64,
    },
    /// A task waits for something that has happened.
    LostWakeup {
        /// What it waits for; `None` if only its waker could tell.
        resource: Option<NamedResource>,
        /// For how long it has waited since.
        waited: Span,
    },
    /// A task failed.
    Unretrieved {
        /// The message.
        message: TextId,
        /// Whether it panicked.
        panicked: bool,
    },
    /// A handle was dropped.
    Orphan {
        /// How often the task was polled.
        polls: u64,
    },
    /// The program ended during work.
    Shutdown {
        /// What the task waited for.
        on: Wait,
        /// The resource of that wait, or the queue or lock that it had in hand.
        resource: Option<NamedResource>,
        /// How many items its queue still has.
        items: u32,
    },
    /// A future was dropped without a poll.
    Unawaited {
        /// Its name.
        name: TextId,
    },
    /// Waits came one after the other.
    Sequential {
        /// How many.
        waits: u64,
        /// Their sum.
        total: Span,
        /// How many of them were at the place of the longest one.
        again: u64,
    },
    /// A lock was held across a slow wait.
    Convoy {
        /// The lock.
        lock: NamedResource,
        /// The longest time for which it was held.
        held: Span,
        /// The most tasks that queued meanwhile.
        queued: u64,
    },
    /// Permits were not given back.
    PermitLeak {
        /// The semaphore.
        semaphore: NamedResource,
        /// How many permits.
        permits: u64,
        /// How many it has.
        of: u32,
        /// Why none comes back.
        how: PermitLoss,
    },
    /// A cancelled task continues.
    CancelSwallowed {
        /// For how long after the request.
        time: Span,
        /// How often it was polled since.
        polls: u64,
    },
    /// A value changed between a read and a write.
    Race {
        /// The value.
        value: TextId,
        /// The task whose write was lost.
        other: Option<TaskId>,
    },
    /// A task has taken a lock to read and later to write, and another one to write between the two.
    RaceUnderLock {
        /// The lock.
        lock: NamedResource,
        /// The task that has taken it between the two.
        other: TaskId,
    },
    /// A queue has grown.
    Unbounded {
        /// The channel.
        channel: NamedResource,
        /// Its greatest length.
        peak: u64,
        /// How many items were put in.
        sent: u64,
    },
    /// The tasks of a place have piled up.
    TaskLeak {
        /// How many are unfinished and wait.
        unfinished: u64,
        /// How many were spawned.
        spawned: u64,
        /// They have waited together for a long time, and ended later.
        released: bool,
    },
    /// An event woke too many tasks.
    Herd {
        /// How many it woke the last time.
        woken: u64,
        /// How many of them went back to the same wait.
        back: u64,
        /// How often it happened.
        times: u64,
        /// What the tasks wait for; `None` if each has a future of its own.
        resource: Option<NamedResource>,
    },
    /// A channel with items was passed over.
    Unfair {
        /// The channel.
        passed_over: NamedResource,
        /// The one that was preferred.
        rival: NamedResource,
        /// How many items in a row.
        times: u64,
        /// For how long.
        time: Span,
    },
    /// A task that has ended was passed over by one that selects.
    UnfairTask {
        /// The task that has ended.
        passed_over: TaskId,
        /// How many times in a row.
        times: u64,
        /// For how long.
        time: Span,
    },
    /// Short work has waited behind long work.
    Inversion {
        /// The queue.
        channel: NamedResource,
        /// How long an item was in the queue.
        queued: Span,
        /// How long its service then took.
        service: Span,
        /// How long the service of an item before it took.
        before: Span,
        /// How many short items have waited like that.
        times: u64,
    },
    /// A channel was full.
    BackPressure {
        /// The channel.
        channel: NamedResource,
        /// For which share of its time, in percent.
        full: u64,
        /// How many sends have waited.
        waits: u64,
        /// A task that had nothing to receive meanwhile.
        victim: Option<TaskId>,
    },
    /// A task writes and does not wait for the peer.
    WriteBuffer {
        /// The connection.
        stream: NamedResource,
        /// How many bytes wait in the buffer.
        bytes: u64,
        /// How many writes have found it full.
        writes: u64,
    },
    /// Jobs have waited for a thread.
    PoolExhausted {
        /// For how long the last one waited.
        waited: Span,
        /// How long it then ran.
        ran: Span,
        /// How many have waited.
        jobs: u64,
    },
    /// Resources of one place pile up.
    HandleLeak {
        /// What they are.
        resource: NamedResource,
        /// How many exist.
        exist: u64,
        /// How many were made.
        made: u64,
    },
    /// A future was held and not polled.
    Unpolled {
        /// For how long after it was ready.
        late: Span,
        /// How many futures.
        futures: u64,
    },
    /// A lock was released to a future that is not polled.
    UnpolledLock {
        /// The lock or semaphore.
        lock: NamedResource,
    },
    /// A poll contained a second loop.
    NestedBlock {
        /// For how long.
        inner: Span,
        /// How many tasks it delayed.
        delayed: u64,
    },
    /// A periodic timer drifts or makes up for missed ticks.
    Interval {
        /// The period that is meant.
        period: Span,
        /// The period that the timer has; zero for a burst.
        apart: Span,
        /// How many ticks: all of the drift, or those of the burst.
        ticks: u64,
    },
    /// An operation failed again and again.
    RetryStorm {
        /// How often.
        times: u64,
        /// From the first failure to the last.
        time: Span,
    },
    /// A future was dropped with an item in hand.
    CancelUnsafe {
        /// Where the item was taken from, or was to be put.
        from: NamedResource,
        /// How it was lost.
        how: Loss,
    },
    /// Results came in another order.
    Ordering {
        /// How many.
        results: u64,
        /// The channel that they came through; `None` for a wait for the first of several tasks.
        from: Option<NamedResource>,
    },
    /// A connection has no peer.
    HalfOpen {
        /// The connection.
        stream: NamedResource,
        /// How often in a row its end was read; 0 if the peer is silent.
        ends: u64,
        /// For how long the peer is silent.
        silent: Span,
    },
}

impl Proof {
    /// The rule whose finding it proves.
    pub fn rule(&self) -> Rule {
        match self {
            Proof::Blocking { .. } => Rule::Blocking,
            Proof::LateTimer { .. } => Rule::LateTimer,
            Proof::DeadTimeout { .. } => Rule::DeadTimeout,
            Proof::Starvation { .. } => Rule::Starvation,
            Proof::WakeStorm { .. } => Rule::WakeStorm,
            Proof::JoinCycle { .. } => Rule::JoinCycle,
            Proof::SelfDeadlock { .. } => Rule::SelfDeadlock,
            Proof::LockOrder { .. } => Rule::LockOrder,
            Proof::Deadlock { .. } => Rule::Deadlock,
            Proof::Stalled { .. } => Rule::Stalled,
            Proof::ChanDeadlock { .. } => Rule::ChanDeadlock,
            Proof::SenderAlive { .. } => Rule::SenderAlive,
            Proof::LostWakeup { .. } => Rule::LostWakeup,
            Proof::Unretrieved { .. } => Rule::Unretrieved,
            Proof::Orphan { .. } => Rule::Orphan,
            Proof::Shutdown { .. } => Rule::Shutdown,
            Proof::Unawaited { .. } => Rule::Unawaited,
            Proof::Sequential { .. } => Rule::Sequential,
            Proof::Convoy { .. } => Rule::Convoy,
            Proof::PermitLeak { .. } => Rule::PermitLeak,
            Proof::CancelSwallowed { .. } => Rule::CancelSwallowed,
            Proof::Race { .. } | Proof::RaceUnderLock { .. } => Rule::Race,
            Proof::Unbounded { .. } => Rule::Unbounded,
            Proof::TaskLeak { .. } => Rule::TaskLeak,
            Proof::Herd { .. } => Rule::Herd,
            Proof::Unfair { .. } | Proof::UnfairTask { .. } => Rule::Unfair,
            Proof::Inversion { .. } => Rule::Inversion,
            Proof::BackPressure { .. } | Proof::WriteBuffer { .. } => Rule::BackPressure,
            Proof::PoolExhausted { .. } => Rule::PoolExhausted,
            Proof::HandleLeak { .. } => Rule::HandleLeak,
            Proof::Unpolled { .. } | Proof::UnpolledLock { .. } => Rule::Unpolled,
            Proof::NestedBlock { .. } => Rule::NestedBlock,
            Proof::Interval { .. } => Rule::Interval,
            Proof::RetryStorm { .. } => Rule::RetryStorm,
            Proof::CancelUnsafe { .. } => Rule::CancelUnsafe,
            Proof::HalfOpen { .. } => Rule::HalfOpen,
            Proof::Ordering { .. } => Rule::Ordering,
        }
    }
}
