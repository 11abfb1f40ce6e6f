//! The critical path of a run in words.

use crate::insight::{
    CriticalPath, Language, NotHalved, PathSegment, PathShare, SegmentKind, fit, task_label,
};
use crate::replay::Replay;
use crate::trace::{LocationId, Moment, Position, Span, TaskId};

use super::findings::{ProgramLine, source_line};

/// How many columns of a task's name are kept, which each segment repeats.
const NAME: usize = 200;

/// A critical path in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CriticalView {
    /// The length of the run.
    pub total: Span,
    /// Its parts, the longest first.
    pub parts: Vec<PartView>,
    /// The work that held the path up.
    pub behind: Vec<PartView>,
    /// How long the run would take if a part took half as long.
    pub halved: Vec<(PartView, Span)>,
    /// What is not known, as sentences.
    pub notes: Vec<String>,
}

/// A part of the path in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PartView {
    /// What it is, in one word.
    pub kind: &'static str,
    /// The same, as the start of a sentence: `waiting for a timer`.
    pub words: &'static str,
    /// Its line in the program.
    pub location: Option<ProgramLine>,
    /// The task of its first segment, and its name.
    pub task: Option<(u32, String)>,
    /// How many tasks it has.
    pub tasks: usize,
    /// The sum of its segments.
    pub time: Span,
    /// Its share of the run, from 0 to 1.
    pub share: f64,
    /// How many segments.
    pub segments: usize,
}

/// A segment in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SegmentView {
    /// What it is, in one word.
    pub kind: &'static str,
    /// The task and what it does: `#2 world waits for a timer`.
    pub words: String,
    /// Its line in the program.
    pub location: Option<ProgramLine>,
    /// The number and the name of the task.
    pub task: Option<(u32, String)>,
    /// When it begins.
    pub from: Moment,
    /// When it ends.
    pub to: Moment,
    /// Its share of the run, from 0 to 1.
    pub share: f64,
    /// The position that shows it.
    pub position: Position,
}

impl CriticalView {
    /// A path in words.
    pub fn new(replay: &Replay, path: &CriticalPath, language: Language) -> CriticalView {
        let words = PathWords::new(replay, path.total, language);
        let parts = |shares: &[PathShare]| shares.iter().map(|part| words.part(part)).collect();
        let halved = path.halved.iter();
        CriticalView {
            total: path.total,
            parts: parts(&path.parts),
            behind: parts(&path.behind),
            halved: halved
                .map(|half| (words.part(&half.share), half.total))
                .collect(),
            notes: notes(path),
        }
    }
}

impl PartView {
    /// The part as a phrase: `waiting for a timer at src/main.rs:12, #2 world and 3 other tasks`.
    pub fn phrase(&self) -> String {
        let mut phrase = self.words.to_owned();
        if let Some(line) = &self.location {
            phrase = format!("{phrase} {line}");
        }
        let Some((number, name)) = &self.task else {
            return phrase;
        };
        let name = if name.is_empty() {
            format!("#{number}")
        } else {
            format!("#{number} {name}")
        };
        match self.tasks {
            0 | 1 => format!("{phrase}, {name}"),
            2 => format!("{phrase}, {name} and 1 other task"),
            tasks => format!("{phrase}, {name} and {} other tasks", tasks - 1),
        }
    }
}

impl SegmentView {
    /// The segment as a sentence without its full stop.
    pub fn sentence(&self) -> String {
        match &self.location {
            Some(line) => format!("{} {line}", self.words),
            None => self.words.clone(),
        }
    }
}

/// Describes the segments of a path, of which there may be millions, one at a time.
#[derive(Clone, Copy, Debug)]
pub struct PathWords<'a> {
    replay: &'a Replay,
    total: Span,
    language: Language,
}

impl<'a> PathWords<'a> {
    /// For the segments of a run of this length.
    pub fn new(replay: &'a Replay, total: Span, language: Language) -> PathWords<'a> {
        PathWords {
            replay,
            total,
            language,
        }
    }

    fn part(&self, share: &PathShare) -> PartView {
        let part = share.part;
        let location = self.line(part.at);
        PartView {
            kind: kind_word(part.kind),
            words: part_words(part.kind, location.is_some()),
            location,
            task: self.task(share.task),
            tasks: share.tasks,
            time: share.time,
            share: self.share(share.time),
            segments: share.segments,
        }
    }

    /// A segment in words.
    pub fn segment(&self, segment: &PathSegment) -> SegmentView {
        let location = self.line(segment.at);
        let known = (location.is_some(), segment.task.is_some());
        let what = segment_words(segment.kind, known);
        let words = match segment.task {
            Some(task) => format!("{} {what}", task_label(self.replay.tables(), task)),
            None if segment.kind == SegmentKind::Work => "a callback runs".to_owned(),
            None => what.to_owned(),
        };
        SegmentView {
            kind: kind_word(segment.kind),
            words,
            location,
            task: self.task(segment.task),
            from: segment.from,
            to: segment.to,
            share: self.share(segment.length()),
            position: segment.position,
        }
    }

    fn task(&self, task: Option<TaskId>) -> Option<(u32, String)> {
        let tables = self.replay.tables();
        task.map(|task| (task.0, fit(tables.task_name(task), NAME)))
    }

    fn line(&self, at: LocationId) -> Option<ProgramLine> {
        source_line(self.replay, at, self.language)
    }

    fn share(&self, time: Span) -> f64 {
        if self.total == Span::ZERO {
            return 0.0;
        }
        time.seconds() / self.total.seconds()
    }
}

fn kind_word(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Work => "work",
        SegmentKind::Timer => "timer",
        SegmentKind::Io => "io",
        SegmentKind::Pool => "pool",
        SegmentKind::Thread => "thread",
        SegmentKind::Late => "late",
        SegmentKind::Queued => "queued",
        SegmentKind::Unrecorded => "unrecorded",
        SegmentKind::Ending => "ending",
    }
}

