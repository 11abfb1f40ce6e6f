//! Findings in words: what `check` prints, what the screen lists, and what a test fails with.

mod allowed;
mod comment;

pub use allowed::{Allowed, CheckSettings};
pub use comment::CommentAnswer;

use crate::insight::{
    Finding, FindingsReport, Language, Nearness, Place, Proof, Rule, Severity, Spot,
    catches_cancellation, cause_line, fix_words, is_in_loop, message_words, place, spot_words,
    takes_lock,
};
use crate::replay::Replay;
use crate::trace::{LocationId, Position};

/// A line of the user's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramLine {
    /// The name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The text of the line and of the comment lines directly above it, if the trace contains the
    /// file.
    pub text: Vec<String>,
}

impl std::fmt::Display for ProgramLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A finding in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FindingView {
    /// The id of its rule.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The number and the name of the task that causes it.
    pub task: Option<(u32, String)>,
    /// The line of the cause.
    pub location: Option<ProgramLine>,
    /// What the line is to the cause, if it is not the line itself: `after this await`.
    pub location_note: Option<&'static str>,
    /// Other lines that matter.
    pub also: Vec<ProgramLine>,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
    /// What all its instances cost together, in seconds.
    pub cost_s: f64,
    /// The positions after the events that prove it.
    pub evidence: Vec<Position>,
    /// What would be right.
    pub fix: &'static str,
    /// How many instances it has.
    pub count: u64,
    /// The place in the list of the finding that it follows from.
    pub caused_by: Option<usize>,
}

/// The findings of a run in words. Each is followed by those that follow from it.
pub fn finding_views(
    replay: &Replay,
    report: &FindingsReport,
    language: Language,
) -> Vec<FindingView> {
    let mut views = Vec::new();
    for finding in &report.findings {
        let parent = views.len();
        views.push(view(replay, finding, None, language));
        let children = finding.children.iter();
        views.extend(children.map(|child| view(replay, child, Some(parent), language)));
    }
    views
}

/// A finding in words, by itself.
#[cfg(feature = "tui")]
pub(crate) fn finding_view(replay: &Replay, finding: &Finding, language: Language) -> FindingView {
    view(replay, finding, None, language)
}

fn view(
    replay: &Replay,
    finding: &Finding,
    caused_by: Option<usize>,
    language: Language,
) -> FindingView {
    let tables = replay.tables();
    let further_out = in_loop(replay, finding, language)
        .or_else(|| catching(replay, finding, language))
        .or_else(|| locking(replay, finding, language));
    let spot = match further_out {
        Some(at) => Spot { at, ..finding.spot },
        None => spot_in_program(replay, finding, language),
    };
    let at = spot.at;
    let known = source_place(replay, at, language);
    // The trace knows the `.await` beside the cause, and the source tells the likely line.
    let likely = known.and_then(|known| {
        let line = cause_line(finding, known.line, known.source()?);
        (line != known.line).then(|| known.at_line(line))
    });
    let also = finding.also.iter().copied();
    let also = also.chain(likely.is_some().then_some(at));
    let (location, location_note) = match (likely, known) {
        (Some(likely), _) => (
            Some(likely),
            Some("a guess: the trace knows a line near it"),
        ),
        (None, Some(known)) => (Some(known), spot_words(spot, language)),
        (None, None) => (None, None),
    };
    let location = location.map(ProgramLine::from);
    let also = also.filter_map(|at| source_place(replay, at, language));
    let task = finding.task;
    FindingView {
        id: finding.rule.id(),
        severity: finding.severity,
        task: task.map(|task| (task.0, tables.task_name(task).to_owned())),
        location_note,
        also: other_lines(location.as_ref(), also.map(ProgramLine::from)),
        location,
        message: message_words(tables, finding, language),
        cost_s: finding.cost.seconds(),
        evidence: finding.evidence.clone(),
        fix: fix_words(finding.rule, language),
        count: finding.count,
        caused_by,
    }
}

/// The lines that are not the line of the cause, each once. Several places can be in one line.
fn other_lines(
    location: Option<&ProgramLine>,
    lines: impl Iterator<Item = ProgramLine>,
) -> Vec<ProgramLine> {
    let mut others: Vec<ProgramLine> = Vec::new();
    for line in lines {
        if Some(&line) != location && !others.contains(&line) {
            others.push(line);
        }
    }
    others
}

/// How often a task waits at one place in a loop, at least.
const REPEATED: u64 = 3;

/// Waits that come one after the other at one place are those of a loop, and so is the work with the items
/// of a queue: the place in the loop, which may be in a function further out.
fn in_loop(replay: &Replay, finding: &Finding, language: Language) -> Option<LocationId> {
    let is_repeated = if let Proof::Sequential { again, .. } = finding.proof {
        finding.also.is_empty() || again >= REPEATED
    } else {
        finding.rule == Rule::Inversion
    };
    // The search ends at a function that is not of the program.
    is_repeated.then(|| further_out(replay, finding.spot.at, language, is_in_loop, true))?
}

