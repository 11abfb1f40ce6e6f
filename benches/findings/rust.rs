//! The programs in Rust, on the clock that each is listed with.

use loopscope::{
    Builder,
    insight::{Findings, Language, Limits, Severity},
    replay::Replay,
    runtime::OnIdle,
    scene::findings::{FindingView, finding_views},
    trace::ClockKind,
};

use super::{Score, Scores, count, healthy::HEALTHY, pairs::PAIRS, random};

/// How many random programs are checked.
const RANDOM: u64 = 10_000;

fn findings(clock: ClockKind, source: Option<(&str, &str)>, main: impl Future) -> Vec<FindingView> {
    let run = Builder::new()
        .clock(clock)
        .on_idle(OnIdle::End)
        .record(true)
        .run(main);
    let mut log = run.log;
    let sources = source.map(|(rule, text)| (format!("rust/{rule}.rs"), text.to_owned()));
    log.meta.sources.extend(sources);
    let replay = Replay::new(log);
    finding_views(
        &replay,
        &Findings::of(&replay, &Limits::default()),
        Language::Rust,
    )
}

fn has_alarm(views: &[FindingView]) -> bool {
    views.iter().any(|view| view.severity > Severity::Info)
}

pub(super) fn score(scores: &mut Scores) {
    for pair in PAIRS {
        let mark = format!("// WRONG: {}", pair.rule);
        let marks: Vec<u32> = (1..)
            .zip(pair.source.lines())
            .filter(|(_, text)| text.ends_with(&mark))
            .map(|(line, _)| line)
            .collect();
        let source = Some((pair.rule, pair.source));
        let wrong = findings(pair.clock, source, (pair.wrong)());
        let mut own = wrong.iter().filter(|view| view.id == pair.rule).peekable();
        let is_named = own.peek().is_some();
        let is_at_line = own.any(|view| {
            let at = view.location.as_ref().map_or(0, |at| at.line);
            marks.iter().any(|mark| mark.abs_diff(at) <= 2)
        });
        count(scores, pair.rule, Score::of_wrong(is_named, is_at_line));
        let right = findings(pair.clock, source, (pair.right)());
        count(scores, pair.rule, Score::of_healthy(has_alarm(&right)));
    }
    for program in HEALTHY {
        let has_alarm = has_alarm(&findings(program.clock, None, (program.program)()));
        if has_alarm {
            println!(
                "findings: {}.rs is healthy, and raises an alarm",
                program.name
            );
        }
        count(scores, "healthy", Score::of_healthy(has_alarm));
    }
}

/// How many random programs raise an alarm, all of which are healthy by construction.
pub(super) fn random_alarms() -> usize {
    let loud = (0..RANDOM).filter(|seed| {
        let has_alarm = has_alarm(&findings(ClockKind::Virtual, None, random::healthy(*seed)));
        if has_alarm {
            println!("findings: the random program {seed} is healthy, and raises an alarm");
        }
        has_alarm
    });
    loud.count()
}
