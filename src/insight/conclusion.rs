//! The contrasts of a comparison in words.

use std::fmt::Write as _;

use crate::replay::Replay;
use crate::trace::{Moment, Outcome, ResourceKind, Span, TaskId, TextId};

use super::{
    contrast::{Contrast, Counted, Side},
    language::Language,
    path::{Limit, Path},
    summary::{Hold, Summary},
    words::{capital, fit, resource_kind_word, seconds, task_label},
};

/// The most columns that a line of output takes in a sentence.
const LINE: usize = 30;

/// The contrasts in sentences. The difference of the totals and its first reason are one sentence,
/// and so are the counts of runs that print the same.
pub(super) fn lines(runs: [&Replay; 2], contrasts: &[Contrast], language: Language) -> Vec<String> {
    let words = Words { runs, language };
    let mut lines: Vec<String> = Vec::new();
    let mut rest = contrasts.iter().peekable();
    while let Some(contrast) = rest.next() {
        let mut line = words.sentence(contrast);
        if let Contrast::Longer { .. } | Contrast::SameTotal(_) = contrast {
            let reason = rest.next_if(|next| is_reason(next));
            if let Some(reason) = reason {
                line.push_str(": ");
                line.push_str(&words.sentence(reason));
            }
        } else if let Contrast::SameLines = contrast {
            let mut sign = ": ";
            while let Some(count) = rest.next_if(|next| matches!(next, Contrast::Count { .. })) {
                line.push_str(sign);
                line.push_str(&words.sentence(count));
                sign = "; ";
            }
        } else {
            line = capital(&line);
        }
        line.push('.');
        lines.push(line);
    }
    lines
}

/// Whether a contrast is the reason of the difference of the totals.
fn is_reason(contrast: &Contrast) -> bool {
    matches!(
        contrast,
        Contrast::WaitsInSeries { .. }
            | Contrast::LoopHeld {
                is_reason: true,
                ..
            }
            | Contrast::Limited {
                is_reason: true,
                ..
            }
    )
}

struct Words<'a> {
    runs: [&'a Replay; 2],
    language: Language,
}

