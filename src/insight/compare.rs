//! Two runs of the same purpose, compared: what the second one saves, and why.

use crate::replay::Replay;
use crate::trace::Span;

use super::{
    difference::{Difference, first_difference},
    language::Language,
    lesson::{LessonResult, lesson_result},
    summary::{Summary, summary},
    words::seconds,
};

/// Two runs in numbers, and what follows from them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The first run.
    pub a: Summary,
    /// The second run.
    pub b: Summary,
    /// A − B, in nanoseconds; negative if the second run takes longer.
    pub saved: i64,
    /// A / B: 1.5 for 3 s against 2 s. 1 if neither takes any time.
    pub ratio: f64,
    /// Of the run with the lower bound, the part that can overlap only with waits.
    pub serial: Span,
    /// The lower of the two bounds.
    pub bound: Span,
    /// The first difference, synchronized by time.
    pub first: Option<Difference>,
    /// What they teach, if they are the two variants of a lesson.
    pub lesson: Option<LessonResult>,
    /// Why their totals are what they are: a line for each run, then the conclusion.
    pub lines: Vec<String>,
}

/// Compares two runs.
pub fn compare(a: &Replay, b: &Replay, language: Language) -> Comparison {
    let first = first_difference(a, b, language);
    let lesson = lesson_result(a, b, language);
    let (a, b) = (summary(a), summary(b));
    let better = if a.bound < b.bound { a } else { b };
    let saved = i128::from(a.total.0) - i128::from(b.total.0);
    let ratio = if a.total == b.total {
        1.0
    } else {
        a.total.seconds() / b.total.seconds()
    };
    Comparison {
        saved: i64::try_from(saved).unwrap_or(if saved < 0 { i64::MIN } else { i64::MAX }),
        ratio,
        serial: better.serial,
        bound: better.bound,
        first,
        lesson,
        lines: lines(&a, &b),
        a,
        b,
    }
}

fn lines(a: &Summary, b: &Summary) -> Vec<String> {
    let mut lines = vec![shape("A", a), shape("B", b)];
    lines.push(conclusion(a, b));
    if a.tasks != b.tasks && (a.overlap - b.overlap).abs() > 0.05 {
        lines.push(
            "An await waits; a spawned task runs in the background: only spawned tasks can overlap."
                .to_owned(),
        );
    }
    lines
}

/// Why a run takes as long as it does.
fn shape(name: &str, run: &Summary) -> String {
    let total = format!("{} s", run.total);
    let outside = seconds(run.outside);
    if run.total.0 == 0 {
        return format!("{name}: nothing in it takes time.");
    }
    if run.running > run.outside {
        return format!(
            "{name}: code blocks the loop for {} of {total}, and no other task runs meanwhile.",
            seconds(run.running)
        );
    }
    if run.overlap < 1.05 {
        return format!(
            "{name}: one wait at a time, so they add up: {outside} s of waits in {total}."
        );
    }
    format!(
        "{name}: up to {} wait at once, so waits overlap: {outside} s of waits in {total}.",
        run.outside_at_once
    )
}

fn conclusion(a: &Summary, b: &Summary) -> String {
    // On a real clock, less than a millisecond is noise.
    if a.total.0.abs_diff(b.total.0) < 1_000_000 {
        return "Same total: what differs is the order, not the time.".to_owned();
    }
    if a.total > b.total {
        let saved = seconds(a.total - b.total);
        return format!("B saves {saved} s: the same work, less waiting one after the other.");
    }
    format!("B takes {} s more than A.", seconds(b.total - a.total))
}
