//! Ready-to-run and run times as JSON. Times are seconds.

use serde_json::{Map, Value, json};

use crate::insight::{
    Histogram, Language, LatencyBy, LatencyGroups, LatencyReport, Quantiles, TimeStats, latency,
};
use crate::replay::Replay;

use super::super::{
    findings::ProgramLine,
    latency::{LatencyRow, LatencyWords, WorstRow},
};

/// The times of a run: the quantiles of all, the ten longest of each kind, and what is not counted.
pub(super) fn summary(replay: &Replay) -> Value {
    let language = Language::Rust.for_run(replay);
    Value::Object(totals(
        &latency(replay),
        &LatencyWords::new(replay, language),
    ))
}

/// The same, with histograms, and with the groups by one kind, or by all kinds.
pub fn latency_object(
    replay: &Replay,
    report: &LatencyReport,
    by: Option<LatencyBy>,
    language: Language,
) -> Value {
    let words = LatencyWords::new(replay, language);
    let mut object = totals(report, &words);
    let [ready, polls] = &report.histograms;
    object.insert(
        "histograms".to_owned(),
        json!({"ready": buckets(ready), "polls": buckets(polls)}),
    );
    object.insert("notes".to_owned(), json!(words.notes(report)));
    for kind in LatencyBy::ALL {
        if by.is_none_or(|by| by == kind) {
            let name = match kind {
                LatencyBy::Task => "by_task",
                LatencyBy::Spawn => "by_spawn",
                LatencyBy::Await => "by_await",
            };
            object.insert(name.to_owned(), groups(report.by(kind), &words));
        }
    }
    Value::Object(object)
}

/// The longest duration of each bucket, and how many durations are in it.
fn buckets(histogram: &Histogram) -> Value {
    let buckets = histogram.buckets();
    buckets
        .map(|(longest, count)| json!([longest.seconds(), count]))
        .collect()
}

fn totals(report: &LatencyReport, words: &LatencyWords<'_>) -> Map<String, Value> {
    let worst = |times: &[_]| -> Value {
        let rows = times.iter().map(|time| worst_object(&words.worst(time)));
        rows.collect()
    };
    let left_out = report.left_out;
    let members = [
        ("ready", stats(&report.ready)),
        ("polls", stats(&report.polls)),
        ("callbacks", stats(&report.callbacks)),
        ("worst_ready", worst(&report.worst_ready)),
        ("worst_polls", worst(&report.worst_polls)),
        (
            "unended_poll",
            report
                .unended
                .map_or(Value::Null, |poll| worst_object(&words.worst(&poll))),
        ),
        (
            "not_counted",
            json!({
                "gaps": left_out.gaps,
                "missing_events": left_out.missing_events,
                "polls_in_gaps": left_out.polls_in_gaps,
                "ready_in_gaps": left_out.ready_in_gaps,
                "without_wake": left_out.without_wake,
            }),
        ),
    ];
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn groups(groups: &LatencyGroups, words: &LatencyWords<'_>) -> Value {
    let rows = groups.groups.iter().map(|group| row(&words.row(group)));
    let rows: Vec<Value> = rows.collect();
    let others = groups.others.as_ref().map(|(count, others)| {
        json!({"count": count, "ready": stats(&others.ready), "polls": stats(&others.polls)})
    });
    json!({"groups": rows, "others": others})
}

fn row(row: &LatencyRow) -> Value {
    json!({
        "kind": row.kind,
        "task": row.task.as_ref().map(|(number, _)| number),
        "task_name": row.task.as_ref().map(|(_, name)| name),
        "location": row.location.as_ref().map(ProgramLine::to_string),
        "ready": stats(&row.ready),
        "polls": stats(&row.polls),
    })
}

/// Durations in numbers, with the event at which the longest can be seen.
fn stats(stats: &TimeStats) -> Value {
    let mut object = quantiles(&stats.quantiles);
    object["worst_event"] = json!(stats.worst.map(|worst| worst.position.0));
    object
}

/// Quantiles; null where there is no duration.
pub(super) fn quantiles(of: &Quantiles) -> Value {
    let known = |span: crate::trace::Span| (of.count > 0).then(|| span.seconds());
    json!({
        "count": of.count,
        "p50_s": known(of.p50),
        "p95_s": known(of.p95),
        "p99_s": known(of.p99),
        "max_s": known(of.max),
    })
}

fn worst_object(worst: &WorstRow) -> Value {
    json!({
        "time_s": worst.span.seconds(),
        "task": worst.task.as_ref().map(|(number, _)| number),
        "task_name": worst.task.as_ref().map(|(_, name)| name),
        "location": worst.location.as_ref().map(ProgramLine::to_string),
        "event": worst.position.0,
        "tick": worst.tick,
        "t": worst.at.seconds(),
    })
}
