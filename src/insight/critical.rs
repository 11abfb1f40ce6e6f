//! The critical path of a run as a list: which work and which waits, one after the other, made the
//! run as long as it was.
//!
//! ```text
//!   read    events ──> the graph of polls        walk    the graph ──> segments, from the end back
//!   graph   polls, their causes and waits        halved  the graph, run again with a shorter part
//!   tokens  messages and permits that one poll gives and another one takes
//! ```
//!
//! The path begins at the end of the run and goes back. The last poll of the main task ended the
//! run. Before it, its task was in the ready queue, and before that it waited:
//!
//! * for another task, which woke it: the path continues at the end of the poll that did so;
//! * for a timer: the path continues at the end of the poll that set the timer;
//! * for I/O, another thread or the pool: the path continues at the end of the task's own last poll.
//!
//! So each moment of the run is in exactly one segment, and the segments add up to the length of the
//! run. [`Path`](super::Path) has the sums of the same path, without the segments: it is computed for
//! two runs side by side, and needs memory for each task, but not for each poll.

mod graph;
mod halved;
mod read;
mod tokens;
mod walk;

use std::collections::{HashMap, HashSet};

pub use halved::RunPart;
pub use walk::{PathSegment, SegmentKind};

use crate::replay::{Replay, State};
use crate::trace::{Position, Span, TaskId};

use graph::PollGraph;
use halved::{memory_of_a_run, total_with_half};
use read::GraphReader;

/// The most polls of a run whose critical path is looked for.
const MOST_POLLS: u64 = 4_000_000;

/// A task takes as much memory as this many polls, also if it is never polled.
const POLLS_OF_A_TASK: u64 = 4;

/// How many events are read between two looks at the memory that the graph takes.
const STRETCH: u64 = 1 << 16;

/// The most parts for which it is computed what half of them would save.
const HALVED: usize = 5;

/// A part with less than this share of the run is not worth a question: one hundredth.
const SMALL: u64 = 100;

/// The critical path of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CriticalPath {
    /// The length of the run.
    pub total: Span,
    /// From the start of the run to its end, without a hole.
    pub segments: Vec<PathSegment>,
    /// The parts of the run on the path, the longest first.
    pub parts: Vec<PathShare>,
    /// The work that ran while the path was in the ready queue or a timer of it was late, the longest
    /// first.
    pub behind: Vec<PathShare>,
    /// How long the run would take if a part took half as long: for the longest parts of the path
    /// and of the work that held it up.
    pub halved: Vec<HalvedPart>,
    /// Why `halved` is not known.
    pub not_halved: Option<NotHalved>,
    /// Whether the main task has ended. Otherwise the path leads to the last poll.
    pub main_ended: bool,
}

/// What a part of a run contributes to the critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathShare {
    /// The part.
    pub part: RunPart,
    /// The sum of its segments.
    pub time: Span,
    /// How many segments.
    pub segments: usize,
    /// The task of its first segment.
    pub task: Option<TaskId>,
    /// How many tasks its segments have.
    pub tasks: usize,
}

/// The length of the run if a part took half as long, wherever it occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HalvedPart {
    /// The part, with what it contributes to the path or to the time by which the path is held up.
    pub share: PathShare,
    /// The length of the run.
    pub total: Span,
}

/// Why it is not known how long a run with a shorter part would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotHalved {
    /// Polls overlap: the tasks run on several threads.
    Overlap,
    /// The polls, run again as they were recorded, take another time than the run took: something
    /// that is not recorded has a part in it.
    Differs,
    /// The second run of the polls takes more memory than the recording allows.
    Memory,
}

/// Why a run has no critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPath {
    /// It has more polls and tasks than are looked at.
    TooLong {
        /// How many polls it has.
        polls: u64,
        /// How many tasks it has.
        tasks: u64,
    },
    /// The path takes more memory than a recording of this size allows.
    Memory,
}

