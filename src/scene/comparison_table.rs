//! The table that compares two whole runs: the same rows on the screen and in the plain output.
//!
//! Waits are added up over all tasks, in three groups. Waits for time and I/O are what the program
//! waits for; a join or a limit makes one task wait while another one does.

use crate::{
    insight::{Quantiles, Summary},
    trace::{Aspect, Meta, Moment, Outcome, Span},
};

use super::format::{seconds, three_digits};

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
    let outcome = ComparisonRow {
        name: "outcome",
        a: ending(a),
        b: ending(b),
        change: String::new(),
    };
    let longest = time("longest hold", a.longest_poll, b.longest_poll);
    let outside = time("waits: time, I/O", a.outside, b.outside);
    let at_once = count(
        "most at once",
        a.outside_at_once.into(),
        b.outside_at_once.into(),
    );
    let all = [
        (None, time("total", a.total, b.total)),
        (None, moment("first output", a.first_output, b.first_output)),
        (
            Some(Aspect::Timers),
            time("worst lateness", a.lateness, b.lateness),
        ),
        (None, longest),
        (Some(Aspect::Waits), outside),
        (Some(Aspect::Waits), at_once),
        (Some(Aspect::Waits), time("waits: tasks", a.joins, b.joins)),
        (
            Some(Aspect::Waits),
            time("waits: limits", a.limits, b.limits),
        ),
        (None, count("tasks", a.tasks.into(), b.tasks.into())),
        (None, count("polls", a.polls, b.polls)),
        (Some(Aspect::Queues), count("ticks", a.ticks, b.ticks)),
        (Some(Aspect::Wakes), time("in READY", a.ready, b.ready)),
        (None, time("running", a.running, b.running)),
        (
            Some(Aspect::Timers),
            count(
                "timers at once",
                a.timers_at_once.into(),
                b.timers_at_once.into(),
            ),
        ),
        (None, count("events", a.events, b.events)),
        (None, outcome),
    ];
    let [ready, polls] = [
        (READY_NAMES, a.ready_times, b.ready_times),
        (POLL_NAMES, a.poll_times, b.poll_times),
    ]
    .map(|(names, a, b)| quantile_rows(names, &a, &b));
    let ready = ready.map(|row| (Some(Aspect::Wakes), row));
    let polls = polls.map(|row| (None, row));
    let all = all.into_iter().chain(ready).chain(polls);
    let known = |part: Option<Aspect>| part.is_none_or(|part| runs.iter().all(|run| run.has(part)));
    let rows = all.filter(|(part, _)| known(*part));
    // The numbers of a run without its end are not final: they do not differ from others yet.
    let is_final = [a, b].iter().all(|run| run.outcome.is_some());
    let rows = rows.map(|(_, row)| ComparisonRow {
        change: if is_final { row.change } else { String::new() },
        ..row
    });
    rows.collect()
}

const READY_NAMES: [&str; 4] = [
    "ready to poll p50",
    "ready to poll p95",
    "ready to poll p99",
    "ready to poll max",
];

const POLL_NAMES: [&str; 4] = ["poll p50", "poll p95", "poll p99", "poll max"];

/// The quantiles of the times of both runs; a run without such times has dashes.
fn quantile_rows(names: [&'static str; 4], a: &Quantiles, b: &Quantiles) -> [ComparisonRow; 4] {
    let of = |run: &Quantiles, at: usize| {
        let span = [run.p50, run.p95, run.p99, run.max][at];
        Some(span).filter(|_| run.count > 0)
    };
    let words = |span: Option<Span>| span.map_or_else(|| "-".to_owned(), three_digits);
    [0, 1, 2, 3].map(|at| {
        let (left, right) = (of(a, at), of(b, at));
        ComparisonRow {
            name: names[at],
            a: words(left),
            b: words(right),
            change: match (left, right) {
                (Some(a), Some(b)) => percent(a.nanos(), b.nanos()),
                (None, _) | (_, None) => String::new(),
            },
        }
    })
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

fn count(name: &'static str, a: u64, b: u64) -> ComparisonRow {
    let change = match i128::from(b) - i128::from(a) {
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

/// A moment of each run; a run in which it does not come has a dash.
fn moment(name: &'static str, a: Option<Moment>, b: Option<Moment>) -> ComparisonRow {
    let [left, right] = [a, b].map(|at| at.map(|at| at.since(Moment::START)));
    let words = |at: Option<Span>| at.map_or_else(|| "-".to_owned(), seconds);
    ComparisonRow {
        name,
        a: words(left),
        b: words(right),
        change: match (left, right) {
            (Some(a), Some(b)) => percent(a.nanos(), b.nanos()),
            (None, _) | (_, None) => String::new(),
        },
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
    }
}
