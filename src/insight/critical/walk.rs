//! Goes back from the end of a run to its start, along the causes of the polls.

use crate::trace::{LocationId, Moment, Position, Span, TaskId};

use super::graph::{PollCause, PollGraph, PollNode};

/// What a segment of the critical path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegmentKind {
    /// A poll of a task, or a run of a callback.
    Work,
    /// A task waits for a timer.
    Timer,
    /// A task waits for I/O.
    Io,
    /// A task waits for work on the thread pool.
    Pool,
    /// A task waits for another thread.
    Thread,
    /// A timer is due, and the loop has not fired it.
    Late,
    /// A task is in the ready queue.
    Queued,
    /// The trace does not tell what happened.
    Unrecorded,
    /// The time after the last poll that matters: the loop ends, or nothing can run.
    Ending,
}

/// A segment of the critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathSegment {
    /// What it is.
    pub kind: SegmentKind,
    /// The task that works or waits; `None` for a callback, and where no task is known.
    pub task: Option<TaskId>,
    /// When it begins.
    pub from: Moment,
    /// When it ends: the start of the next segment.
    pub to: Moment,
    /// For a wait, its await. For work, the await after which the task continues, or the spawn.
    pub at: LocationId,
    /// The position that shows it: after the start of a poll, or after the end of a wait.
    pub position: Position,
}

impl PathSegment {
    /// Its length.
    pub fn length(&self) -> Span {
        self.to.since(self.from)
    }
}

/// The segments of the critical path, from the start of the run to its end. `None` if they take more
/// than this many bytes.
pub(super) fn walk(graph: &PollGraph, end: Position, room: usize) -> Option<Vec<PathSegment>> {
    let most = room / size_of::<PathSegment>();
    let mut walker = Walker {
        segments: Vec::new(),
        until: graph.end,
    };
    let Some(last) = graph.node(graph.last) else {
        let whole = (SegmentKind::Unrecorded, None, LocationId::UNKNOWN);
        walker.back_to(Moment::START, whole, end);
        return Some(walker.segments);
    };
    let ending = (SegmentKind::Ending, None, LocationId::UNKNOWN);
    walker.back_to(last.end, ending, end);
    let mut index = graph.last;
    while let Some(node) = graph.node(index) {
        walker.poll(graph, node);
        if walker.segments.len() > most {
            return None;
        }
        // A cause is older than its effect, also in a damaged trace.
        if node.cause >= index {
            break;
        }
        index = node.cause;
    }
    let start = (SegmentKind::Unrecorded, None, LocationId::UNKNOWN);
    walker.back_to(Moment::START, start, Position(0));
    walker.segments.reverse();
    Some(walker.segments)
}

/// Adds segments from the end to the start; each ends where the one behind it begins.
struct Walker {
    segments: Vec<PathSegment>,
    until: Moment,
}

impl Walker {
    /// A poll, the time in the ready queue before it, and the wait before that.
    fn poll(&mut self, graph: &PollGraph, node: &PollNode) {
        let (task, at) = (node.task, node.at);
        if node.why == PollCause::Gap {
            let lost = (SegmentKind::Unrecorded, None, LocationId::UNKNOWN);
            self.back_to(Moment::START, lost, node.position);
            return;
        }
        let work = (SegmentKind::Work, task, at);
        self.back_to(node.start, work, node.position);
        self.add_empty(work, node.position);
        let ready = graph
            .node(node.cause)
            .map_or(Moment::START, |cause| cause.end);
        let woken = match node.why {
            PollCause::Poll => ready,
            PollCause::Start
            | PollCause::Timer
            | PollCause::Io
            | PollCause::Pool
            | PollCause::Thread
            | PollCause::Unrecorded
            | PollCause::Gap => node.woken.max(ready),
        };
        let queued = (SegmentKind::Queued, task, LocationId::UNKNOWN);
        self.back_to(woken, queued, node.woken_by);
        if let Some(timer) = graph.timers.get(node.timer as usize) {
            let late = (SegmentKind::Late, task, at);
            self.back_to(timer.due.clamp(ready, woken), late, node.woken_by);
        }
        let wait = match node.why {
            PollCause::Timer => SegmentKind::Timer,
            PollCause::Io => SegmentKind::Io,
            PollCause::Pool => SegmentKind::Pool,
            PollCause::Thread => SegmentKind::Thread,
            PollCause::Start | PollCause::Poll | PollCause::Unrecorded | PollCause::Gap => {
                SegmentKind::Unrecorded
            }
        };
        self.back_to(ready, (wait, task, at), node.woken_by);
    }

    /// Adds the segment from `from` to what was added last, unless it is empty.
    fn back_to(
        &mut self,
        from: Moment,
        (kind, task, at): (SegmentKind, Option<TaskId>, LocationId),
        position: Position,
    ) {
        if from < self.until {
            self.segments.push(PathSegment {
                kind,
                task,
                from,
                to: self.until,
                at,
                position,
            });
            self.until = from;
        }
    }

    /// Adds a poll that takes no time: on the virtual clock most take none, and the path leads
    /// through them.
    fn add_empty(
        &mut self,
        (kind, task, at): (SegmentKind, Option<TaskId>, LocationId),
        position: Position,
    ) {
        let last = self.segments.last();
        if last.is_none_or(|last| last.position != position || last.kind != kind) {
            self.segments.push(PathSegment {
                kind,
                task,
                from: self.until,
                to: self.until,
                at,
                position,
            });
        }
    }
}