impl Words<'_> {
    fn task(&self, side: Side, task: TaskId) -> String {
        task_label(self.runs[side as usize].tables(), task)
    }

    /// A contrast without its full stop; a sentence that can follow a colon begins in lower case.
    fn sentence(&self, contrast: &Contrast) -> String {
        match contrast {
            Contrast::Identical => {
                "the runs are identical: the same events, in the same order, at the same times"
                    .into()
            }
            Contrast::TwoPrograms => {
                let [a, b] = self.runs.map(|run| run.log().meta.scenario.clone());
                format!("A is a run of {a}, B of {b}: their totals cannot be compared")
            }
            Contrast::Endings([a, b]) => format!(
                "A {}, B {}: their totals cannot be compared",
                ending(self.runs[0], *a),
                ending(self.runs[1], *b)
            ),
            Contrast::Parameter {
                name,
                values: [a, b],
            } => {
                format!(
                    "A runs with {name}={a}, B with {name}={b}: their totals cannot be compared"
                )
            }
            Contrast::SameTotal(Span::ZERO) => "Neither run takes any time".into(),
            Contrast::SameTotal(total) => format!("Both take {} s", seconds(*total)),
            Contrast::Longer { side, by } => format!(
                "{} takes {} s more than {}",
                side.letter(),
                seconds(*by),
                side.other().letter()
            ),
            Contrast::LoopHeld {
                side, hold, other, ..
            } => self.held(*side, hold, other.as_ref()),
            Contrast::WaitsInSeries {
                side,
                waits,
                sums,
                at_once,
            } => series(*side, *waits, *sums, *at_once),
            Contrast::Limited {
                side,
                limit,
                sum,
                is_reason,
            } => self.limited(*side, *limit, *sum, *is_reason),
            Contrast::DifferentWork([a, b]) => format!(
                "the runs do different work, {} s of polls and waits in A and {} s in B: their totals cannot be compared",
                seconds(*a),
                seconds(*b)
            ),
            Contrast::FirstOutput(_)
            | Contrast::LineMoved { .. }
            | Contrast::LineDiffers(_)
            | Contrast::LinesReordered
            | Contrast::OtherLines(_)
            | Contrast::SameLines
            | Contrast::Count { .. }
            | Contrast::PollsReordered { .. }
            | Contrast::OnlyDetails => self.of_output(contrast),
        }
    }

    /// A contrast about the output, or about the order of what is not printed.
    fn of_output(&self, contrast: &Contrast) -> String {
        match contrast {
            Contrast::FirstOutput([a, b]) => first_output(*a, *b),
            Contrast::LineMoved { lines: [in_a, in_b], at: [a, b] } => {
                let (line, other) = (self.line(Side::A, *in_a), self.line(Side::B, *in_b));
                if line == other {
                    format!("{line} is printed at {a} in A, at {b} in B")
                } else {
                    format!("A prints {line} at {a}, B prints {other} at {b}")
                }
            }
            Contrast::LineDiffers([a, b]) => {
                let (a, b) = (self.line(Side::A, *a), self.line(Side::B, *b));
                format!("A prints {a}, B {b}")
            }
            Contrast::LinesReordered => {
                format!("the same lines{} are printed in another order", self.apart())
            }
            Contrast::OtherLines([a, b]) => format!("A prints {}, B {b}", plural(*a, "line")),
            Contrast::SameLines if self.prints_nothing() => "No output is recorded".into(),
            Contrast::SameLines => {
                format!("The same lines{} are printed at the same times", self.apart())
            }
            Contrast::Count { what, counts: [a, b] } => counted(*what, *a, *b),
            Contrast::PollsReordered { poll, tasks: [a, b] } => format!(
                "the same lines are printed at the same times; the order of the polls differs: poll {poll} is of {} in A, of {} in B",
                self.task(Side::A, *a),
                self.task(Side::B, *b)
            ),
            Contrast::OnlyDetails => {
                "the same tasks are polled in the same order and print the same lines at the same times".into()
            }
            Contrast::Identical
            | Contrast::TwoPrograms
            | Contrast::Endings(_)
            | Contrast::Parameter { .. }
            | Contrast::SameTotal(_)
            | Contrast::Longer { .. }
            | Contrast::LoopHeld { .. }
            | Contrast::WaitsInSeries { .. }
            | Contrast::Limited { .. }
            | Contrast::DifferentWork(_) => String::new(),
        }
    }

    fn held(&self, side: Side, hold: &Hold, other: Option<&Hold>) -> String {
        let by = match hold.by {
            Some(task) => self.task(side, task),
            None => "a callback".into(),
        };
        let delays = if hold.by == Some(hold.delayed) {
            "its own timer, which was due,".to_owned()
        } else {
            self.task(side, hold.delayed)
        };
        let mut words = format!(
            "in {}, {by} holds the loop from {} to {} and delays {delays} by {} s",
            side.letter(),
            hold.from,
            hold.to,
            seconds(hold.delay)
        );
        let letter = side.other().letter();
        let _ = match other {
            Some(other) => write!(
                words,
                "; in {letter} the longest such delay is {} s",
                seconds(other.delay)
            ),
            None => write!(words, "; in {letter} no poll delays another task"),
        };
        words
    }

    fn limited(&self, side: Side, limit: Limit, sum: Span, is_reason: bool) -> String {
        let name = self.runs[side as usize].tables().text(limit.name);
        let kind = format!("the {}", resource_kind_word(limit.kind, self.language));
        let named = named(&kind, name);
        let (what, has_limit) = if limit.kind == ResourceKind::Semaphore {
            (format!("a permit of {named}"), true)
        } else if limit.kind == ResourceKind::Channel {
            (format!("room in {named}"), true)
        } else {
            (named, false)
        };
        let most = if has_limit && limit.limit > 0 {
            format!(" (limit {})", limit.limit)
        } else {
            String::new()
        };
        let part = if is_reason {
            "of its critical path"
        } else {
            "in all tasks together"
        };
        format!(
            "in {}, tasks wait for {what}{most}: {} s {part}",
            side.letter(),
            seconds(sum)
        )
    }

    /// What is said of lines that count as the same although numbers in them differ, such as times.
    fn apart(&self) -> &'static str {
        let [a, b] = self.runs.map(|run| {
            let lines = run.index().outputs().iter();
            let mut texts: Vec<&str> = lines.map(|line| run.tables().text(line.text)).collect();
            texts.sort_unstable();
            texts
        });
        if a == b {
            ""
        } else {
            ", apart from the numbers in them,"
        }
    }

    /// Whether no output is recorded. The program may have printed all the same: a recording of a
    /// user's program does not contain what it prints.
    fn prints_nothing(&self) -> bool {
        let mut runs = self.runs.iter();
        runs.all(|run| run.index().outputs().is_empty())
    }

    fn line(&self, side: Side, line: TextId) -> String {
        let text = self.runs[side as usize].tables().text(line);
        format!("\"{}\"", fit(text, LINE))
    }
}

