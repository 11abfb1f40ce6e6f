//! `loopscope critical`: what made a run as long as it was.

use std::io::{self, Write};

use loopscope::{
    insight::{
        CriticalPath, Language, NoPath, SegmentKind, Summary, critical_path, path_sentence, summary,
    },
    replay::Replay,
    scene::{
        critical::{CriticalView, PartView, PathWords, SegmentView},
        findings::ProgramLine,
        json::write_part,
    },
    trace::{Outcome, Span, sanitized},
};
use serde_json::{Value, json};

use super::{
    args::{CriticalCommand, DisplayArgs},
    check::each_run,
    output::{CliResult, StandardOutput, print_with},
};

/// The most parts and segments that are printed without `--json`.
const LISTED: usize = 40;

/// What is shorter is shown as 0.000 s.
const BRIEF: Span = Span(500_000);

/// What is printed of a run.
enum PrintedRun {
    Path(Box<MeasuredRun>),
    Sums(Box<LongRun>),
}

/// A run whose polls are too many for the segments of its path. They need memory for each poll; the
/// sums need memory for each task.
struct LongRun {
    what: String,
    summary: Summary,
    why: NoPath,
}

impl LongRun {
    fn new(what: &str, replay: &Replay, why: NoPath) -> LongRun {
        LongRun {
            what: what.to_owned(),
            summary: summary(replay),
            why,
        }
    }

    fn note(&self) -> String {
        format!(
            "{}. These are its sums; --load reads a part of a recording.",
            self.why.words()
        )
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let ending = self.summary.outcome;
        let ending = ending.map_or("not ended", |outcome| outcome.as_str());
        let what = sanitized(&self.what, "");
        writeln!(out, "{what} ({ending}) took {}s", self.summary.total)?;
        writeln!(out, "  {}", self.note())?;
        writeln!(out, "  {}\n", path_sentence(&what, &self.summary))
    }

    fn object(&self) -> Value {
        let path = &self.summary.path;
        json!({
            "what": self.what,
            "outcome": self.summary.outcome.map(Outcome::as_str),
            "total_s": self.summary.total.seconds(),
            "notes": [self.note()],
            "parts": [],
            "behind": [],
            "halved": [],
            "segments": [],
            "sums": {
                "waiting_s": path.outside.seconds(),
                "running_s": path.work.seconds(),
                "ready_s": path.queued.seconds(),
                "late_s": path.late.seconds(),
            },
        })
    }
}

/// A run and its path.
struct MeasuredRun {
    /// What the user called it.
    what: String,
    outcome: Option<Outcome>,
    view: CriticalView,
    /// The longest segments, in their order.
    segments: Vec<SegmentView>,
    /// How many segments are left out, and how long they are together.
    left_out: (usize, Span),
}

pub(crate) fn critical(args: &CriticalCommand, display: &DisplayArgs) -> CliResult {
    if args.json {
        return print_json(args, display);
    }
    let mut runs = Vec::new();
    each_run(&args.runs, |name, replay| {
        runs.push(match critical_path(replay) {
            Ok(path) => {
                let language = display.language().for_run(replay);
                let run = MeasuredRun::new(name, replay, &path, language);
                PrintedRun::Path(Box::new(run))
            }
            Err(why) => PrintedRun::Sums(Box::new(LongRun::new(name, replay, why))),
        });
    })?;
    Ok(print_with(|out| {
        runs.iter().try_for_each(|run| match run {
            PrintedRun::Path(run) => write(run, out),
            PrintedRun::Sums(run) => run.write(out),
        })
    }))
}

/// Writes each run as it is made: a path may have millions of segments. If a later run cannot be
/// made, the document ends with those before it.
fn print_json(args: &CriticalCommand, display: &DisplayArgs) -> CliResult {
    const START: &str = "{\"runs\":[";
    let mut out = StandardOutput::new();
    let mut before = START;
    let made = each_run(&args.runs, |name, replay| {
        out.write(|out| {
            out.write_all(before.as_bytes())?;
            match critical_path(replay) {
                Ok(path) => {
                    let language = display.language().for_run(replay);
                    write_object(name, replay, &path, language, out)
                }
                Err(why) => write_part(&LongRun::new(name, replay, why).object(), out),
            }
        });
        before = ",";
    });
    if before != START {
        out.write(|out| out.write_all(b"]}\n"));
    }
    made.map(|()| out.end())
}