/// The place whose `try` catches the cancellation of a task, which may be in a function further out than
/// the wait that was cancelled.
fn catching(replay: &Replay, finding: &Finding, language: Language) -> Option<LocationId> {
    let is_swallowed = finding.rule == Rule::CancelSwallowed;
    // A cancellation passes functions of libraries, such as `wait_for`, on its way.
    is_swallowed.then(|| {
        further_out(
            replay,
            finding.spot.at,
            language,
            catches_cancellation,
            false,
        )
    })?
}

/// The place after which a lock was taken without a wait: the function that was awaited before may be another
/// one, which has returned.
fn locking(replay: &Replay, finding: &Finding, language: Language) -> Option<LocationId> {
    let is_near = finding.rule == Rule::LockOrder && finding.spot.nearness == Nearness::AwaitBefore;
    is_near.then(|| further_out(replay, finding.spot.at, language, takes_lock, true))?
}

/// The innermost place on the way from an `.await` outward of which the source tells this.
fn further_out(
    replay: &Replay,
    at: LocationId,
    language: Language,
    tells: fn(&str, u32) -> bool,
    in_program: bool,
) -> Option<LocationId> {
    let tells = |at| {
        let place = source_place(replay, at, language)?;
        Some(tells(place.source()?, place.line))
    };
    let mut places = replay.tables().await_frames(at);
    places
        .by_ref()
        .map(|(at, _)| (at, tells(at)))
        .take_while(|(_, known)| known.is_some() || !in_program)
        .find_map(|(at, known)| known.unwrap_or(false).then_some(at))
}

/// The spot of a finding. A task whose coroutine is a function of a library, such as
/// `create_task(asyncio.sleep(1))`, waits at a line of that library: then the spot is the line of the
/// program that created the task.
fn spot_in_program(replay: &Replay, finding: &Finding, language: Language) -> Spot {
    let is_of_program = |at| {
        source_place(replay, at, language).is_some_and(|place: Place<'_>| place.source().is_some())
    };
    if language != Language::Python || is_of_program(finding.spot.at) {
        return finding.spot;
    }
    let task = finding.task.and_then(|task| replay.tables().task(task));
    match task {
        Some(info) if is_of_program(info.at) => Spot {
            at: info.at,
            nearness: Nearness::Spawned,
        },
        _ => finding.spot,
    }
}

impl FindingView {
    /// The finding as a line: `src/main.rs:12: #3 worker held the loop for 280ms …`.
    pub fn line(&self) -> String {
        let FindingView { id, message, .. } = self;
        let place = match (&self.location, self.location_note) {
            (Some(line), Some(note)) => format!("{line} ({note})"),
            (Some(line), None) => line.to_string(),
            (None, _) => "place unknown".to_owned(),
        };
        format!("{}[{id}] {place}: {message}", self.severity.as_str())
    }

    /// What the comments at its line say about it.
    pub fn comment(&self) -> CommentAnswer {
        let lines = self.location.as_ref().map(|line| &line.text);
        lines.map_or(CommentAnswer::Silent, |lines| {
            comment::answer(self.id, lines)
        })
    }
}

/// The line at a location, as a user knows it.
pub(super) fn source_line(
    replay: &Replay,
    at: LocationId,
    language: Language,
) -> Option<ProgramLine> {
    source_place(replay, at, language).map(ProgramLine::from)
}

/// The line at a location in the program of this language, or else in the program that ran.
fn source_place(replay: &Replay, at: LocationId, language: Language) -> Option<Place<'_>> {
    let (meta, tables) = (&replay.log().meta, replay.tables());
    place(meta, tables, at, language).or_else(|| place(meta, tables, at, Language::Rust))
}

impl From<Place<'_>> for ProgramLine {
    fn from(found: Place<'_>) -> ProgramLine {
        ProgramLine {
            file: without_parents(found.file),
            line: found.line,
            text: found.with_comments_above(),
        }
    }
}

/// A path without `..`: `src/../scenarios/gather.rs` is `scenarios/gather.rs`.
fn without_parents(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("..", Some(last)) if !matches!(*last, ".." | "") => drop(parts.pop()),
            (".", _) => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_lines_are_not_that_of_the_cause_and_each_is_there_once() {
        let line = |line| ProgramLine {
            file: "app.py".to_owned(),
            line,
            text: Vec::new(),
        };
        let others = other_lines(Some(&line(3)), [3, 5, 3, 5, 4].map(line).into_iter());
        assert_eq!(others, [line(5), line(4)]);
    }

    #[test]
    fn a_path_is_shown_without_its_detours() {
        assert_eq!(
            without_parents("src/../scenarios/gather.rs"),
            "scenarios/gather.rs"
        );
        assert_eq!(without_parents("../a/./b.rs"), "../a/b.rs");
        assert_eq!(without_parents("/home/me/../a.py"), "/home/a.py");
        assert_eq!(without_parents("/../a.py"), "/../a.py");
    }
}
