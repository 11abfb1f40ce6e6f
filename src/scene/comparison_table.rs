//! The table that compares two whole runs: the same rows on the screen and in the plain output.

use crate::{
    insight::Summary,
    trace::{Aspect, Meta, Outcome, Span},
};

use super::format::seconds;

/// A row of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ComparisonRow {
    /// The quantity that is compared.
    pub(crate) name: &'static str,
    /// Its value in the first run.
    pub(crate) a: String,
    /// Its value in the second run.
    pub(crate) b: String,
    /// The difference of the second run: a percentage of the first for times, a number for counts.
    /// Empty if there is none.
    pub(crate) change: String,
}

/// The rows, the most useful ones first, because not all may fit on the screen. A row is left out if
/// one of the recordings does not contain what it counts.
pub(crate) fn comparison_rows(a: &Summary, b: &Summary, runs: [&Meta; 2]) -> Vec<ComparisonRow> {
    let overlap = ComparisonRow {
        name: "overlap",
        a: format!("{:.2}x", a.overlap),
        b: format!("{:.2}x", b.overlap),
        change: difference(b.overlap - a.overlap),
    };
    let outcome = ComparisonRow {
        name: "outcome",
        a: ending(a),
        b: ending(b),
        change: String::new(),
    };
    let sleeping = count("sleeping at once", a.sleeping_at_once, b.sleeping_at_once);
    let operations = count("I/O at once", a.outside_at_once, b.outside_at_once);
    let all = [
        (None, time("total", a.total, b.total)),
        (None, count("tasks", a.tasks, b.tasks)),
        (Some(Aspect::Timers), sleeping),
        (None, count("polls", a.polls, b.polls)),
        (Some(Aspect::Queues), count("ticks", a.ticks, b.ticks)),
        (Some(Aspect::Waits), overlap),
        (Some(Aspect::Waits), time("longest chain", a.bound, b.bound)),
        (None, time("longest poll", a.longest_poll, b.longest_poll)),
        (
            Some(Aspect::Waits),
            time("cannot overlap", a.serial, b.serial),
        ),
        (None, time("waiting, all tasks", a.waiting, b.waiting)),
        (
            Some(Aspect::Wakes),
            time("ready, all tasks", a.ready, b.ready),
        ),
        (None, time("running, all tasks", a.running, b.running)),
        (
            Some(Aspect::Timers),
            count("timers at once", a.timers_at_once, b.timers_at_once),
        ),
        (Some(Aspect::Waits), operations),
        (None, count("events", a.events, b.events)),
        (None, outcome),
    ];
    let known = |part: Option<Aspect>| part.is_none_or(|part| runs.iter().all(|run| run.has(part)));
    let rows = all.into_iter().filter(|(part, _)| known(*part));
    rows.map(|(_, row)| row).collect()
}

/// The time below which a program of this structure cannot come, as a sentence about the run `name`.
#[cfg(feature = "tui")]
pub(crate) fn bound_sentence(name: &str, run: &Summary) -> String {
    if run.total == Span::ZERO {
        return format!("{name} takes no time.");
    }
    let share = u128::from(run.bound.nanos()) * 100 / u128::from(run.total.nanos());
    format!(
        "{name}: {} of {} is code, which runs one task at a time. The longest chain of code and waits takes {} \
         ({share} %): more tasks would not make the run shorter than that.",
        seconds(run.serial),
        seconds(run.total),
        seconds(run.bound)
    )
}

fn ending(run: &Summary) -> String {
    run.outcome.map_or("-", Outcome::as_str).to_owned()
}

fn time(name: &'static str, a: Span, b: Span) -> ComparisonRow {
    ComparisonRow {
        name,
        a: seconds(a),
        b: seconds(b),
        change: percent(a.nanos(), b.nanos()),
    }
}

fn count(name: &'static str, a: u32, b: u32) -> ComparisonRow {
    let change = match i64::from(b) - i64::from(a) {
        0 => "=".into(),
        change => format!("{change:+}"),
    };
    ComparisonRow {
        name,
        a: a.to_string(),
        b: b.to_string(),
        change,
    }
}

fn difference(by: f64) -> String {
    if by.abs() < 0.005 {
        "=".into()
    } else {
        format!("{by:+.2}")
    }
}

/// The difference of the second from the first, as a percentage of the first.
fn percent(a: u64, b: u64) -> String {
    match (a, b) {
        (a, b) if a == b => "=".into(),
        (0, _) => "new".into(),
        (a, b) => {
            let change = (i128::from(b) - i128::from(a)) * 100 / i128::from(a);
            if change > 999 {
                format!("{}x", b / a)
            } else {
                format!("{change:+} %")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_parts_of_the_first() {
        let cases = [
            ((3, 3), "="),
            ((0, 5), "new"),
            ((3, 2), "-33 %"),
            ((2, 3), "+50 %"),
            ((1, 20), "20x"),
            ((5, 0), "-100 %"),
        ];
        for ((a, b), words) in cases {
            assert_eq!(percent(a, b), words);
        }
        assert_eq!(difference(-0.001), "=");
    }
}
