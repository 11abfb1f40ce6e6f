//! The objects of `run --json` and `compare --json`. Times are seconds, as numbers.
//!
//! Programs rely on the fields: fields may be added, but none may change or be removed.

mod formatter;
mod latency;

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::insight::{
    ComparedFindings, Comparison, Contrast, Language, LessonResult, Path, Rule, Summary, compare,
    status_code,
};
use crate::replay::{Gap, OutputLine, Replay, TaskState};
use crate::trace::{Moment, Outcome, Span, TaskId};

use formatter::{write_inline, write_line};
pub use latency::latency_object;

/// Writes a run as one object on a line: its scenario and clock, its outcome, its output and its
/// tasks. It is written part by part, so memory does not grow with the number of tasks.
///
/// The outcome is null if the trace ends before the run does.
pub fn write_run(replay: &Replay, to: &mut impl Write) -> io::Result<()> {
    write_line(&RunObject::new(replay), to)
}

/// What [`write_run`] writes, as a value. For a run of many tasks it is large.
pub fn run(replay: &Replay) -> Value {
    value(&RunObject::new(replay))
}

/// Writes a value as a line that no terminal takes for a command.
pub fn write_value(value: &Value, to: &mut impl Write) -> io::Result<()> {
    write_line(value, to)
}

/// Writes a value as [`write_value`] does, without the end of the line.
pub fn write_part(value: &Value, to: &mut impl Write) -> io::Result<()> {
    write_inline(value, to)
}

fn value(object: &impl Serialize) -> Value {
    // Numbers, texts and lists can always be expressed as a value.
    serde_json::to_value(object).unwrap_or_default()
}

/// The members of a run, in their order.
#[derive(Serialize)]
struct RunObject<'a> {
    scenario: &'a str,
    variant: &'a str,
    clock: &'static str,
    seed: u64,
    tick_policy: &'static str,
    params: Map<String, Value>,
    outcome: Option<&'static str>,
    elapsed_s: f64,
    ticks: u64,
    polls: u64,
    events: u64,
    output: OutputList<'a>,
    tasks: TaskList<'a>,
    latency: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_events: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gaps: Option<GapList<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
}

impl<'a> RunObject<'a> {
    fn new(replay: &'a Replay) -> RunObject<'a> {
        RunObject::with(replay, latency::summary(replay))
    }

    fn with(replay: &'a Replay, latency: Value) -> RunObject<'a> {
        let meta = &replay.log().meta;
        let head = replay.index().head();
        let params = meta.params.iter();
        let has_gaps = head.missing > 0;
        RunObject {
            scenario: &meta.scenario,
            variant: &meta.variant,
            clock: meta.clock.as_str(),
            seed: meta.seed,
            tick_policy: meta.tick_policy.as_str(),
            params: params
                .map(|(key, value)| (key.clone(), value.clone().into()))
                .collect(),
            outcome: head.outcome.map(Outcome::as_str),
            elapsed_s: head.now().seconds(),
            ticks: head.tick(),
            polls: head.cursor.polls,
            events: head.position.0,
            output: OutputList(replay),
            tasks: TaskList(replay),
            latency,
            missing_events: has_gaps.then(|| head.missing.into()),
            gaps: has_gaps.then_some(GapList(replay)),
            schedule: (!meta.schedule.is_empty()).then(|| meta.schedule.to_string()),
        }
    }
}

/// The gaps of a trace, each made when it is written: its position, the number of missing events, and
/// their time.
struct GapList<'a>(&'a Replay);

#[derive(Serialize)]
struct GapObject {
    event: u64,
    missing: u64,
    from_s: f64,
    to_s: f64,
}

impl Serialize for GapList<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let gap = |gap: &Gap| GapObject {
            event: gap.position.0,
            missing: gap.events,
            from_s: gap.from.seconds(),
            to_s: gap.to.seconds(),
        };
        to.collect_seq(self.0.index().gaps().iter().map(gap))
    }
}

/// The lines of output, each made when it is written.
struct OutputList<'a>(&'a Replay);

#[derive(Serialize)]
struct OutputObject<'a> {
    t: f64,
    task: Option<u32>,
    line: &'a str,
}

impl Serialize for OutputList<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let line = |line: &OutputLine| OutputObject {
            t: line.at.seconds(),
            task: line.task.map(|task| task.0),
            line: self.0.tables().text(line.text),
        };
        to.collect_seq(self.0.index().outputs().iter().map(line))
    }
}

/// The tasks, each made when it is written.
struct TaskList<'a>(&'a Replay);

#[derive(Serialize)]
struct TaskObject<'a> {
    id: u32,
    name: &'a str,
    parent: Option<u32>,
    state: &'static str,
    /// `None` if a gap hides some of them.
    polls: Option<u64>,
    spawned_s: Option<f64>,
    ended_s: Option<f64>,
    running_s: f64,
    ready_s: f64,
    waiting_s: f64,
    longest_poll_s: f64,
}

