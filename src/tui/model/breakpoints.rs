//! Breakpoints: where playing stops, and where the steps to the next and the previous landmark
//! stop.
//!
//! To find the next stop, the trace is scanned event by event, with the state before each event. A
//! breakpoint on a line matches two kinds of events:
//!
//! * events that name a location on that line: a spawn, a wait, a new resource;
//! * the start of a poll of a task whose last wait was on that line.
//!
//! Events name locations by number, so the scan first looks up the locations of all lines that have
//! breakpoints.

use crate::{
    insight::{Language, Phrase, event_kind, location_lines},
    replay::{Replay, ScanResult, State},
    trace::{Event, LocationId, Position, ResourceEvent, TaskEvent, TaskId},
};

/// What a breakpoint stops at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Breakpoint {
    /// The start of a poll of this task.
    Task(TaskId),
    /// A task reaching this line (from 1) of a file, or continuing from it. A line of a Python twin
    /// stands for the lines of the program that correspond to it.
    Line { file: String, line: u32 },
    /// An event of this kind.
    Kind(Phrase),
}

impl Breakpoint {
    fn words(&self, language: Language) -> String {
        match self {
            Breakpoint::Task(task) => task.to_string(),
            Breakpoint::Line { line, .. } => format!("line {line}"),
            Breakpoint::Kind(kind) => kind.text(language).to_owned(),
        }
    }
}

/// The breakpoints of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakpoints {
    list: Vec<Breakpoint>,
}

impl Breakpoints {
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Sets the breakpoint, or removes it if it is set. Returns whether it is set now.
    pub(crate) fn toggle(&mut self, new: Breakpoint) -> bool {
        let there = self.list.contains(&new);
        if there {
            self.list.retain(|known| *known != new);
        } else {
            self.list.push(new);
        }
        !there
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    pub(crate) fn on_task(&self, task: TaskId) -> bool {
        self.list.contains(&Breakpoint::Task(task))
    }

    /// Whether a line (from 1) of a file has a breakpoint.
    pub(crate) fn on_line(&self, file: &str, number: u32) -> bool {
        self.list
            .iter()
            .any(|known| matches!(known, Breakpoint::Line { file: name, line } if name == file && *line == number))
    }

    /// All breakpoints in a few words.
    pub(crate) fn words(&self, language: Language) -> String {
        let words: Vec<String> = { self.list.iter() }
            .map(|known| known.words(language))
            .collect();
        words.join(", ")
    }

    /// The first stop after the current position and up to `highest`.
    pub(crate) fn next(&self, replay: &Replay, highest: Position) -> Option<Position> {
        let here = replay.position();
        self.next_from(replay, here, highest.0.saturating_sub(here.0))
    }

    /// The first stop after `from`, among the next `most` events.
    pub(crate) fn next_from(&self, replay: &Replay, from: Position, most: u64) -> Option<Position> {
        if self.is_empty() {
            return None;
        }
        let stops = self.stops(replay);
        position(replay.scan_forward(from, most, &mut |step| stops.at(step.before, &step.event)))
    }

    /// The last stop before the current position. The search ends at `lowest`, or a few events before it.
    pub(crate) fn previous(&self, replay: &Replay, lowest: Position) -> Option<Position> {
        if self.is_empty() {
            return None;
        }
        let stops = self.stops(replay);
        let here = replay.position();
        let most = here.0.saturating_sub(lowest.0);
        position(replay.scan_back(here, most, &mut |step| stops.at(step.before, &step.event)))
    }

    fn stops(&self, replay: &Replay) -> BreakpointMatcher<'_> {
        let mut on_location = vec![false; replay.tables().locations().len()];
        for known in &self.list {
            let Breakpoint::Line { file, line } = known else {
                continue;
            };
            let lines = location_lines(replay, file);
            for (stop, at) in on_location.iter_mut().zip(lines) {
                *stop |= at == Some(*line);
            }
        }
        BreakpointMatcher {
            list: &self.list,
            on_location,
        }
    }
}

fn position(found: ScanResult) -> Option<Position> {
    match found {
        ScanResult::At(position) => Some(position),
        ScanResult::NotFound | ScanResult::Paused(_) => None,
    }
}

/// The breakpoints, prepared for being compared with each event.
struct BreakpointMatcher<'a> {
    list: &'a [Breakpoint],
    /// For each location of the trace, whether its line has a breakpoint.
    on_location: Vec<bool>,
}

impl BreakpointMatcher<'_> {
    fn at(&self, before: &State, event: &Event) -> bool {
        let hit = self.list.iter().any(|breakpoint| match breakpoint {
            Breakpoint::Task(task) => {
                matches!(event, Event::Task(TaskEvent::PollStart { task: polled }) if polled == task)
            }
            Breakpoint::Kind(kind) => event_kind(event) == *kind,
            // Lines are compared below, by `on_location`.
            Breakpoint::Line { .. } => false,
        });
        hit || self
            .location(before, event)
            .is_some_and(|at| self.on_location.get(at.index()) == Some(&true))
    }

    /// The source location that an event is about.
    fn location(&self, before: &State, event: &Event) -> Option<LocationId> {
        if self.on_location.is_empty() {
            return None;
        }
        match *event {
            Event::Task(
                TaskEvent::Spawn { at, .. }
                | TaskEvent::Wait { at, .. }
                | TaskEvent::Joined { at, .. },
            )
            | Event::Output { at, .. }
            | Event::Resource(ResourceEvent::Created { at, .. }) => Some(at),
            // The task continues from the line at which it waited.
            Event::Task(TaskEvent::PollStart { task }) => {
                before.tasks.get(task).map(|row| row.wait_at)
            }
            Event::Task(
                TaskEvent::Wake { .. }
                | TaskEvent::PollEnd { .. }
                | TaskEvent::Failed { .. }
                | TaskEvent::CancelRequested { .. }
                | TaskEvent::CancelDelivered { .. },
            )
            | Event::Resource(
                ResourceEvent::Op { .. }
                | ResourceEvent::Member { .. }
                | ResourceEvent::Bytes { .. }
                | ResourceEvent::Dropped { .. },
            )
            | Event::Loop(_)
            | Event::Timer(_)
            | Event::Callback(_)
            | Event::Gap { .. } => None,
        }
    }
}
