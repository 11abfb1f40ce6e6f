//! Two runs of one purpose, laid side by side: what the second saves, and why.

use crate::trace::Span;

use crate::replay::Replay;

use super::{
    difference::{Difference, first_difference},
    lesson::{LessonResult, lesson_result},
    summary::{Summary, summary},
    words::seconds,
};

/// Two runs in numbers, and what they say about each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The first run.
    pub a: Summary,
    /// The second run.
    pub b: Summary,
    /// How many nanoseconds the second takes less; negative if it takes more.
    pub saved: i64,
    /// How many times as long the first takes: 1.5 for 3 s against 2 s. 1 when neither takes any time.
    pub ratio: f64,
    /// What can overlap with nothing but waits, in the run whose bound is better; nanoseconds.
    pub serial: Span,
    /// The best total that the better built of the two leaves; nanoseconds.
    pub bound: Span,
    /// Where they part, locked by time.
    pub first: Option<Difference>,
    /// What they teach, if they are the two ways of a lesson.
    pub lesson: Option<LessonResult>,
    /// Why their totals are what they are: a line for each, then what it comes to.
    pub lines: Vec<String>,
}

/// Compares two runs.
pub fn compare(a: &Replay, b: &Replay) -> Comparison {
    let (first, lesson) = (first_difference(a, b), lesson_result(a, b));
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
    lines.push(verdict(a, b));
    if a.tasks != b.tasks && (a.overlap - b.overlap).abs() > 0.05 {
        lines.push(
            "To await is to wait here; to spawn is to hand over: only what is handed over can overlap."
                .to_owned(),
        );
    }
    lines
}

/// Why one run takes what it takes.
fn shape(name: &str, run: &Summary) -> String {
    let total = format!("{} s", run.total);
    let outside = seconds(run.outside);
    if run.total.0 == 0 {
        return format!("{name}: nothing in it takes time.");
    }
    if run.running > run.outside {
        return format!(
            "{name}: code holds the loop for {} of {total}, and nobody else runs meanwhile.",
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

fn verdict(a: &Summary, b: &Summary) -> String {
    // Below a millisecond a real clock says nothing.
    if a.total.0.abs_diff(b.total.0) < 1_000_000 {
        return "Same total: what differs is the order, not the time.".to_owned();
    }
    if a.total > b.total {
        let saved = seconds(a.total - b.total);
        return format!("B saves {saved} s: the same work, less waiting one after the other.");
    }
    format!("B takes {} s more than A.", seconds(b.total - a.total))
}