impl MeasuredRun {
    fn new(what: &str, replay: &Replay, path: &CriticalPath, language: Language) -> MeasuredRun {
        let words = PathWords::new(replay, path.total, language);
        let segments = longest(path);
        let segments = segments.iter().map(|at| words.segment(&path.segments[*at]));
        let segments: Vec<SegmentView> = segments.collect();
        let listed = segments.iter();
        let listed = listed.fold(Span::ZERO, |sum, listed| sum + listed.to.since(listed.from));
        MeasuredRun {
            what: what.to_owned(),
            outcome: replay.index().head().outcome,
            view: CriticalView::new(replay, path, language),
            left_out: (path.segments.len() - segments.len(), path.total - listed),
            segments,
        }
    }
}

/// The places of the longest segments, in their order. Of those that take less than a millisecond,
/// only polls: they tell through which tasks the path leads.
fn longest(path: &CriticalPath) -> Vec<usize> {
    let counts = |at: &usize| {
        let segment = &path.segments[*at];
        segment.kind == SegmentKind::Work || segment.length() >= BRIEF
    };
    let mut places: Vec<usize> = (0..path.segments.len()).filter(counts).collect();
    places.sort_by_key(|at| std::cmp::Reverse(path.segments[*at].length()));
    places.truncate(LISTED);
    places.sort_unstable();
    places
}

fn write(run: &MeasuredRun, out: &mut impl Write) -> io::Result<()> {
    let view = &run.view;
    let ending = run.outcome.map_or("not ended", |outcome| outcome.as_str());
    let what = sanitized(&run.what, "");
    writeln!(out, "{what} ({ending}) took {}s", view.total)?;
    for note in &view.notes {
        writeln!(out, "  {note}")?;
    }
    writeln!(out, "\n   share     time  segments  on the critical path")?;
    write_parts(&view.parts, out)?;
    if view.behind.iter().any(|part| part.time >= BRIEF) {
        let head = "ran while the path was in the ready queue or late";
        writeln!(out, "\n   share     time     polls  {head}")?;
        write_parts(&view.behind, out)?;
    }
    if !view.halved.is_empty() {
        writeln!(out, "\n   total   change  if this took half as long")?;
    }
    for (part, total) in &view.halved {
        let saved = (view.total - *total).seconds() / view.total.seconds() * 100.0;
        let (total, phrase) = (total.seconds(), part.phrase());
        let phrase = sanitized(&phrase, "");
        writeln!(out, "{total:>7.3}s {:>8}  {phrase}", less(saved))?;
    }
    writeln!(out, "\n    from      for  in order")?;
    for segment in &run.segments {
        let time = segment.to.since(segment.from).seconds();
        let (from, sentence) = (segment.from.seconds(), segment.sentence());
        writeln!(
            out,
            "{from:>7.3}s {time:>7.3}s  {}",
            sanitized(&sentence, "")
        )?;
    }
    match run.left_out {
        (0, _) => {}
        (1, time) => writeln!(out, "and 1 shorter segment of {time}s; --json has it")?,
        (count, time) => {
            writeln!(
                out,
                "and {count} shorter segments, {time}s together; --json has them"
            )?;
        }
    }
    writeln!(out)
}

/// The parts that take time.
fn write_parts(parts: &[PartView], out: &mut impl Write) -> io::Result<()> {
    let timed = parts.iter().filter(|part| part.time >= BRIEF);
    for part in timed.take(LISTED) {
        let (share, time, phrase) = (part.share * 100.0, part.time.seconds(), part.phrase());
        let phrase = sanitized(&phrase, "");
        writeln!(
            out,
            "{share:>6.0} % {time:>7.3}s {:>9}  {phrase}",
            part.segments
        )?;
    }
    Ok(())
}