impl Serialize for TaskList<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let rows = self.0.index().head().tasks.iter();
        to.collect_seq(rows.map(|(task, row)| self.task(task, row)))
    }
}

impl<'a> TaskList<'a> {
    fn task(&self, task: TaskId, row: &TaskState) -> TaskObject<'a> {
        let TaskList(replay) = *self;
        let info = replay.tables().task(task);
        let [running_s, ready_s, waiting_s] = row.times(replay.index().head().now()).map(spans);
        TaskObject {
            id: task.0,
            name: replay.tables().task_name(task),
            parent: info
                .and_then(|info| info.parent)
                .map(|TaskId(parent)| parent),
            state: status_code(row.status()),
            polls: row.known_polls(),
            spawned_s: info.map(|info| info.spawned_at.seconds()),
            // The state of an ended task has not changed since its end.
            ended_s: row.status().ended().then(|| row.since.seconds()),
            running_s,
            ready_s,
            waiting_s,
            longest_poll_s: spans(row.longest),
        }
    }
}

/// Writes two runs as one object on a line, part by part.
///
/// * `saved_s`: the total time of A minus that of B.
/// * `ratio`: the total time of A divided by that of B; null if B takes no time and A does.
/// * `amdahl`: of the run with the lower bound, its work, and the total that no better order of
///   polls could improve.
/// * `conclusion`: the kinds of what was found, the most important first; `explanation` has them in
///   words.
/// * `findings`: the rules that only one of the runs breaks; null if a run has not ended.
pub fn write_comparison(
    a: &Replay,
    b: &Replay,
    language: Language,
    to: &mut impl Write,
) -> io::Result<()> {
    write_line(&ComparisonObject::new(a, b, &compare(a, b, language)), to)
}

/// What [`write_comparison`] writes, as a value.
pub fn comparison(a: &Replay, b: &Replay, language: Language) -> Value {
    value(&ComparisonObject::new(a, b, &compare(a, b, language)))
}

/// The members of a comparison, in their order.
#[derive(Serialize)]
struct ComparisonObject<'a> {
    a: RunObject<'a>,
    b: RunObject<'a>,
    saved_s: f64,
    /// An infinite one becomes null, as JSON has no infinity.
    ratio: f64,
    overlap: Value,
    amdahl: Value,
    summary: Value,
    first_difference: Value,
    conclusion: Vec<&'static str>,
    explanation: &'a [String],
    findings: Value,
    critical_path: Value,
    lesson: Option<Value>,
}

impl<'a> ComparisonObject<'a> {
    fn new(a: &'a Replay, b: &'a Replay, found: &'a Comparison) -> ComparisonObject<'a> {
        // Totals may be up to 585 years, twice as much as the signed `saved` can express. So the size
        // is computed from the totals, and only the sign is taken from `saved`.
        let size = spans(Span(found.a.total.nanos().abs_diff(found.b.total.nanos())));
        let times_of_a = latency::summary(a);
        let times_of_b = if a.has_trace_of(b) {
            times_of_a.clone()
        } else {
            latency::summary(b)
        };
        ComparisonObject {
            a: RunObject::with(a, times_of_a),
            b: RunObject::with(b, times_of_b),
            saved_s: if found.saved < 0 { -size } else { size },
            ratio: found.ratio,
            overlap: json!({"a": found.a.overlap, "b": found.b.overlap}),
            amdahl: json!({"serial_s": spans(found.serial), "bound_s": spans(found.bound)}),
            summary: json!({"a": numbers(&found.a), "b": numbers(&found.b)}),
            first_difference: first_difference(a, b, found),
            conclusion: found.contrasts.iter().map(Contrast::kind).collect(),
            explanation: &found.lines,
            findings: compared_findings(a, b, found),
            critical_path: json!({"a": path(&found.a.path), "b": path(&found.b.path)}),
            lesson: found.lesson.as_ref().map(lesson),
        }
    }
}

/// The rules that only one of two runs breaks; null unless both have ended.
fn compared_findings(a: &Replay, b: &Replay, found: &Comparison) -> Value {
    if !found.is_complete() {
        return Value::Null;
    }
    let ids = |rules: &[Rule]| rules.iter().map(|rule| rule.id()).collect::<Vec<_>>();
    let compared = ComparedFindings::of(a, b);
    json!({"only_a": ids(&compared.only_a), "only_b": ids(&compared.only_b)})
}

/// Where two runs differ first; null if no difference was found.
fn first_difference(a: &Replay, b: &Replay, found: &Comparison) -> Value {
    let Some(first) = &found.first else {
        return Value::Null;
    };
    let (at_a, at_b) = (a.state_at(first.a).now(), b.state_at(first.b).now());
    json!({
        "t": at_a.max(at_b).seconds(),
        "a": {"event": first.a.0, "t": at_a.seconds()},
        "b": {"event": first.b.0, "t": at_b.seconds()},
        "words": first.words,
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
        "ready_times": latency::quantiles(&run.ready_times),
        "poll_times": latency::quantiles(&run.poll_times),
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