impl NoPath {
    /// The reason as a sentence without its full stop.
    pub fn words(self) -> String {
        match self {
            NoPath::TooLong { polls, tasks } => format!(
                "the run has {polls} polls and {tasks} tasks: the critical path is looked for in runs of \
                 up to {MOST_POLLS} polls, of which each task counts as {POLLS_OF_A_TASK}"
            ),
            NoPath::Memory => {
                "the critical path of this run takes more memory than a recording of this size allows"
                    .to_owned()
            }
        }
    }
}

/// The critical path of a run.
///
/// # Errors
///
/// If the run has too many polls and tasks.
pub fn critical_path(replay: &Replay) -> Result<CriticalPath, NoPath> {
    let mut reader = PathReader::new(replay)?;
    while !reader.feed_some(replay, STRETCH)? {}
    reader.finish()
}

/// Looks for the critical path of a run, a stretch of its events at a time.
#[derive(Debug)]
pub struct PathReader {
    state: State,
    graph: GraphReader,
    /// How many bytes the graph, and what is computed from it, may take.
    room: usize,
}

impl PathReader {
    /// Begins at the start of a run.
    ///
    /// # Errors
    ///
    /// If the run has too many polls and tasks.
    pub fn new(replay: &Replay) -> Result<PathReader, NoPath> {
        let head = replay.index().head();
        let (polls, tasks) = (head.cursor.polls, head.tasks.len() as u64);
        if polls.saturating_add(tasks.saturating_mul(POLLS_OF_A_TASK)) > MOST_POLLS {
            return Err(NoPath::TooLong { polls, tasks });
        }
        Ok(PathReader {
            state: State::new(),
            graph: GraphReader::new(),
            room: replay.index().room_for_a_reader(),
        })
    }

    /// Reads at most this many events. Returns whether the end of the trace is reached.
    ///
    /// # Errors
    ///
    /// If the polls take more memory than the recording allows. A gap, and a poll that never ends,
    /// take as much as any other poll, but are not among the polls that are counted beforehand.
    pub fn feed_some(&mut self, replay: &Replay, events: u64) -> Result<bool, NoPath> {
        let state = std::mem::take(&mut self.state);
        let until = Position(state.position.0.saturating_add(events));
        let graph = &mut self.graph;
        self.state = replay.each_step(state, until.min(replay.end()), |step| graph.read(step));
        if self.graph.memory() > self.room {
            return Err(NoPath::Memory);
        }
        Ok(self.state.position >= replay.end())
    }

    /// The position up to which the trace was read.
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// The path to the end of what was read, without the lengths of runs with a shorter part.
    ///
    /// # Errors
    ///
    /// If it takes more memory than the recording allows.
    pub fn path(self) -> Result<CriticalPath, NoPath> {
        self.graph_and_path().map(|(_, path, _)| path)
    }

    /// The path to the end of what was read.
    ///
    /// # Errors
    ///
    /// Those of [`PathReader::path`].
    pub fn finish(self) -> Result<CriticalPath, NoPath> {
        let (graph, mut path, room) = self.graph_and_path()?;
        match halve(&graph, &path, room) {
            Ok(halved) => path.halved = halved,
            Err(why) => path.not_halved = Some(why),
        }
        Ok(path)
    }

    /// The graph, the path, and how many bytes are left beside them.
    fn graph_and_path(self) -> Result<(PollGraph, CriticalPath, usize), NoPath> {
        let position = self.state.position;
        let room = self.room.saturating_sub(self.graph.memory());
        let graph = self.graph.finish(&self.state);
        let segments = walk::walk(&graph, position, room).ok_or(NoPath::Memory)?;
        let room = room.saturating_sub(segments.capacity() * size_of::<PathSegment>());
        let path = path_of(&graph, segments);
        Ok((graph, path, room))
    }
}

