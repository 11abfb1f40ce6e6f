//! How long a run would take if one part of it took half as long.
//!
//! The polls of the graph are run again on a clock of their own, by the rules of the loop:
//!
//! 1. A poll becomes ready when its cause has ended and its wait is over, and when the last poll of
//!    its task and all that it needs have ended.
//! 2. One poll runs at a time; of those that are ready, the one that has been so for the longest.
//! 3. A poll takes as long as it did, a wait as long as it did. Those of the changed part take half
//!    as long.
//! 4. On a real clock, a poll begins some time after it could: the loop and the operating system
//!    take that time again.
//!
//! What this cannot know is a decision that the program would have taken otherwise: another branch
//! of a select, a retry that is not needed. So the answer holds as long as the program does the
//! same things in another time.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::trace::{LocationId, Moment, Span, TaskId};

use super::graph::{NONE, PollCause, PollGraph, PollNode};
use super::walk::SegmentKind;

/// A part of a run: all work or all waits of a kind at a place; or of a task, if the place is
/// unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct RunPart {
    /// What it is.
    pub kind: SegmentKind,
    /// The place; [`LocationId::UNKNOWN`] if it is not known, and for time in the ready queue.
    pub at: LocationId,
    /// The task, if the place is unknown.
    pub task: Option<TaskId>,
}

impl RunPart {
    /// The part to which work or a wait belongs.
    pub(super) fn of(kind: SegmentKind, at: LocationId, task: Option<TaskId>) -> RunPart {
        let by_task = at == LocationId::UNKNOWN && kind != SegmentKind::Queued;
        RunPart {
            kind,
            at,
            task: task.filter(|_| by_task),
        }
    }

    /// Whether it is something that could take less time by itself. The time in the ready queue
    /// depends on other work.
    pub(super) fn can_be_halved(&self) -> bool {
        match self.kind {
            SegmentKind::Work
            | SegmentKind::Timer
            | SegmentKind::Io
            | SegmentKind::Pool
            | SegmentKind::Thread => true,
            SegmentKind::Late
            | SegmentKind::Queued
            | SegmentKind::Unrecorded
            | SegmentKind::Ending => false,
        }
    }
}

/// The length of the run if this part took half as long; with `None`, as long as it did.
pub(super) fn total_with_half(graph: &PollGraph, part: Option<RunPart>) -> Span {
    let mut again = SecondRun::new(graph, part);
    again.run();
    let end = again.ends.get(graph.last as usize).copied().unwrap_or(0);
    let recorded = graph
        .node(graph.last)
        .map_or(Moment::START, |last| last.end);
    Span(end) + graph.end.since(recorded)
}

/// About how many bytes [`total_with_half`] takes: six numbers of 32 bits for each poll, three of 64, and an
/// entry of the queue.
pub(super) fn memory_of_a_run(graph: &PollGraph) -> usize {
    graph.nodes.len() * 64 + graph.needs.len() * size_of::<u32>()
}

/// The polls of a graph, run again.
struct SecondRun<'a> {
    graph: &'a PollGraph,
    half: Option<RunPart>,
    /// How many of its edges each poll still waits for.
    missing: Vec<u32>,
    /// When each poll is ready, as far as its edges are known.
    ready: Vec<u64>,
    /// When each poll begins.
    starts: Vec<u64>,
    /// When each poll ends; 0 while it has not run.
    ends: Vec<u64>,
    /// The polls that depend on each poll: where its list begins in `dependents`.
    first: Vec<u32>,
    dependents: Vec<u32>,
    queue: BinaryHeap<Reverse<(u64, u32)>>,
}

