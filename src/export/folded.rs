//! Folded stacks of the await tree, the input of flame graphs.
//!
//! Each line is `FRAME;FRAME;… NUMBER`, as Brendan Gregg's `flamegraph.pl`, inferno and speedscope
//! read it. A stack shows what the program waits for, from the outside in. It begins with a task
//! that no task joins. The next frame is the `.await` at which this task is suspended. If that is
//! the join of another task, the other task and its `.await` follow, and so on:
//!
//! ```text
//!   main;join src/main.rs:8:5;hello;timer src/main.rs:3:5 2000000
//! ```
//!
//! A task that does not wait ends with a frame of its own: `(running)` or `(ready)`.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
};

use crate::jsonl::location_text;
use crate::replay::{Replay, State, Status, TaskState};
use crate::trace::{Event, Moment, Position, TaskEvent, TaskId, Wait};

use super::slice_name;

/// What the numbers of folded stacks count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum Weight {
    /// Microseconds that were spent in this stack.
    #[default]
    Time,
    /// Polls that ended in this stack.
    Polls,
}

/// The most frames of a stack: tasks that wait for each other in a circle have no outermost one.
const MAX_FRAMES: usize = 64;

/// Writes the stacks, sorted.
pub fn folded(replay: &Replay, weight: Weight, mut to: impl Write) -> io::Result<()> {
    let mut folder = StackFolder {
        replay,
        joined_by: HashMap::new(),
        stacks: BTreeMap::new(),
    };
    let mut steps = replay.steps(Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        let Event::Task(event) = step.event else {
            continue;
        };
        if weight == Weight::Time {
            folder.add_time(step.before, event, step.at());
        }
        folder.note_join(event);
        if let (TaskEvent::PollEnd { task, .. }, Weight::Polls) = (event, weight) {
            folder.add(steps.state(), task, 1);
        }
    }
    if weight == Weight::Time {
        folder.add_rest(&steps.into_state());
    }
    for (stack, number) in &folder.stacks {
        let number = match weight {
            Weight::Time => number / 1000,
            Weight::Polls => *number,
        };
        if number > 0 {
            writeln!(to, "{stack} {number}")?;
        }
    }
    to.flush()
}

struct StackFolder<'a> {
    replay: &'a Replay,
    /// For each task that was joined: the task that joined it last.
    joined_by: HashMap<TaskId, TaskId>,
    stacks: BTreeMap<String, u64>,
}

impl StackFolder<'_> {
    /// Adds the time since the last change of a task, if the event changes what the task does.
    fn add_time(&mut self, before: &State, event: TaskEvent, at: Moment) {
        let (task, is_wake) = match event {
            TaskEvent::PollStart { task } | TaskEvent::PollEnd { task, .. } => (task, false),
            TaskEvent::Wake { task, .. } => (task, true),
            TaskEvent::Spawn { .. }
            | TaskEvent::Wait { .. }
            | TaskEvent::Joined { .. }
            | TaskEvent::Failed { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. } => return,
        };
        let Some(row) = before.tasks.get(task) else {
            return;
        };
        // A wake changes only a task that waits: one that is running keeps running.
        let waits = matches!(row.status(), Status::Timer | Status::Pending);
        if waits || !is_wake {
            self.add(before, task, at.since(row.since).nanos());
        }
    }

    /// Adds the time of each unfinished task up to the end of the recording.
    fn add_rest(&mut self, end: &State) {
        for (task, row) in end.tasks.unfinished() {
            self.add(end, task, end.now().since(row.since).nanos());
        }
    }

    fn add(&mut self, state: &State, task: TaskId, number: u64) {
        if number > 0
            && let Some(stack) = self.stack(state, task)
        {
            *self.stacks.entry(stack).or_default() += number;
        }
    }

    fn note_join(&mut self, event: TaskEvent) {
        if let TaskEvent::Wait {
            task,
            on: Wait::Join(joined),
            ..
        } = event
        {
            self.joined_by.insert(joined, task);
        }
    }

    /// The task that is suspended in a join of this one.
    fn waiter(&self, state: &State, task: TaskId) -> Option<TaskId> {
        let waiter = *self.joined_by.get(&task)?;
        let row = state.tasks.get(waiter)?;
        let waits = row.wait == Wait::Join(task) && row.status() == Status::Pending;
        waits.then_some(waiter)
    }

    /// Built from the innermost frame outwards, then reversed.
    fn stack(&self, state: &State, task: TaskId) -> Option<String> {
        let mut frames = vec![self.activity(state.tasks.get(task)?), self.name(task)];
        let mut inner = task;
        while let Some(outer) = self
            .waiter(state, inner)
            .filter(|_| frames.len() < MAX_FRAMES)
        {
            frames.push(self.activity(state.tasks.get(outer)?));
            frames.push(self.name(outer));
            inner = outer;
        }
        frames.reverse();
        Some(frames.join(";"))
    }

    fn name(&self, task: TaskId) -> String {
        sanitize_frame(&slice_name(self.replay.tables(), task))
    }

    /// What a task does, as a frame.
    fn activity(&self, task: &TaskState) -> String {
        match task.status() {
            Status::Running => return "(running)".into(),
            Status::Ready => return "(ready)".into(),
            Status::Done | Status::Failed | Status::Cancelled => return "(ended)".into(),
            Status::Unknown => return "(unknown)".into(),
            Status::Timer | Status::Pending | Status::Absent => {}
        }
        let what = match task.wait {
            Wait::Unknown => "wait",
            Wait::Yield => "yield",
            Wait::Timer(_) => "timer",
            Wait::Join(_) => "join",
            Wait::Send(_) => "send",
            Wait::Receive(_) => "receive",
            Wait::Acquire(_) => "acquire",
            Wait::Operation(_) => "I/O",
            Wait::All(_) => "all",
            Wait::Any(_) => "any",
        };
        match location_text(self.replay.tables(), task.wait_at) {
            None => format!("({what})"),
            Some(location) => format!("{what} {}", sanitize_frame(&without_parents(&location))),
        }
    }
}

/// A path without the directories that a `..` after them leaves: `scenarios/spinner.rs:17` for
/// `program/src/../../scenarios/spinner.rs:17`.
fn without_parents(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("..", Some(last)) if !matches!(*last, "" | "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Replaces what separates frames, and line breaks.
fn sanitize_frame(text: &str) -> String {
    text.chars()
        .map(|c| if c == ';' || c.is_control() { '_' } else { c })
        .collect()
}