/// What a part is, before its line if the line is known.
fn part_words(kind: SegmentKind, has_line: bool) -> &'static str {
    match (kind, has_line) {
        (SegmentKind::Work, true) => "polls that begin at",
        (SegmentKind::Work, false) => "polls",
        (SegmentKind::Timer, true) => "waiting for a timer at",
        (SegmentKind::Timer, false) => "waiting for a timer",
        (SegmentKind::Io, true) => "waiting for I/O at",
        (SegmentKind::Io, false) => "waiting for I/O",
        (SegmentKind::Pool, true) => "waiting for the thread pool at",
        (SegmentKind::Pool, false) => "waiting for the thread pool",
        (SegmentKind::Thread, true) => "waiting for another thread at",
        (SegmentKind::Thread, false) => "waiting for another thread",
        (SegmentKind::Late, true) => "late timers at",
        (SegmentKind::Late, false) => "late timers",
        (SegmentKind::Queued, true) => "in the ready queue, at",
        (SegmentKind::Queued, false) => "in the ready queue",
        (SegmentKind::Unrecorded, true) => "not recorded, at",
        (SegmentKind::Unrecorded, false) => "not recorded",
        (SegmentKind::Ending, true) => "after the last poll of the path, at",
        (SegmentKind::Ending, false) => "after the last poll of the path",
    }
}

/// What a task does in a segment, before its line if the line is known. The flags tell whether the
/// line and the task are known.
fn segment_words(kind: SegmentKind, known: (bool, bool)) -> &'static str {
    match (kind, known) {
        (SegmentKind::Work, (true, _)) => "is polled, from",
        (SegmentKind::Work, (false, _)) => "is polled",
        (SegmentKind::Timer, (true, _)) => "waits for a timer at",
        (SegmentKind::Timer, (false, _)) => "waits for a timer",
        (SegmentKind::Io, (true, _)) => "waits for I/O at",
        (SegmentKind::Io, (false, _)) => "waits for I/O",
        (SegmentKind::Pool, (true, _)) => "waits for the thread pool at",
        (SegmentKind::Pool, (false, _)) => "waits for the thread pool",
        (SegmentKind::Thread, (true, _)) => "waits for another thread at",
        (SegmentKind::Thread, (false, _)) => "waits for another thread",
        (SegmentKind::Late, (true, _)) => "is late: its timer is due, at",
        (SegmentKind::Late, (false, _)) => "is late: its timer is due",
        (SegmentKind::Queued, _) => "is in the ready queue",
        (SegmentKind::Unrecorded, (true, _)) => "waits, for what is not recorded, at",
        (SegmentKind::Unrecorded, (false, true)) => "waits, for what is not recorded",
        (SegmentKind::Unrecorded, (false, false)) => "not recorded",
        (SegmentKind::Ending, _) => "after the last poll of the path",
    }
}

fn notes(path: &CriticalPath) -> Vec<String> {
    let mut notes = Vec::new();
    if !path.main_ended {
        notes.push(
            "The main task has not ended: the path leads to the last poll of the run.".to_owned(),
        );
    }
    let lost = path.segments.first();
    if lost.is_some_and(|first| first.kind == SegmentKind::Unrecorded && first.task.is_none()) {
        notes.push(
            "The path begins where the recording tells enough: what is before is not recorded."
                .to_owned(),
        );
    }
    match path.not_halved {
        Some(NotHalved::Overlap) => notes.push(
            "What half of a part would save is not known: polls overlap, so tasks ran on several threads."
                .to_owned(),
        ),
        Some(NotHalved::Differs) => notes.push(
            "What half of a part would save is not known: something that is not recorded has a part in the length of the run."
                .to_owned(),
        ),
        Some(NotHalved::Memory) => notes.push(
            "What half of a part would save is not computed: it takes more memory than a recording of this size allows."
                .to_owned(),
        ),
        None => {}
    }
    notes
}
