//! The objects of `run --json` and `compare --json`. Times are seconds, as numbers.
//!
//! Programs rely on the fields: fields may be added, but none may change or be removed.

use serde_json::{Value, json};

use crate::insight::{Finding, Language, LessonResult, Path, Summary, compare, status_code};
use crate::replay::Replay;
use crate::trace::{Moment, Outcome, Span, TaskId};

/// A run as one object: its scenario and clock, its outcome, its output and its tasks.
///
/// The outcome is null if the trace ends before the run does.
pub fn run(replay: &Replay) -> Value {
    let meta = &replay.log().meta;
    let head = replay.index().head();
    let params: serde_json::Map<_, _> = meta
        .params
        .iter()
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    let mut run = json!({
        "scenario": meta.scenario,
        "variant": meta.variant,
        "clock": meta.clock.as_str(),
        "seed": meta.seed,
        "tick_policy": meta.tick_policy.as_str(),
        "params": params,
        "outcome": head.outcome.map(Outcome::as_str),
        "elapsed_s": head.now().seconds(),
        "ticks": head.tick(),
        "polls": head.cursor.polls,
        "events": head.position.0,
        "output": output(replay),
        "tasks": tasks(replay),
    });
    if head.missing > 0 {
        run["missing_events"] = head.missing.into();
        run["gaps"] = gaps(replay);
    }
    if !meta.schedule.is_empty() {
        run["schedule"] = meta.schedule.to_string().into();
    }
    run
}

/// The gaps of a trace: the position of each, the number of missing events, and their time.
fn gaps(replay: &Replay) -> Value {
    let gaps = replay.index().gaps().iter();
    gaps.map(|gap| {
        json!({
            "event": gap.position.0,
            "missing": gap.events,
            "from_s": gap.from.seconds(),
            "to_s": gap.to.seconds(),
        })
    })
    .collect()
}

fn output(replay: &Replay) -> Vec<Value> {
    let lines = replay.index().outputs().iter();
    lines
        .map(|line| {
            json!({
                "t": line.at.seconds(),
                "task": line.task.map(|task| task.0),
                "line": replay.tables().text(line.text),
            })
        })
        .collect()
}

fn tasks(replay: &Replay) -> Vec<Value> {
    let head = replay.index().head();
    let rows = head.tasks.iter();
    rows.map(|(task, row)| {
        let info = replay.tables().task(task);
        let [running, ready, waiting] = row.times(head.now()).map(spans);
        json!({
            "id": task.0,
            "name": replay.tables().task_name(task),
            "parent": info.and_then(|info| info.parent).map(|TaskId(parent)| parent),
            "state": status_code(row.status()),
            "polls": row.polls(),
            "spawned_s": info.map(|info| info.spawned_at.seconds()),
            // The state of an ended task has not changed since its end.
            "ended_s": row.status().ended().then(|| row.since.seconds()),
            "running_s": running,
            "ready_s": ready,
            "waiting_s": waiting,
            "longest_poll_s": spans(row.longest),
        })
    })
    .collect()
}

/// Two runs as one object.
///
/// * `saved_s`: the total time of A minus that of B.
/// * `ratio`: the total time of A divided by that of B; null if B takes no time and A does.
/// * `amdahl`: of the run with the lower bound, its work, and the total that no better order of
///   polls could improve.
/// * `conclusion`: the kinds of what was found, the most important first; `explanation` has them in
///   words.
pub fn comparison(a: &Replay, b: &Replay, language: Language) -> Value {
    let found = compare(a, b, language);
    let first = found.first.as_ref().map(|first| {
        let (at_a, at_b) = (a.state_at(first.a).now(), b.state_at(first.b).now());
        json!({
            "t": at_a.max(at_b).seconds(),
            "a": {"event": first.a.0, "t": at_a.seconds()},
            "b": {"event": first.b.0, "t": at_b.seconds()},
            "words": first.words,
        })
    });
    // Totals may be up to 585 years, twice as much as the signed `saved` can express. So the size is
    // computed from the totals, and only the sign is taken from `saved`.
    let size = spans(Span(found.a.total.nanos().abs_diff(found.b.total.nanos())));
    json!({
        "a": run(a),
        "b": run(b),
        "saved_s": if found.saved < 0 { -size } else { size },
        "ratio": found.ratio,
        "overlap": {"a": found.a.overlap, "b": found.b.overlap},
        "amdahl": {"serial_s": spans(found.serial), "bound_s": spans(found.bound)},
        "summary": {"a": numbers(&found.a), "b": numbers(&found.b)},
        "first_difference": first,
        "conclusion": found.findings.iter().map(Finding::kind).collect::<Vec<_>>(),
        "explanation": found.lines,
        "critical_path": {"a": path(&found.a.path), "b": path(&found.b.path)},
        "lesson": found.lesson.as_ref().map(lesson),
    })
}

/// The lesson of two runs. `shows` names the quantity of which `a` and `b` are the values.
fn lesson(taught: &LessonResult) -> Value {
    json!({
        "number": taught.number,
        "belief": taught.belief,
        "shows": taught.shows,
        "a": taught.a,
        "b": taught.b,
        "rule": taught.rule,
    })
}

fn numbers(run: &Summary) -> Value {
    json!({
        "running_s": spans(run.running),
        "ready_s": spans(run.ready),
        "waiting_s": spans(run.waiting),
        "longest_poll_s": spans(run.longest_poll),
        "timers_at_once": run.timers_at_once,
        "sleeping_at_once": run.sleeping_at_once,
        "outside_s": spans(run.outside),
        "joins_s": spans(run.joins),
        "limits_s": spans(run.limits),
        "most_at_once": run.outside_at_once,
        "first_output_s": run.first_output.map(|at| at.since(Moment::START).seconds()),
        "worst_lateness_s": spans(run.lateness),
        "serial_s": spans(run.serial),
        "bound_s": spans(run.bound),
    })
}

/// The parts of a critical path, which add up to the total.
fn path(path: &Path) -> Value {
    json!({
        "waits": path.waits,
        "waiting_s": spans(path.outside),
        "running_s": spans(path.work),
        "ready_s": spans(path.queued),
        "late_s": spans(path.late),
        "limited_s": spans(path.limited),
    })
}

fn spans(span: Span) -> f64 {
    span.seconds()
}
