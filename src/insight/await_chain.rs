//! Where in the source a task is: the chain of functions that await each other.
//!
//! The trace of an adapter contains the chain. Any other trace knows two places of a task: the line that spawned it and the `.await` at which it
//! suspends. The functions between the two are not recorded. They follow from the source that the
//! trace contains, in three steps:
//!
//! 1. **The beginning.** The main task begins with the function that has the name of the variant.
//!    Any other task begins with the function whose call is the argument of its spawn.
//! 2. **The paths.** [`await_graph`](super::await_graph) lists the ways from that function to the
//!    await: `sequential` awaits `say_after` in lines 20 and 21, so there are two.
//! 3. **The choice.** If there is one path, the chain is known. If there are several, the task takes
//!    them in the order of the source, unless loops or branches are involved. The number of waits
//!    that began at the await then tells which path it is on. In all other cases the chain is a
//!    guess.

use std::collections::HashMap;

use crate::replay::{Replay, Status};
use crate::trace::{Event, Frame, LocationId, PollOutcome, TaskEvent, TaskId, TextId, Wait};

use super::await_graph::{AwaitGraph, AwaitPath, CodePlace, FunctionId, LinkKind, TaskEntry};

/// The most events that are read to count waits: a frame of the screen has time for that many.
const MANY: u64 = 20_000;

/// A function of a task that waits: the next function, or the wait itself, is at `line`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitFrame {
    /// The name of the function.
    pub function: String,
    /// The name of the source file, as the trace contains it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// The functions that a task is in, from its own async function to the await that suspends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwaitChain {
    /// The frames, outermost first. Empty if the trace does not contain the source.
    pub frames: Vec<AwaitFrame>,
    /// Whether the source and the trace leave only this chain. Otherwise it is a guess, and what
    /// shows it has to say so.
    pub known: bool,
}

/// The chain of functions of a task at the position of the replay. Of a task that is polled or has
/// ended, the chain at its last await; of a task that has not waited yet, the line at which its
/// function begins.
pub fn await_chain(replay: &Replay, task: TaskId) -> AwaitChain {
    chain(replay, &AwaitGraph::new(&replay.log().meta), task)
}

pub(super) fn chain(replay: &Replay, graph: &AwaitGraph<'_>, task: TaskId) -> AwaitChain {
    let Some(row) = replay.state().tasks.get(task) else {
        return AwaitChain::default();
    };
    if let Some(frames) = recorded(replay, row.wait_at) {
        return AwaitChain {
            frames,
            known: true,
        };
    }
    let entries = entries(replay, graph, task);
    let Some(to) = place_of(replay, graph, row.wait_at) else {
        let elsewhere = row.wait_at != LocationId::UNKNOWN;
        let frames = beginning(replay, graph, task, &entries);
        return AwaitChain {
            frames: frames.into_iter().collect(),
            known: entries.len() == 1 && !elsewhere,
        };
    };
    for by in [LinkKind::Await, LinkKind::Call] {
        // Of several functions with which the task may begin, only one may lead to the await.
        let mut leading = entries
            .iter()
            .map(|entry| graph.paths(entry, to, by))
            .filter(|paths| !paths.is_empty());
        let (first, others) = (leading.next().unwrap_or_default(), leading.next());
        if let Some((path, certain)) = choose(replay, graph, task, &first) {
            return AwaitChain {
                frames: frames_of(graph, &path),
                known: certain && by == LinkKind::Await && others.is_none(),
            };
        }
    }
    // No path is found: the function at the beginning and the await are all that is known.
    let beginning = beginning(replay, graph, task, &entries);
    let mut frames: Vec<AwaitFrame> = beginning.into_iter().collect();
    frames.extend(frames_of(graph, &[to]));
    AwaitChain {
        frames,
        known: false,
    }
}