fn path_of(graph: &PollGraph, segments: Vec<PathSegment>) -> CriticalPath {
    CriticalPath {
        total: graph.end.since(crate::trace::Moment::START),
        parts: shares(&segments),
        behind: if graph.overlaps {
            Vec::new()
        } else {
            behind(graph, &segments)
        },
        segments,
        halved: Vec::new(),
        not_halved: None,
        main_ended: graph.main_ended,
    }
}

/// Sums of parts.
#[derive(Default)]
struct Shares {
    places: HashMap<RunPart, usize>,
    tasks: HashSet<(usize, Option<TaskId>)>,
    found: Vec<PathShare>,
}

impl Shares {
    fn add(&mut self, part: RunPart, task: Option<TaskId>, time: Span) {
        let place = *self.places.entry(part).or_insert(self.found.len());
        if place == self.found.len() {
            self.found.push(PathShare {
                part,
                time: Span::ZERO,
                segments: 0,
                task,
                tasks: 0,
            });
        }
        let share = &mut self.found[place];
        share.time += time;
        share.segments += 1;
        share.tasks += usize::from(self.tasks.insert((place, task)));
    }

    /// The longest first.
    fn sorted(mut self) -> Vec<PathShare> {
        // Stable, so that parts of equal length are in the order of the path.
        self.found
            .sort_by_key(|share| std::cmp::Reverse(share.time));
        self.found
    }
}

/// The parts of the path.
fn shares(segments: &[PathSegment]) -> Vec<PathShare> {
    let mut shares = Shares::default();
    for segment in segments {
        let part = RunPart::of(segment.kind, segment.at, segment.task);
        shares.add(part, segment.task, segment.length());
    }
    shares.sorted()
}

/// The polls that ran while the path was in the ready queue or a timer of it was late.
fn behind(graph: &PollGraph, segments: &[PathSegment]) -> Vec<PathShare> {
    let mut shares = Shares::default();
    let held = segments
        .iter()
        .filter(|segment| matches!(segment.kind, SegmentKind::Queued | SegmentKind::Late));
    // Both lists are in the order of time, so that one pass over the polls finds all.
    let mut first = 0;
    for segment in held {
        while graph
            .nodes
            .get(first)
            .is_some_and(|node| node.end <= segment.from)
        {
            first += 1;
        }
        let polls = graph.nodes[first.min(graph.nodes.len())..].iter();
        for node in polls.take_while(|node| node.start < segment.to) {
            let (from, to) = (node.start.max(segment.from), node.end.min(segment.to));
            if from < to {
                let part = RunPart::of(SegmentKind::Work, node.at, node.task);
                shares.add(part, node.task, to.since(from));
            }
        }
    }
    shares.sorted()
}

/// What half of the longest parts would save, in at most this many bytes.
fn halve(
    graph: &PollGraph,
    path: &CriticalPath,
    room: usize,
) -> Result<Vec<HalvedPart>, NotHalved> {
    if graph.overlaps {
        return Err(NotHalved::Overlap);
    }
    if memory_of_a_run(graph) > room {
        return Err(NotHalved::Memory);
    }
    let as_recorded = total_with_half(graph, None);
    let off = as_recorded.nanos().abs_diff(path.total.nanos());
    if off > path.total.nanos() / 20 + 1_000 {
        return Err(NotHalved::Differs);
    }
    let mut worth = path.parts.clone();
    for share in &path.behind {
        match worth.iter_mut().find(|known| known.part == share.part) {
            Some(known) => known.time += share.time,
            None => worth.push(*share),
        }
    }
    worth.retain(|share| {
        share.part.can_be_halved() && share.time.nanos() > path.total.nanos() / SMALL
    });
    worth.sort_by_key(|share| std::cmp::Reverse(share.time));
    let halved = worth.into_iter().take(HALVED).map(|share| {
        let with_half = total_with_half(graph, Some(share.part));
        let saved = as_recorded.nanos().saturating_sub(with_half.nanos());
        HalvedPart {
            share,
            total: Span(path.total.nanos().saturating_sub(saved)),
        }
    });
    Ok(halved.collect())
}
