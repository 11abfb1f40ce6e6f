//! Where in the source a task is: the chain of functions that await each other, and the line that
//! was executed last.
//!
//! A trace knows two places of a task: the line that spawned it and the `.await` at which it
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

use crate::replay::{Replay, Status};
use crate::trace::{
    Event, LocationId, PollOutcome, Position, ResourceEvent, TaskEvent, TaskId, Wait,
};

use super::{
    await_graph::{AwaitGraph, AwaitPath, CodePlace, LinkKind, TaskEntry},
    rust_code::TokenKind,
};

/// The most events that are read to count waits, or to find the line that was executed last. A
/// frame of the screen has time for that many.
const MANY: u32 = 20_000;

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

fn chain(replay: &Replay, graph: &AwaitGraph<'_>, task: TaskId) -> AwaitChain {
    let Some(row) = replay.state().tasks.get(task) else {
        return AwaitChain::default();
    };
    let entries = entries(replay, graph, task);
    let Some(to) = place_of(replay, graph, row.wait_at) else {
        let unknown = row.wait_at != LocationId::UNKNOWN;
        let frames = entries.first().map(|entry| head_of(graph, entry));
        return AwaitChain {
            frames: frames.into_iter().collect(),
            known: entries.len() == 1 && !unknown,
        };
    };
    for by in [LinkKind::Await, LinkKind::Call] {
        let paths: Vec<AwaitPath> = entries
            .iter()
            .flat_map(|entry| graph.paths(entry, to, by))
            .collect();
        if let Some((path, certain)) = choose(replay, graph, task, &paths) {
            return AwaitChain {
                frames: frames_of(graph, &path),
                known: certain && by == LinkKind::Await && entries.len() == 1,
            };
        }
    }
    // No path is found: the function at the beginning and the await are all that is known.
    let mut frames: Vec<AwaitFrame> = entries
        .first()
        .map(|entry| head_of(graph, entry))
        .into_iter()
        .collect();
    frames.extend(frames_of(graph, &[to]));
    AwaitChain {
        frames,
        known: false,
    }
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
fn entries(replay: &Replay, graph: &AwaitGraph<'_>, task: TaskId) -> Vec<TaskEntry> {
    let tables = replay.tables();
    let variant = &replay.log().meta.variant;
    if task == TaskId(0) && !variant.is_empty() {
        let main = graph.named(variant).into_iter().next();
        if let Some(main) = main {
            return vec![graph.whole(main)];
        }
    }
    let Some(info) = tables.task(task) else {
        return Vec::new();
    };
    let started = tables.location(info.at).and_then(|at| {
        let file = graph.file(tables.text(at.file))?;
        let token = graph.files[file].token_at(at.line, at.column)?;
        Some(graph.started_by(file, token))
    });
    let started = started.unwrap_or_default();
    // A task without a name of its own has the name of its function.
    let named = graph.named(tables.task_name(task));
    match (started.as_slice(), named.as_slice()) {
        ([], [only]) => vec![graph.whole(*only)],
        (several, _) => {
            let of_name = several
                .iter()
                .find(|entry| several.len() > 1 && named.contains(&entry.function));
            of_name.map_or_else(|| started.clone(), |entry| vec![entry.clone()])
        }
    }
}

/// The token at a location of the trace, with its function.
fn place_of(replay: &Replay, graph: &AwaitGraph<'_>, at: LocationId) -> Option<CodePlace> {
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
        function: super::await_graph::FunctionId { file, number },
        token,
    })
}