impl<'a> SecondRun<'a> {
    fn new(graph: &'a PollGraph, half: Option<RunPart>) -> SecondRun<'a> {
        let count = graph.nodes.len();
        let mut missing = vec![0_u32; count];
        let mut first = vec![0_u32; count + 2];
        each_edge(graph, |node, other| {
            missing[node as usize] += 1;
            first[other as usize + 2] += 1;
        });
        for at in 2..first.len() {
            first[at] += first[at - 1];
        }
        // A second pass moves `first[n + 1]` from the start of list `n` to its end, which is the start
        // of the next list.
        let mut dependents = vec![0_u32; first.last().copied().unwrap_or(0) as usize];
        each_edge(graph, |node, other| {
            let place = &mut first[other as usize + 1];
            dependents[*place as usize] = node;
            *place += 1;
        });
        SecondRun {
            graph,
            half,
            missing,
            ready: vec![0; count],
            starts: vec![0; count],
            ends: vec![0; count],
            first,
            dependents,
            queue: BinaryHeap::new(),
        }
    }

    fn run(&mut self) {
        for (index, node) in (0..).zip(&self.graph.nodes) {
            if self.missing[index as usize] == 0 {
                let ready = self.ready_by_itself(node);
                self.queue.push(Reverse((ready, index)));
            }
        }
        let mut free = 0;
        while let Some(Reverse((ready, index))) = self.queue.pop() {
            let node = &self.graph.nodes[index as usize];
            let start = ready.max(free) + self.delay(index);
            let took = self.scaled(SegmentKind::Work, node, node.end.since(node.start).nanos());
            self.starts[index as usize] = start;
            self.ends[index as usize] = start + took;
            free = start + took;
            if index == self.graph.last {
                return;
            }
            let list = self.first[index as usize]..self.first[index as usize + 1];
            for place in list {
                let next = self.dependents[place as usize];
                self.ready[next as usize] = self.ready[next as usize].max(free);
                self.missing[next as usize] -= 1;
                if self.missing[next as usize] == 0 {
                    let node = &self.graph.nodes[next as usize];
                    let ready = self.ready_by_itself(node).max(self.ready[next as usize]);
                    self.queue.push(Reverse((ready, next)));
                }
            }
        }
    }

    /// When the wait of a poll is over, if nothing but its cause held it up.
    fn ready_by_itself(&self, node: &PollNode) -> u64 {
        let Some(cause) = self.graph.node(node.cause) else {
            return node.woken.0;
        };
        let (start, end) = (
            self.starts[node.cause as usize],
            self.ends[node.cause as usize],
        );
        let kind = match node.why {
            PollCause::Timer => SegmentKind::Timer,
            PollCause::Io => SegmentKind::Io,
            PollCause::Pool => SegmentKind::Pool,
            PollCause::Thread => SegmentKind::Thread,
            PollCause::Unrecorded => SegmentKind::Unrecorded,
            PollCause::Start | PollCause::Poll | PollCause::Gap => return end,
        };
        let Some(timer) = self.graph.timers.get(node.timer as usize) else {
            return end + self.scaled(kind, node, node.woken.since(cause.end).nanos());
        };
        // The timer runs from the moment in the poll at which it was set.
        let before = timer.set_at.since(cause.start).nanos();
        let before = self.scaled(SegmentKind::Work, cause, before);
        let wait = timer.due.since(timer.set_at).nanos();
        end.max(start + before + self.scaled(kind, node, wait))
    }

    /// How long a poll was ready, and nothing else was polled, before it began.
    fn delay(&self, index: u32) -> u64 {
        let graph = self.graph;
        let node = &graph.nodes[index as usize];
        let cause = graph.node(node.cause).map(|cause| cause.end);
        let ready = match (node.why, graph.timers.get(node.timer as usize)) {
            (PollCause::Poll, _) => cause,
            (_, Some(timer)) => cause.map(|end| end.max(timer.due)),
            (_, None) => None,
        };
        let ready = ready.unwrap_or(node.woken);
        let free = index.checked_sub(1).and_then(|before| graph.node(before));
        let free = free.map_or(Moment::START, |before| before.end);
        node.start.since(ready.max(free)).nanos()
    }

    /// A time of a poll or of the wait before it, or half of it.
    fn scaled(&self, kind: SegmentKind, node: &PollNode, time: u64) -> u64 {
        let part = RunPart::of(kind, node.at, node.task);
        if self.half == Some(part) {
            time / 2
        } else {
            time
        }
    }
}

/// Calls `each` with every poll and each poll that has to end before it.
fn each_edge(graph: &PollGraph, mut each: impl FnMut(u32, u32)) {
    for (index, node) in (0..).zip(&graph.nodes) {
        for other in [node.cause, node.before] {
            // A damaged trace may have a cause that is not older.
            if other != NONE && other < index {
                each(index, other);
            }
        }
    }
    for (node, other) in &graph.needs {
        each(*node, *other);
    }
}