/// How much less time, in percent.
fn less(percent: f64) -> String {
    if percent < 0.5 {
        "same".to_owned()
    } else {
        format!("-{percent:.0} %")
    }
}

/// Programs rely on the fields: fields may be added, but none may change or be removed.
fn write_object(
    what: &str,
    replay: &Replay,
    path: &CriticalPath,
    language: Language,
    out: &mut impl Write,
) -> io::Result<()> {
    let view = CriticalView::new(replay, path, language);
    let words = PathWords::new(replay, path.total, language);
    let outcome = replay.index().head().outcome;
    for (name, value) in [
        ("{\"what\":", json!(what)),
        (",\"outcome\":", json!(outcome.map(Outcome::as_str))),
        (",\"total_s\":", json!(view.total.seconds())),
        (",\"notes\":", json!(view.notes)),
    ] {
        out.write_all(name.as_bytes())?;
        write_part(&value, out)?;
    }
    write_list("parts", view.parts.iter().map(part), out)?;
    write_list("behind", view.behind.iter().map(part), out)?;
    let halved = view.halved.iter().map(|(of, total)| {
        let mut value = part(of);
        value["total_s"] = json!(total.seconds());
        value
    });
    write_list("halved", halved, out)?;
    let segments = path.segments.iter();
    let segments = segments.map(|segment| segment_object(&words.segment(segment)));
    write_list("segments", segments, out)?;
    out.write_all(b"}")
}

/// Writes a member that is a list.
fn write_list(
    name: &str,
    values: impl Iterator<Item = Value>,
    out: &mut impl Write,
) -> io::Result<()> {
    write!(out, ",\"{name}\":[")?;
    for (value, at) in values.zip(0_u64..) {
        if at > 0 {
            out.write_all(b",")?;
        }
        write_part(&value, out)?;
    }
    out.write_all(b"]")
}

fn segment_object(segment: &SegmentView) -> Value {
    json!({
        "kind": segment.kind,
        "task": segment.task.as_ref().map(|(number, _)| number),
        "task_name": segment.task.as_ref().map(|(_, name)| name),
        "location": segment.location.as_ref().map(ProgramLine::to_string),
        "from_s": segment.from.seconds(),
        "to_s": segment.to.seconds(),
        "share": segment.share,
        "event": segment.position.0,
    })
}

fn part(part: &PartView) -> Value {
    json!({
        "kind": part.kind,
        "location": part.location.as_ref().map(ProgramLine::to_string),
        "task": part.task.as_ref().map(|(number, _)| number),
        "task_name": part.task.as_ref().map(|(_, name)| name),
        "tasks": part.tasks,
        "time_s": part.time.seconds(),
        "share": part.share,
        "segments": part.segments,
    })
}

#[cfg(test)]
mod tests {
    use loopscope::trace::{LocationId, Log, PollOutcome, TaskId, Writer};

    use super::*;

    #[test]
    fn a_run_of_too_many_polls_has_sums_instead_of_segments() {
        let mut to = Writer::new();
        let main = to.intern("main");
        to.spawn(main, LocationId::UNKNOWN, false);
        to.tick_start();
        to.timers(0);
        to.run(1);
        to.poll_start(TaskId(0));
        to.poll_end(PollOutcome::Ready, 2_000_000_000);
        to.end(Outcome::Finished);
        let replay = Replay::new(Log {
            bytes: to.take(),
            ..Log::default()
        });
        let run = LongRun::new(
            "a.loopscope",
            &replay,
            NoPath::TooLong {
                polls: 5_000_000,
                tasks: 1,
            },
        );
        let mut text = Vec::new();
        run.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("5000000 polls"), "{text}");
        assert!(text.contains("2.000 s in polls"), "{text}");
        assert_eq!(run.object()["sums"]["running_s"], 2.0);
    }
}
