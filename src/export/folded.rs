//! Folded stacks of the await tree, as flame graphs are made of: `FRAME;FRAME;… NUMBER` a line (Brendan Gregg's
//! `flamegraph.pl`, inferno, speedscope).
//!
//! A stack begins with a task that nobody waits for. Below it stands the `.await` at which it is; if that is the end of
//! another task, below that the other one, and so on: what the program waits for at that time, from the outside in. What
//! a task does besides waiting is a frame of its own: `(running)`, `(ready)`.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use crate::replay::{Replay, Status};
use crate::trace::{Event, LocationId, Moment, TaskEvent, TaskId, Wait};

use super::{
    label,
    walk::{LoopWalk, WalkTask, events},
};

/// What the numbers count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Weight {
    /// Microseconds spent there.
    #[default]
    Time,
    /// Polls that ended there.
    Polls,
}

/// How deep a stack may be: a circle of tasks that wait for each other has no end.
const DEEPEST: usize = 64;

/// Writes the stacks, sorted.
pub fn folded(replay: &Replay, weight: Weight, mut to: impl Write) -> io::Result<()> {
    let mut folder = StackFolder {
        replay,
        walk: LoopWalk::default(),
        joined: Vec::new(),
        stacks: BTreeMap::new(),
    };
    for (position, event, at) in events(replay) {
        if weight == Weight::Time {
            folder.spent(&event, at);
        }
        folder.walk.apply(position, &event, at);
        folder.note(&event);
        if let (Event::Task(TaskEvent::PollEnd { task, .. }), Weight::Polls) = (event, weight) {
            let stack = folder.stack(task, folder.walk.row(task));
            folder.add(stack, 1);
        }
    }
    if weight == Weight::Time {
        folder.rest(replay.index().head().now());
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
    walk: LoopWalk,
    /// By task: who waits for its end.
    joined: Vec<Option<TaskId>>,
    stacks: BTreeMap<String, u64>,
}

impl StackFolder<'_> {
    /// The time that a task has spent as it was, if this event changes that.
    fn spent(&mut self, event: &Event, at: Moment) {
        let (task, at) = match *event {
            Event::Task(
                TaskEvent::PollStart { task }
                | TaskEvent::PollEnd { task, .. }
                | TaskEvent::Wake { task, .. },
            ) => (task, at),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => return,
        };
        let row = self.walk.row(task);
        let time = at.since(row.since);
        // What is woken in its own turn goes on running.
        let goes_on = matches!(event, Event::Task(TaskEvent::Wake { .. }))
            && !matches!(row.phase.status(), Status::Timer | Status::Pending);
        if time > 0 && !goes_on {
            let stack = self.stack(task, row);
            self.add(stack, time);
        }
    }

    /// The time of everybody who has not ended when the recording does.
    fn rest(&mut self, end: Moment) {
        let living: Vec<(TaskId, WalkTask)> = self
            .walk
            .rows()
            .filter(|(_, row)| !row.phase.ended())
            .collect();
        for (task, row) in living {
            let stack = self.stack(task, row);
            self.add(stack, end.since(row.since));
        }
    }

    fn note(&mut self, event: &Event) {
        if let Event::Task(TaskEvent::Wait {
            task,
            on: Wait::Join(other),
            ..
        }) = *event
        {
            if other.index() >= self.joined.len() {
                self.joined.resize(other.index() + 1, None);
            }
            self.joined[other.index()] = Some(task);
        }
    }

    /// Who waits for the end of a task now.
    fn waiter(&self, task: TaskId) -> Option<TaskId> {
        let waiter = self.joined.get(task.index()).copied().flatten()?;
        let row = self.walk.row(waiter);
        let waits = row.wait == Wait::Join(task) && row.phase.status() == Status::Pending;
        waits.then_some(waiter)
    }

    fn stack(&self, task: TaskId, row: WalkTask) -> String {
        let mut frames = vec![self.doing(row), self.name(task)];
        let mut inner = task;
        while let Some(outer) = self.waiter(inner).filter(|_| frames.len() < DEEPEST) {
            frames.push(self.doing(self.walk.row(outer)));
            frames.push(self.name(outer));
            inner = outer;
        }
        frames.reverse();
        frames.join(";")
    }

    fn name(&self, task: TaskId) -> String {
        clean(&label::slice(self.replay.tables(), task))
    }

    /// What a task does, in a frame.
    fn doing(&self, row: WalkTask) -> String {
        match row.phase.status() {
            Status::Running => return "(running)".into(),
            Status::Ready => return "(ready)".into(),
            Status::Done | Status::Failed | Status::Cancelled => return "(ended)".into(),
            Status::Unknown => return "(unknown)".into(),
            Status::Timer | Status::Pending | Status::Absent => {}
        }
        let what = match row.wait {
            Wait::Unknown => "wait",
            Wait::Yield => "yield",
            Wait::Timer(_) => "timer",
            Wait::Join(_) => "join",
            Wait::Send(_) => "send",
            Wait::Receive(_) => "receive",
            Wait::Acquire(_) => "acquire",
            Wait::Operation(_) => "I/O",
        };
        match row.wait_at {
            LocationId::UNKNOWN => format!("({what})"),
            at => format!("{what} {}", clean(&label::place(self.replay.tables(), at))),
        }
    }

    fn add(&mut self, stack: String, number: u64) {
        *self.stacks.entry(stack).or_default() += number;
    }
}

/// A frame must hold neither what separates frames nor a line's end.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c == ';' || c.is_control() { '_' } else { c })
        .collect()
}