/// The chain that the trace contains for a location.
fn recorded(replay: &Replay, at: LocationId) -> Option<Vec<AwaitFrame>> {
    let tables = replay.tables();
    let frame = |(at, frame): (LocationId, Frame)| {
        let location = tables.location(at)?;
        Some(AwaitFrame {
            function: tables.text(frame.function).to_owned(),
            file: tables.text(location.file).to_owned(),
            line: location.line,
        })
    };
    let mut frames: Vec<AwaitFrame> = tables.await_frames(at).filter_map(frame).collect();
    frames.reverse();
    (!frames.is_empty()).then_some(frames)
}

/// Where a task begins, as far as that is known: the first line of its function, or else the line
/// that spawned it.
fn beginning(
    replay: &Replay,
    graph: &AwaitGraph<'_>,
    task: TaskId,
    entries: &[TaskEntry],
) -> Option<AwaitFrame> {
    if let Some(entry) = entries.first() {
        return Some(head_of(graph, entry));
    }
    let spawned = replay.tables().task(task)?.at;
    frames_of(graph, &[place_of(replay, graph, spawned)?]).pop()
}

/// The path that the task is on, and whether that is certain.
fn choose(
    replay: &Replay,
    graph: &AwaitGraph<'_>,
    task: TaskId,
    paths: &[AwaitPath],
) -> Option<(AwaitPath, bool)> {
    let first = paths.first()?;
    if paths.len() == 1 {
        return Some((first.clone(), true));
    }
    let straight = paths
        .iter()
        .flatten()
        .all(|place| !graph.is_conditional(*place));
    let begun = waits_begun(replay, task);
    // Each call of the function at the end of the path has suspended once at its await. Only a sleep
    // of no time does not suspend, so a parameter of 0 makes the number uncertain.
    let is_zero = |(_, value): &(String, String)| value.parse() == Ok(0.0);
    let suspends = !replay.log().meta.params.iter().any(is_zero);
    let number = begun.unwrap_or(1).saturating_sub(1);
    let certain = straight && suspends && begun.is_some() && number < paths.len();
    let path = paths.get(number).or(paths.last())?;
    Some((path.clone(), certain))
}

/// How many sleeps of a task have begun at the await where it sleeps now; `None` if it does not
/// sleep, or if too many events would have to be read. Other waits cannot be counted, because they
/// may end without suspending the task.
fn waits_begun(replay: &Replay, task: TaskId) -> Option<usize> {
    let row = replay.state().tasks.get(task)?;
    let spawned = replay.tables().task(task)?.spawned;
    let here = replay.position();
    if !matches!(row.wait, Wait::Timer(_)) || here.0.saturating_sub(spawned.0) > MANY {
        return None;
    }
    let mut begun = 0;
    let mut last = None;
    let mut steps = replay.steps(spawned..here);
    while let Some(step) = steps.next_step() {
        let ends = matches!(step.event, Event::Task(TaskEvent::PollEnd { task: it, outcome: PollOutcome::Pending, .. }) if it == task);
        let Some(then) = step.before.tasks.get(task).filter(|_| ends) else {
            continue;
        };
        if let Wait::Timer(timer) = then.wait
            && then.wait_at == row.wait_at
        {
            let set = step.before.timer(timer).map(|timer| timer.set);
            begun += usize::from(set != last);
            last = set;
        }
    }
    // The poll in which the task begins to wait may not have ended yet.
    let waits = matches!(row.status(), Status::Running)
        && matches!(row.wait, Wait::Timer(timer) if replay.state().timer(timer).map(|timer| timer.set) != last);
    Some(begun + usize::from(waits))
}

/// The functions with which a task may begin: one if that is certain.
pub(super) fn entries(replay: &Replay, graph: &AwaitGraph<'_>, task: TaskId) -> Vec<TaskEntry> {
    let tables = replay.tables();
    let variant = &replay.log().meta.variant;
    if task == TaskId(0) && !variant.is_empty() {
        let main = graph.named(variant).first();
        if let Some(main) = main {
            return vec![graph.whole(*main)];
        }
    }
    let Some(info) = tables.task(task) else {
        return Vec::new();
    };
    let started = tables.location(info.at).and_then(|at| {
        let file = graph.file(tables.text(at.file))?;
        let token = graph.spawn_at(file, at.line, at.column)?;
        Some(graph.started_by(file, token))
    });
    let started = started.unwrap_or_default();
    if started.len() == 1 {
        return started;
    }
    // A task without a name of its own has the name of its async function.
    let named = graph.named(tables.task_name(task)).iter().copied();
    let of_name: Vec<TaskEntry> = named
        .filter(|id| graph.function(*id).is_async)
        .map(|id| graph.whole(id))
        .collect();
    match (of_name.as_slice(), started.as_slice()) {
        ([only], []) => vec![only.clone()],
        ([only], several) if several.contains(only) => vec![only.clone()],
        _ => started,
    }
}