fn frames_of(graph: &AwaitGraph<'_>, path: &[CodePlace]) -> Vec<AwaitFrame> {
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
fn head_of(graph: &AwaitGraph<'_>, entry: &TaskEntry) -> AwaitFrame {
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

/// The line at which a task begins; `None` if the trace does not contain it, or if it is uncertain.
pub fn first_line(replay: &Replay, task: TaskId) -> Option<AwaitFrame> {
    let graph = AwaitGraph::new(&replay.log().meta);
    let entries = entries(replay, &graph, task);
    let [entry] = entries.as_slice() else {
        return None;
    };
    Some(head_of(&graph, entry))
}

/// The last line of the function of a task: its end, if it completes. `None` if the trace does not
/// contain it, or if it is uncertain.
pub fn last_line(replay: &Replay, task: TaskId) -> Option<AwaitFrame> {
    end_of(replay, &AwaitGraph::new(&replay.log().meta), task)
}

fn end_of(replay: &Replay, graph: &AwaitGraph<'_>, task: TaskId) -> Option<AwaitFrame> {
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

/// A line of the source that a task has executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedLine {
    /// The name of the source file, as the trace contains it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The task that executed it.
    pub task: TaskId,
    /// Whether the line is certain. Otherwise it is a guess, or only the function is certain.
    pub known: bool,
}

/// The line that was executed last before the position of the replay: a spawn, an output, an await,
/// the creation of a resource, the end of a function. `None` if the trace does not contain the
/// source.
///
/// Most events have no location. The line of the last event that has one is then still the line
/// that was executed last, as far as the trace tells.
pub fn current_line(replay: &Replay) -> Option<ExecutedLine> {
    let graph = AwaitGraph::new(&replay.log().meta);
    let here = replay.position();
    // Most often one of the last few events has a location.
    let mut until = here;
    let mut length = 32;
    while until > Position(0) && here.0 - until.0 < MANY {
        let from = Position(until.0.saturating_sub(length));
        if let Some(line) = last_line_in(replay, &graph, from, until) {
            return Some(line);
        }
        until = from;
        length *= 4;
    }
    // Nothing has run yet, or too long ago.
    let main = TaskId(0);
    let entries = entries(replay, &graph, main);
    let head = head_of(&graph, entries.first()?);
    Some(ExecutedLine {
        file: head.file,
        line: head.line,
        task: main,
        known: entries.len() == 1,
    })
}

/// The line of the last event in a stretch that has one.
fn last_line_in(
    replay: &Replay,
    graph: &AwaitGraph<'_>,
    from: Position,
    until: Position,
) -> Option<ExecutedLine> {
    let mut last: Option<ExecutedLine> = None;
    let mut steps = replay.steps(from..until);
    while let Some(step) = steps.next_step() {
        let running = step.before.running.task();
        let line_at = |task: Option<TaskId>, at: LocationId| {
            let frame = frames_of(graph, &[place_of(replay, graph, at)?]).pop()?;
            Some(executed(frame, task?, true))
        };
        let found = match step.event {
            Event::Task(TaskEvent::Spawn { at, parent, .. }) => line_at(parent, at),
            Event::Task(TaskEvent::Wait { task, at, .. }) => line_at(Some(task), at),
            Event::Resource(ResourceEvent::Created { at, .. }) => line_at(running, at),
            Event::Task(TaskEvent::PollStart { task }) => {
                let row = step.before.tasks.get(task);
                let at = row.map_or(LocationId::UNKNOWN, |row| row.wait_at);
                line_at(Some(task), at).or_else(|| {
                    let entries = entries(replay, graph, task);
                    let head = head_of(graph, entries.first()?);
                    Some(executed(head, task, entries.len() == 1))
                })
            }
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => match outcome {
                PollOutcome::Ready => {
                    end_of(replay, graph, task).map(|frame| executed(frame, task, true))
                }
                PollOutcome::Pending
                | PollOutcome::Panicked
                | PollOutcome::Failed
                | PollOutcome::Cancelled => {
                    let row = step.before.tasks.get(task);
                    row.and_then(|row| line_at(Some(task), row.wait_at))
                }
            },
            Event::Output { text } => running.and_then(|task| {
                let printed = replay.tables().text(text);
                let after = last.as_ref().filter(|line| line.task == task);
                print_line(replay, graph, task, printed, after)
            }),
            Event::Loop(_)
            | Event::Task(
                TaskEvent::Wake { .. }
                | TaskEvent::Failed { .. }
                | TaskEvent::CancelRequested { .. }
                | TaskEvent::CancelDelivered { .. },
            )
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Gap { .. } => None,
        };
        last = found.or(last);
    }
    last
}

fn executed(frame: AwaitFrame, task: TaskId, known: bool) -> ExecutedLine {
    ExecutedLine {
        file: frame.file,
        line: frame.line,
        task,
        known,
    }
}

/// The line with the `println!` that a task has executed, found by what it printed.
///
/// The literal parts of a format string must occur in the text in their order. Of several such
/// lines the one with the longest literal parts is taken, and of those the next one after the line
/// that the task has executed before.
fn print_line(
    replay: &Replay,
    graph: &AwaitGraph<'_>,
    task: TaskId,
    printed: &str,
    after: Option<&ExecutedLine>,
) -> Option<ExecutedLine> {
    let mut best: Vec<(usize, AwaitFrame)> = Vec::new();
    for (file, code) in graph.files.iter().enumerate() {
        for at in 0..code.tokens.len().saturating_sub(3) {
            let [word, mark, open, text] = &code.tokens[at..at + 4] else {
                continue;
            };
            let prints = ["println", "print", "eprintln", "eprint"];
            let is_print = prints.iter().any(|name| word.is_word(name))
                && mark.is("!")
                && open.is("(")
                && text.kind == TokenKind::Literal;
            let Some(length) = fits(text.text, printed).filter(|_| is_print) else {
                continue;
            };
            let Some(number) = code.function_of(at) else {
                continue;
            };
            let function = super::await_graph::FunctionId { file, number };
            let frames = frames_of(
                graph,
                &[CodePlace {
                    function,
                    token: at,
                }],
            );
            best.extend(frames.into_iter().map(|frame| (length, frame)));
        }
    }
    let longest = best.iter().map(|(length, _)| *length).max()?;
    best.retain(|(length, _)| *length == longest);
    let chain = chain(replay, graph, task);
    let of_task = |frame: &AwaitFrame| {
        let mut frames = chain.frames.iter();
        frames.any(|other| other.function == frame.function && other.file == frame.file)
    };
    if best.iter().any(|(_, frame)| of_task(frame)) {
        best.retain(|(_, frame)| of_task(frame));
    }
    let known = best.len() == 1;
    let next = best.iter().find(|(_, frame)| {
        after.is_some_and(|after| after.file == frame.file && after.line < frame.line)
    });
    let (_, frame) = next.or(best.first())?.clone();
    Some(executed(frame, task, known))
}

/// Whether a text may be what a format string prints; then the length of its literal parts.
fn fits(format: &str, printed: &str) -> Option<usize> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => {
                chars.next();
                parts.last_mut()?.push(c);
            }
            '{' => {
                let _ = chars.by_ref().find(|c| *c == '}');
                parts.push(String::new());
            }
            '\\' => match chars.next()? {
                '"' => parts.last_mut()?.push('"'),
                '\\' => parts.last_mut()?.push('\\'),
                // Any other escape is a character that a line of output does not show.
                _ => parts.push(String::new()),
            },
            c => parts.last_mut()?.push(c),
        }
    }
    let length = parts.iter().map(String::len).sum();
    let (first, others) = parts.split_first()?;
    let mut rest = printed.strip_prefix(first.as_str())?;
    let Some((last, middle)) = others.split_last() else {
        return rest.is_empty().then_some(length);
    };
    for part in middle {
        let at = rest.find(part.as_str())?;
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str()).then_some(length)
}
