//! Ready-to-run and run times in words.

use crate::insight::{
    Language, LatencyBy, LatencyGroup, LatencyKey, LatencyReport, LeftOut, TimeStats, WorstTime,
    task_label,
};
use crate::replay::Replay;
use crate::trace::{Aspect, ClockKind, LocationId, Moment, Position, Span, TaskId};

use super::{
    findings::{ProgramLine, source_line},
    format::three_digits,
};

/// The times of a task or a place in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LatencyRow {
    /// What it is: `task`, `main`, `spawn`, `first poll of main`, `first poll` or `await`.
    pub kind: &'static str,
    /// The number and the name of the task.
    pub task: Option<(u32, String)>,
    /// The line of the place.
    pub location: Option<ProgramLine>,
    /// The times from becoming ready to the start of the poll.
    pub ready: TimeStats,
    /// The durations of polls.
    pub polls: TimeStats,
}

impl LatencyRow {
    /// The task or the place as a phrase: `#2 world`, `src/main.rs:12`.
    pub fn phrase(&self) -> String {
        self.phrase_with(&ProgramLine::to_string)
    }

    /// The same, with the place as `line` writes it.
    pub(crate) fn phrase_with(&self, line: &dyn Fn(&ProgramLine) -> String) -> String {
        if let Some((number, name)) = &self.task {
            return named(*number, name);
        }
        let line = self.location.as_ref().map(line);
        match (self.kind, line) {
            ("main", _) => "the main task".to_owned(),
            ("first poll", Some(line)) => format!("{line} first poll"),
            ("first poll", None) => "first polls, place unknown".to_owned(),
            ("first poll of main", _) => "the first poll of the main task".to_owned(),
            (_, Some(line)) => line,
            (_, None) => "place unknown".to_owned(),
        }
    }
}

/// One of the longest times in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WorstRow {
    /// How long it is.
    pub span: Span,
    /// The number and the name of the task; `None` for a callback.
    pub task: Option<(u32, String)>,
    /// The await from which the poll continues; of a first poll, the spawn.
    pub location: Option<ProgramLine>,
    /// The position after the start of the poll.
    pub position: Position,
    /// The tick of that position.
    pub tick: u64,
    /// The time of that position.
    pub at: Moment,
}

impl WorstRow {
    /// The task and the place as a phrase: `#2 world at src/main.rs:12`.
    pub fn phrase(&self) -> String {
        self.phrase_with(&ProgramLine::to_string)
    }

    /// The same, with the place as `line` writes it.
    pub(crate) fn phrase_with(&self, line: &dyn Fn(&ProgramLine) -> String) -> String {
        let task = match &self.task {
            Some((number, name)) => named(*number, name),
            None => "a callback".to_owned(),
        };
        match &self.location {
            Some(place) => format!("{task} at {}", line(place)),
            None => task,
        }
    }
}

fn named(number: u32, name: &str) -> String {
    if name.is_empty() {
        format!("#{number}")
    } else {
        format!("#{number} {name}")
    }
}

/// Describes the times of a run, a row at a time.
#[derive(Clone, Copy, Debug)]
pub struct LatencyWords<'a> {
    replay: &'a Replay,
    language: Language,
}

impl<'a> LatencyWords<'a> {
    /// For the times of a run.
    pub fn new(replay: &'a Replay, language: Language) -> LatencyWords<'a> {
        LatencyWords { replay, language }
    }

    /// A group in words.
    pub fn row(&self, group: &LatencyGroup) -> LatencyRow {
        let (kind, task, at) = match group.key {
            LatencyKey::Task(task) => ("task", Some(task), LocationId::UNKNOWN),
            LatencyKey::Main => ("main", None, LocationId::UNKNOWN),
            LatencyKey::MainFirstPoll => ("first poll of main", None, LocationId::UNKNOWN),
            LatencyKey::Spawn(at) => ("spawn", None, at),
            LatencyKey::FirstPoll(at) => ("first poll", None, at),
            LatencyKey::Await(at) => ("await", None, at),
        };
        LatencyRow {
            kind,
            task: self.task(task),
            location: self.line(at),
            ready: group.ready,
            polls: group.polls,
        }
    }

    /// One of the longest times in words.
    pub fn worst(&self, worst: &WorstTime) -> WorstRow {
        let cursor = self.replay.cursor_at(worst.position);
        WorstRow {
            span: worst.span,
            task: self.task(worst.task),
            location: self.line(worst.at),
            position: worst.position,
            tick: cursor.ticks,
            at: cursor.now,
        }
    }

    /// What the times are, and what is missing among them, as sentences.
    pub fn notes(&self, report: &LatencyReport) -> Vec<String> {
        let meta = &self.replay.log().meta;
        let mut notes = Vec::new();
        if meta.clock == ClockKind::Virtual {
            notes.push(
                "The clock is virtual: the times are the program's own, and polls take none unless the program says so."
                    .to_owned(),
            );
        }
        if !meta.has(Aspect::Wakes) {
            notes.push(
                "The recording does not contain wakes, so most times from ready to poll are not known."
                    .to_owned(),
            );
        }
        notes.extend(left_out(report.left_out, meta.has(Aspect::Wakes)));
        if let Some(unended) = &report.unended {
            let words = match unended.task {
                Some(task) => task_label(self.replay.tables(), task),
                None => "a callback".to_owned(),
            };
            notes.push(format!(
                "{words} is still polled at the end, for {} so far: this poll is not counted.",
                three_digits(unended.span)
            ));
        }
        notes
    }

    fn task(&self, task: Option<TaskId>) -> Option<(u32, String)> {
        let tables = self.replay.tables();
        task.map(|task| (task.0, tables.task_name(task).to_owned()))
    }

    fn line(&self, at: LocationId) -> Option<ProgramLine> {
        source_line(self.replay, at, self.language)
    }
}

/// What is not counted, as sentences.
fn left_out(left_out: LeftOut, has_wakes: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let LeftOut {
        gaps,
        missing_events,
        polls_in_gaps,
        ready_in_gaps,
        without_wake,
    } = left_out;
    if gaps > 0 {
        notes.push(format!(
            "Not counted: {} missing in {}, and because of them {} and the time from ready to poll of {}.",
            many(missing_events, "event"),
            many(gaps, "gap"),
            many(polls_in_gaps, "poll"),
            many(ready_in_gaps, "other"),
        ));
    } else if polls_in_gaps > 0 {
        notes.push(format!(
            "Not counted: {} without a recorded start.",
            many(polls_in_gaps, "poll")
        ));
    }
    if without_wake > 0 && has_wakes {
        notes.push(format!(
            "{} began without a recorded wake: the time from ready to poll is not known.",
            many(without_wake, "poll")
        ));
    }
    notes
}

fn many(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// What times are grouped by, in words: `by task`.
pub fn by_words(by: LatencyBy) -> &'static str {
    match by {
        LatencyBy::Task => "by task",
        LatencyBy::Spawn => "by spawn place",
        LatencyBy::Await => "by await place",
    }
}

/// The four quantiles of durations in words; dashes if there is no duration.
pub fn quantile_words(stats: &TimeStats) -> [String; 4] {
    let of = stats.quantiles;
    if of.count == 0 {
        return ["-"; 4].map(str::to_owned);
    }
    [of.p50, of.p95, of.p99, of.max].map(three_digits)
}

/// A duration with three digits: `12.5ms`.
pub fn span_words(span: Span) -> String {
    three_digits(span)
}
