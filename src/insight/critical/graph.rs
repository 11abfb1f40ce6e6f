//! The polls of a run and what each of them waited for: the graph on which the critical path is a
//! way from the end to the start.
//!
//! A node is a poll of a task or a run of a callback. Its edges lead to older nodes:
//!
//! * `cause`: the poll after whose end this one became possible. For a task that was woken or
//!   spawned by another task, it is the poll that did so. For a timer, it is the poll that set the
//!   timer. For I/O, another thread and the pool, it is the task's own last poll.
//! * `before`: the last poll of the same task.
//! * [`PollGraph::needs`]: a poll took something that was ready already, so that no wake was
//!   necessary: the result of an ended task, a message, a permit. It could not have done so before
//!   the other poll had ended.
//!
//! A poll is never interrupted, so what it causes cannot begin before its end. That is why an edge
//! leads to the end of a poll, and not to the moment of the wake in it.

use crate::trace::{LocationId, Moment, Position, TaskId};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// Why a poll happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PollCause {
    /// It is the first of the run.
    Start,
    /// Another poll has woken or spawned the task.
    Poll,
    /// A timer fired.
    Timer,
    /// I/O was ready.
    Io,
    /// Work on the thread pool was done.
    Pool,
    /// Another thread has woken the task.
    Thread,
    /// The trace does not tell.
    Unrecorded,
    /// It is no poll but the end of a gap: what led to it is missing.
    Gap,
}

/// A poll of a task, or a run of a callback.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollNode {
    /// When it began.
    pub(super) start: Moment,
    /// When it ended; for an open poll, the end of the trace.
    pub(super) end: Moment,
    /// When its task joined the ready queue.
    pub(super) woken: Moment,
    /// The position after its start.
    pub(super) position: Position,
    /// The position after the event that put its task into the ready queue.
    pub(super) woken_by: Position,
    /// The task; `None` for a callback.
    pub(super) task: Option<TaskId>,
    /// The await at which the task had waited; for its first poll, the spawn.
    pub(super) at: LocationId,
    pub(super) cause: u32,
    pub(super) before: u32,
    /// The place of its timer in [`PollGraph::timers`].
    pub(super) timer: u32,
    pub(super) why: PollCause,
}

const _: () = assert!(size_of::<PollNode>() == 72);

/// A timer that has fired.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimerSpan {
    /// When it was set.
    pub(super) set_at: Moment,
    /// When it was due.
    pub(super) due: Moment,
}

/// The polls of a run in their order, with what each waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct PollGraph {
    pub(super) nodes: Vec<PollNode>,
    pub(super) timers: Vec<TimerSpan>,
    /// Pairs of nodes: the first could not run before the end of the second. In the order of the
    /// first.
    pub(super) needs: Vec<(u32, u32)>,
    /// The node at whose end the run ended: the last poll of the main task, or the last poll of all
    /// if the main task has not ended.
    pub(super) last: u32,
    /// Whether the main task has ended.
    pub(super) main_ended: bool,
    /// The end of the trace.
    pub(super) end: Moment,
    /// Whether polls overlap, as those of a recording of several threads do.
    pub(super) overlaps: bool,
}

impl PollGraph {
    /// A node; `None` for [`NONE`].
    pub(super) fn node(&self, index: u32) -> Option<&PollNode> {
        self.nodes.get(index as usize)
    }
}
