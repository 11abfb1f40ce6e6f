//! `loopscope latency`: how long tasks were ready before each poll, and how long polls were.

use std::io::{self, Write};

use loopscope::{
    insight::{
        LatencyBy, LatencyGroups, LatencyReport, TimeStats, WorstTime, latency as latency_of,
    },
    scene::{
        json::{latency_object, write_value},
        latency::{LatencyWords, by_words, quantile_words, span_words},
    },
    trace::{Outcome, sanitized},
};
use serde_json::json;

use super::{
    args::{DisplayArgs, LatencyCommand},
    check::each_run,
    output::{CliResult, print_with},
};

/// How many groups of each kind are printed if `--by` does not name one.
const LISTED: usize = 10;

pub(crate) fn latency(args: &LatencyCommand, display: &DisplayArgs) -> CliResult {
    let by = args.by.map(LatencyBy::from);
    let (mut objects, mut lines) = (Vec::new(), Vec::new());
    each_run(&args.runs, |name, replay| {
        let report = latency_of(replay);
        let language = display.language().for_run(replay);
        let outcome = replay.index().head().outcome;
        if args.json {
            let mut object = latency_object(replay, &report, by, language);
            object["what"] = json!(name);
            object["outcome"] = json!(outcome.map(Outcome::as_str));
            objects.push(object);
        } else {
            let ending = outcome.map_or("not ended", |outcome| outcome.as_str());
            lines.push(format!("{name} ({ending})"));
            let words = LatencyWords::new(replay, language);
            tables(&words, &report, by, &mut lines);
        }
    })?;
    Ok(print_with(|out| {
        if args.json {
            write_value(&json!({"runs": objects}), out)
        } else {
            write(&lines, out)
        }
    }))
}

fn write(lines: &[String], out: &mut impl Write) -> io::Result<()> {
    let lines = lines.iter();
    lines
        .map(|line| sanitized(line, ""))
        .try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

/// The times of a run as lines: all polls, then those of each task and place, then the longest.
fn tables(
    words: &LatencyWords<'_>,
    report: &LatencyReport,
    by: Option<LatencyBy>,
    lines: &mut Vec<String>,
) {
    lines.extend(words.notes(report).iter().map(|note| format!("  {note}")));
    lines.push(String::new());
    lines.push(format!(
        "{:9}   {:31}   {:31}",
        "", "from ready to the poll", "length of the poll"
    ));
    let numbers = ["p50", "p95", "p99", "max"].map(str::to_owned);
    lines.push(line("polls", &numbers, &numbers, ""));
    lines.push(stats_line(&report.ready, &report.polls, "all tasks"));
    if report.callbacks.quantiles.count > 0 {
        let none = TimeStats::default();
        lines.push(stats_line(&none, &report.callbacks, "callbacks"));
    }
    for kind in LatencyBy::ALL {
        if by.is_none_or(|by| by == kind) {
            let most = if by.is_some() { usize::MAX } else { LISTED };
            groups(words, report.by(kind), (kind, most), lines);
        }
    }
    worst(
        words,
        &report.worst_ready,
        "longest from ready to the poll",
        lines,
    );
    worst(words, &report.worst_polls, "longest polls", lines);
    lines.push(String::new());
}

/// At most `most` groups of a kind.
fn groups(
    words: &LatencyWords<'_>,
    groups: &LatencyGroups,
    (kind, most): (LatencyBy, usize),
    lines: &mut Vec<String>,
) {
    lines.push(String::new());
    lines.push(by_words(kind).to_owned());
    for group in groups.groups.iter().take(most) {
        let row = words.row(group);
        lines.push(stats_line(&row.ready, &row.polls, &row.phrase()));
    }
    let unlisted = groups.groups.len().saturating_sub(most);
    if unlisted > 0 {
        let option = match kind {
            LatencyBy::Task => "task",
            LatencyBy::Spawn => "spawn",
            LatencyBy::Await => "await",
        };
        lines.push(format!("{:76}and {unlisted} more: --by {option}", ""));
    }
    if let Some((count, others)) = &groups.others {
        let name = format!("{count} others");
        lines.push(stats_line(&others.ready, &others.polls, &name));
    }
}

/// The longest times, each with the event at which its poll begins.
fn worst(words: &LatencyWords<'_>, times: &[WorstTime], head: &str, lines: &mut Vec<String>) {
    if times.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(format!("{:>9}   {head}", "time"));
    for time in times {
        let row = words.worst(time);
        let (time, event, tick) = (span_words(row.span), row.position.0, row.tick);
        let place = format!("event {event}, tick {tick}, t={}", row.at);
        lines.push(format!("{time:>9}   {}: {place}", row.phrase()));
    }
}

fn stats_line(ready: &TimeStats, polls: &TimeStats, name: &str) -> String {
    let count = polls.quantiles.count.max(ready.quantiles.count);
    let [ready, polls] = [ready, polls].map(quantile_words);
    line(&count.to_string(), &ready, &polls, name)
}

fn line(count: &str, ready: &[String; 4], polls: &[String; 4], name: &str) -> String {
    let columns = |[p50, p95, p99, max]: &[String; 4]| format!("{p50:>8}{p95:>8}{p99:>8}{max:>8}");
    let (ready, polls) = (columns(ready), columns(polls));
    format!("{count:>9} {ready} {polls}  {name}")
}