/// How far each of two runs has come: `A has not run, B completes at 3.000`.
pub fn endings(runs: [&Replay; 2]) -> String {
    let [a, b] = runs.map(|run| ending(run, run.index().head().outcome));
    format!("A {a}, B {b}")
}

fn ending(run: &Replay, outcome: Option<Outcome>) -> String {
    let head = run.index().head();
    let end = head.now();
    match outcome {
        None if head.cursor.polls() == 0 && head.running.task().is_none() => "has not run".into(),
        None => format!("has run until {end}, and its end is not known"),
        Some(Outcome::Finished) => format!("completes at {end}"),
        Some(Outcome::Deadlock) => format!("ends in a deadlock at {end}"),
        Some(Outcome::Stalled) => format!("stalls at {end}"),
        Some(Outcome::Panicked) => format!("fails at {end}"),
        Some(Outcome::Stopped) => format!("was stopped at {end}"),
        Some(Outcome::Limit) => format!("reached the limit of events at {end}"),
    }
}

/// `the lock db`; a resource without a name of its own has the name of its kind.
fn named(kind: &str, name: &str) -> String {
    if name.is_empty() || kind.ends_with(&format!(" {name}")) {
        kind.to_owned()
    } else {
        format!("{kind} {}", fit(name, LINE))
    }
}

fn plural(count: impl Into<u64>, noun: &str) -> String {
    let count = count.into();
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

fn series(side: Side, waits: [u32; 2], sums: [Span; 2], at_once: [u32; 2]) -> String {
    let mut words = format!(
        "in {}, {} follow one another ({} s)",
        side.letter(),
        plural(waits[0], "wait"),
        seconds(sums[0])
    );
    let follow = match waits[1] {
        0 => "no wait is on the critical path".to_owned(),
        1 => format!("the longest sequence is 1 wait ({} s)", seconds(sums[1])),
        more => format!(
            "the longest sequence is {more} waits ({} s)",
            seconds(sums[1])
        ),
    };
    let _ = write!(words, "; in {} {follow}", side.other().letter());
    if at_once[1] > at_once[0] {
        let _ = write!(words, ", because up to {} waits overlap", at_once[1]);
        if at_once[0] > 1 {
            let _ = write!(words, ", not {}", at_once[0]);
        }
    }
    words
}

fn first_output(a: Option<Moment>, b: Option<Moment>) -> String {
    match (a, b) {
        (Some(a), Some(b)) => format!("the first line is printed at {a} in A, at {b} in B"),
        (Some(a), None) => format!("A prints its first line at {a}, B prints nothing"),
        (None, Some(b)) => format!("A prints nothing, B prints its first line at {b}"),
        (None, None) => "neither run prints a line".into(),
    }
}

fn counted(what: Counted, a: u64, b: u64) -> String {
    match what {
        Counted::Tasks => format!("{} in A, {b} in B", plural(a, "task")),
        Counted::Polls => format!("{} in A, {b} in B", plural(a, "poll")),
        Counted::Ticks => format!("{} in A, {b} in B", plural(a, "tick")),
        Counted::AtOnce => format!("at most {} at once in A, {b} in B", plural(a, "wait")),
    }
}

/// The critical path of a run, part by part, as a sentence. It is known of a run of any length.
pub fn path_sentence(name: &str, run: &Summary) -> String {
    let Path {
        work,
        queued,
        late,
        outside,
        waits,
        ..
    } = run.path;
    if run.total == Span::ZERO {
        return format!("{name} takes no time: nothing in it waits or works.");
    }
    let waits = format!("{} s in {}", seconds(outside), plural(waits, "wait"));
    let parts = [
        (outside, waits),
        (work, format!("{} s in polls", seconds(work))),
        (queued, format!("{} s in the ready queue", seconds(queued))),
        (late, format!("{} s of late timers", seconds(late))),
    ];
    let parts = parts.into_iter().filter(|(span, _)| *span > Span(500_000));
    let parts: Vec<String> = parts.map(|(_, words)| words).collect();
    format!(
        "Critical path of {name}, the sequence of waits and polls that leads to its end: {}.",
        parts.join(", ")
    )
}