/// The token at a location of the trace, with its function.
pub(super) fn place_of(
    replay: &Replay,
    graph: &AwaitGraph<'_>,
    at: LocationId,
) -> Option<CodePlace> {
    let location = replay.tables().location(at)?;
    let file = graph.file(replay.tables().text(location.file))?;
    let code = &graph.files[file];
    let token = code.token_at(location.line, location.column).or_else(|| {
        code.tokens
            .iter()
            .position(|token| token.line == location.line)
    })?;
    let number = code.function_of(token)?;
    Some(CodePlace {
        function: FunctionId { file, number },
        token,
    })
}

pub(super) fn frames_of(graph: &AwaitGraph<'_>, path: &[CodePlace]) -> Vec<AwaitFrame> {
    let frame = |place: &CodePlace| {
        let code = &graph.files[place.function.file];
        AwaitFrame {
            function: graph.function(place.function).name.to_owned(),
            file: code.file.to_owned(),
            line: code.tokens[place.token].line,
        }
    };
    path.iter().map(frame).collect()
}

/// The line at which a task begins.
pub(super) fn head_of(graph: &AwaitGraph<'_>, entry: &TaskEntry) -> AwaitFrame {
    let code = &graph.files[entry.function.file];
    let function = graph.function(entry.function);
    let line = if entry.within == function.body {
        function.line
    } else {
        // An `async` block: the line of its brace.
        let brace = entry.within.start.saturating_sub(1);
        code.token(brace).map_or(function.line, |token| token.line)
    };
    AwaitFrame {
        function: function.name.to_owned(),
        file: code.file.to_owned(),
        line,
    }
}

/// The ends of the functions of tasks. Most tasks of a program are spawned at a few places, so the
/// answer for each place and name is kept.
pub(super) struct TaskEnds<'a> {
    replay: &'a Replay,
    /// Made when the first answer is asked for.
    graph: Option<AwaitGraph<'a>>,
    known: HashMap<(LocationId, TextId), Option<AwaitFrame>>,
}

impl<'a> TaskEnds<'a> {
    pub(super) fn new(replay: &'a Replay) -> TaskEnds<'a> {
        TaskEnds {
            replay,
            graph: None,
            known: HashMap::new(),
        }
    }

    /// The last line of the function of a task: its end, if it completes. `None` if the trace does
    /// not contain it, or if it is uncertain.
    pub(super) fn last_line(&mut self, task: TaskId) -> Option<AwaitFrame> {
        let info = self.replay.tables().task(task)?;
        let place = (info.at, info.name);
        if let Some(known) = self.known.get(&place) {
            return known.clone();
        }
        let meta = &self.replay.log().meta;
        let graph = self.graph.get_or_insert_with(|| AwaitGraph::new(meta));
        let end = end_of(self.replay, graph, task);
        self.known.insert(place, end.clone());
        end
    }
}

/// The last line of the function of a task; `None` if it is uncertain.
pub(super) fn end_of(replay: &Replay, graph: &AwaitGraph<'_>, task: TaskId) -> Option<AwaitFrame> {
    let entries = entries(replay, graph, task);
    let [entry] = entries.as_slice() else {
        return None;
    };
    let code = &graph.files[entry.function.file];
    Some(AwaitFrame {
        function: graph.function(entry.function).name.to_owned(),
        file: code.file.to_owned(),
        line: code.token(entry.within.end)?.line,
    })
}
