//! The conclusion about two runs follows from what is in their traces.

mod backward;

use std::time::Duration;

use loopscope::{
    Builder,
    insight::{self, Contrast, Language, Side, Summary},
    replay::{Replay, Status},
    trace::{ClockKind, Event, Moment, Outcome, Position, Span, TaskEvent},
};
use loopscope_program::scenarios as catalogue;

use super::programs::{CONCURRENT, replay};
use crate::{
    scripted::{Do, S},
    support::{run_named, run_of},
};
use backward::{BackwardPath, backward_path};

fn found(scenario: &str, a: &str, b: &str) -> (Vec<Contrast>, Vec<String>) {
    let (a, b) = (run_named(scenario, a), run_named(scenario, b));
    let compared = insight::compare(&a, &b, Language::Rust);
    (compared.contrasts, compared.lines)
}

/// Once: "No difference: the two runs do the same at every moment."
#[test]
fn runs_that_differ_only_in_ticks_are_told_apart() {
    let (contrasts, lines) = found("lesson_20_snapshot", "wrong", "right");
    assert!(contrasts.contains(&Contrast::SameLines), "{contrasts:?}");
    assert_eq!(
        lines[1],
        "The same lines are printed at the same times: 3 ticks in A, 1 in B."
    );
    let [a, b] = ["wrong", "right"].map(|variant| run_named("lesson_20_snapshot", variant));
    assert!(insight::first_difference(&a, &b, Language::Rust).is_some());
}

/// Once, the names of functions were a difference: `join #1 deposit` and `join #1 deposit_locked`.
#[test]
fn the_first_difference_is_not_a_name() {
    let named = |name: &'static str| {
        let script = vec![Do::Sleep(S, 1), Do::Print("done")];
        replay(
            "",
            vec![Do::Spawn(name, script, 2), Do::Join(1, 3)],
            CONCURRENT,
        )
    };
    let [a, b] = [named("deposit"), named("deposit_locked")];
    assert_eq!(insight::first_difference(&a, &b, Language::Rust), None);
    // The lock itself is the first difference of the lesson, not the name of its task.
    let [a, b] = ["wrong", "right"].map(|variant| run_named("lesson_16_lost_update", variant));
    let first = insight::first_difference(&a, &b, Language::Rust).unwrap();
    assert!(first.words.contains("lock account"), "{}", first.words);
}

/// Once: "beat 2 late 1.7s" is printed at 1.000 in B, where it is not printed at all.
#[test]
fn a_line_is_quoted_from_the_run_that_prints_it() {
    let (_, lines) = found("blocking_call", "blocking", "cooperative");
    let said = lines.join(" ");
    let moved = "A prints \"beat 2 late 1.7s\" at 2.700, B prints \"beat 2 late 0.0s\" at 1.000.";
    assert!(said.contains(moved), "{said}");
    assert!(said.contains("apart from the numbers in them"), "{said}");
}

/// A recording of a user's program does not contain its output.
#[test]
fn runs_without_output_are_not_said_to_print_the_same() {
    let yields = |count: usize| replay("", vec![Do::Yield; count], CONCURRENT);
    let lines = insight::compare(&yields(1), &yields(2), Language::Rust).lines;
    let said = lines.join(" ");
    assert!(said.contains("No output is recorded: "), "{said}");
    assert!(!said.contains("The same lines"), "{said}");
}

/// On the real clock two runs of one program are some microseconds apart, which is no difference.
#[test]
fn a_difference_on_the_real_clock_lasts() {
    let [a, b] = [(); 2].map(|()| run_named("file_reads", "to_thread"));
    if let Some(first) = insight::first_difference(&a, &b, Language::Rust) {
        assert!(!first.words.contains("0 tasks"), "{}", first.words);
    }
}

/// Once: "one wait at a time, so they add up", of a run whose loop was held.
#[test]
fn a_held_loop_is_the_reason_of_a_longer_run() {
    let (contrasts, lines) = found("lesson_06_block", "wrong", "right");
    assert!(matches!(
        contrasts[1],
        Contrast::LoopHeld {
            side: Side::A,
            is_reason: true,
            ..
        }
    ));
    assert_eq!(
        lines[0],
        "A takes 1.000 s more than B: in A, #2 work holds the loop from 0.000 to 1.500 and delays #1 beats by 1.000 s; in B no poll delays another task."
    );
}

/// Once: "what differs is the order, not the time", while a heartbeat was 1.7 s late.
#[test]
fn a_held_loop_is_stated_though_the_totals_agree() {
    let (contrasts, lines) = found("blocking_call", "blocking", "cooperative");
    let held = contrasts.iter().find_map(|contrast| match contrast {
        Contrast::LoopHeld { side, hold, .. } => Some((*side, hold.delay)),
        _ => None,
    });
    assert_eq!(held, Some((Side::A, Span(1_700_000_000))), "{lines:?}");
    assert!(
        lines[1].starts_with("In A, #0 main holds the loop from 0.700 to 2.700"),
        "{lines:?}"
    );
}

/// Once: "what differs is the order, not the time", while the first result came 2 s earlier.
#[test]
fn an_earlier_first_line_is_stated() {
    let (_, lines) = found("use_files", "tickets_in_order", "first_ready");
    assert_eq!(
        lines[..2],
        [
            "Both take 3.000 s.",
            "The first line is printed at 3.000 in A, at 1.000 in B."
        ]
    );
}

/// Once: "best total that leaves is 2.000 s of 1.000 s".
#[test]
fn no_bound_is_longer_than_its_run() {
    for run in virtual_runs() {
        let sum = insight::summary(&run);
        let name = &run.log().meta.variant;
        assert!(sum.bound <= sum.total && sum.serial <= sum.total, "{name}");
    }
}

/// Once: "B saves 2.000 s: the same work", of two unrelated programs.
#[test]
fn totals_of_two_programs_are_not_compared() {
    let a = run_named("lesson_22_polling", "wrong");
    let b = run_named("say_after", "concurrent");
    let compared = insight::compare(&a, &b, Language::Rust);
    assert_eq!(compared.contrasts, [Contrast::TwoPrograms]);
    assert!(compared.lines[0].ends_with("their totals cannot be compared."));
}

/// Once: "A is a run of a, B of b: their totals cannot be compared", of a program and its mended copy.
#[test]
fn a_mended_copy_in_another_file_is_compared_with_the_program() {
    let [mut a, b] = ["sequential", "concurrent"].map(|variant| run_named("say_after", variant));
    let mut log = a.log().clone();
    log.meta.scenario = "before".to_owned();
    a = Replay::new(log);
    let compared = insight::compare(&a, &b, Language::Rust);
    assert_eq!(compared.longer(), Some(Side::A), "{:?}", compared.lines);
}

/// Once: "A takes 1.000 s more than B", of two programs that print `done` and nothing else.
#[test]
fn a_single_word_does_not_make_two_files_one_program() {
    let run = |file: &str, task: &'static str, seconds: u64| {
        let run = Builder::new()
            .clock(ClockKind::Virtual)
            .record(true)
            .run(async move {
                let sleep = loopscope::sleep(Duration::from_secs(seconds));
                loopscope::spawn_named(task, sleep).await;
                loopscope::println!("done");
            });
        let mut log = run.log;
        log.meta.scenario = file.to_owned();
        Replay::new(log)
    };
    let a = run("import.py", "download", 2);
    let other = insight::compare(&a, &run("backup.py", "copy", 1), Language::Rust);
    assert_eq!(other.contrasts, [Contrast::TwoPrograms]);
    let mended = insight::compare(&a, &run("mended.py", "download", 1), Language::Rust);
    assert_eq!(mended.longer(), Some(Side::A), "{:?}", mended.lines);
}

/// Once: "B takes 0.151 s more than A", of 20 downloads and 10.
#[test]
fn totals_of_different_work_are_not_compared() {
    let (contrasts, lines) = found("flag_downloads", "gather", "throttled");
    let work = |contrast: &Contrast| matches!(contrast, Contrast::DifferentWork(_));
    assert!(contrasts.iter().any(work), "{contrasts:?}");
    assert!(
        !lines.iter().any(|line| line.contains("more than")),
        "{lines:?}"
    );
}

/// Once: "what differs is the order, not the time", of a run and itself.
#[test]
fn identical_runs_are_called_identical() {
    let (contrasts, lines) = found("say_after", "concurrent", "concurrent");
    assert_eq!(contrasts, [Contrast::Identical]);
    assert!(lines[0].starts_with("The runs are identical"));
}

#[test]
fn a_limit_is_the_reason_of_a_longer_run() {
    let (_, lines) = found("lesson_17_own_semaphore", "wrong", "right");
    assert_eq!(
        lines[0],
        "B takes 2.000 s more than A: in B, tasks wait for a permit of the semaphore shared (limit 2): 2.000 s of its critical path."
    );
}

#[test]
fn waits_in_series_are_the_reason_of_a_longer_run() {
    let (_, lines) = found("say_after", "in_order", "concurrent");
    assert_eq!(
        lines[0],
        "A takes 1.000 s more than B: in A, 2 waits follow one another (3.000 s); in B the longest sequence is 1 wait (2.000 s), because up to 2 waits overlap."
    );
}

/// Once, `limit=5` was in the header of variants without a limit, and `consumers=0` in that of
/// three consumers.
#[test]
fn a_run_is_described_by_the_parameters_it_takes() {
    let names = |scenario: &str, variant: &str| -> Vec<String> {
        let run = run_named(scenario, variant);
        let params = run.log().meta.params.iter();
        params.map(|(name, _)| name.clone()).collect()
    };
    assert!(names("flag_downloads", "gather").is_empty());
    assert_eq!(names("flag_downloads", "throttled"), ["limit"]);
    assert_eq!(
        names("producer_consumer", "three_consumers"),
        ["producers", "items", "work"]
    );
}

fn virtual_runs() -> Vec<Replay> {
    let variants = catalogue::ALL.iter().flat_map(|scenario| {
        scenario
            .variants
            .iter()
            .map(move |variant| (scenario, variant))
    });
    let on_virtual = variants.filter(|(_, variant)| variant.clock == ClockKind::Virtual);
    on_virtual
        .map(|(scenario, variant)| run_of(scenario, variant))
        .collect()
}

#[test]
fn the_critical_path_is_the_one_traced_backward() {
    for run in virtual_runs() {
        let meta = &run.log().meta;
        let name = format!("{}:{}", meta.scenario, meta.variant);
        let sum = insight::summary(&run);
        let path = sum.path;
        if sum.outcome == Some(Outcome::Finished) {
            let forward = BackwardPath {
                work: path.work,
                queued: path.queued,
                late: path.late,
                outside: path.outside,
                waits: path.waits,
            };
            assert_eq!(forward, backward_path(&run), "{name}");
        }
        let sums = path.work + path.queued + path.late + path.outside;
        assert_eq!(sums, sum.total, "{name}");
    }
}

/// Every conclusion about every pair of variants is derived again from the events.
#[test]
fn every_conclusion_has_its_cause_in_the_traces() {
    let runs = virtual_runs();
    let mut checked = 0;
    for a in &runs {
        for b in &runs {
            if a.log().meta.scenario != b.log().meta.scenario {
                continue;
            }
            let compared = insight::compare(a, b, Language::Rust);
            for contrast in &compared.contrasts {
                check(contrast, [a, b], [&compared.a, &compared.b]);
                checked += 1;
            }
            let words =
                |run: &Replay| format!("{} {}", run.log().meta.scenario, run.log().meta.variant);
            assert!(!compared.lines.is_empty(), "{} {}", words(a), words(b));
        }
    }
    assert!(checked > 500, "{checked}");
}

fn check(contrast: &Contrast, runs: [&Replay; 2], sums: [&Summary; 2]) {
    let total = |run: &Replay| run.index().head().now().since(Moment::START);
    let totals = runs.map(total);
    match contrast {
        Contrast::Identical => assert_eq!(runs[0].log().bytes, runs[1].log().bytes),
        Contrast::SameTotal(span) => assert_eq!([*span; 2], totals),
        Contrast::Longer { side, by } => {
            let (longer, shorter) = (totals[*side as usize], totals[side.other() as usize]);
            assert_eq!(longer, shorter + *by);
            assert!(
                !work_differs(runs, sums),
                "totals of different work: {runs:?}"
            );
        }
        Contrast::LoopHeld { side, hold, .. } => {
            let run = runs[*side as usize];
            let before = run.state_at(last_at(run, hold.to));
            assert!(before.now() == hold.to && hold.from < hold.to);
            assert!(
                polls_between(run, hold.from, hold.to) >= 1,
                "no poll takes that long"
            );
            assert!(hold.delay <= hold.to.since(hold.from) && hold.delay.nanos() >= 20_000_000);
        }
        Contrast::WaitsInSeries { side, waits, .. } => {
            let paths = [*side, side.other()].map(|side| backward_path(runs[side as usize]));
            assert_eq!(*waits, paths.map(|path| path.waits));
            assert!(paths[0].outside > paths[1].outside && paths[0].waits > 1);
        }
        Contrast::Limited { side, sum, .. } => {
            let other = sums[side.other() as usize];
            assert!(*sum > other.limits.min(other.path.limited));
            assert!(waits_for_limit(runs[*side as usize]));
        }
        Contrast::DifferentWork(_) => assert!(work_differs(runs, sums)),
        Contrast::FirstOutput(at) => {
            let first = runs.map(|run| run.index().outputs().first().map(|line| line.at));
            assert_eq!(*at, first);
            assert_ne!(at[0], at[1]);
        }
        Contrast::LineMoved { at, .. } => assert_ne!(at[0], at[1]),
        Contrast::OtherLines(counts) => {
            let lines = runs.map(|run| run.index().head().outputs);
            assert_eq!(*counts, lines);
        }
        Contrast::SameLines | Contrast::PollsReordered { .. } | Contrast::OnlyDetails => {
            let [a, b] = runs.map(|run| run.index().outputs());
            let times = a.iter().zip(b).all(|(a, b)| a.at == b.at);
            assert!(times && a.len() == b.len());
        }
        Contrast::Endings(endings) => {
            let ends = runs.map(|run| run.index().head().outcome);
            assert_eq!(*endings, ends);
        }
        Contrast::Count { counts, .. } => assert_ne!(counts[0], counts[1]),
        _ => {}
    }
}

/// The last position at or before a moment.
fn last_at(run: &Replay, moment: Moment) -> Position {
    run.at_moment(moment)
}

/// How many polls begin and end at these moments, or are in progress over all of that time.
fn polls_between(run: &Replay, from: Moment, to: Moment) -> u32 {
    let mut since = None;
    let mut found = 0;
    for (_, event, cursor) in run.events_from(Position(0)) {
        match event {
            Event::Task(TaskEvent::PollStart { .. }) => since = Some(cursor.now()),
            Event::Task(TaskEvent::PollEnd { .. }) => {
                let began = since.take();
                found += u32::from(began.is_some_and(|began| began <= from) && cursor.now() >= to);
            }
            _ => {}
        }
    }
    found
}

/// Whether the sums of polls and outside waits differ, by the tables of tasks at the end.
fn work_differs(runs: [&Replay; 2], sums: [&Summary; 2]) -> bool {
    let lines = runs.map(|run| run.index().outputs().len());
    let effort = runs.map(|run| {
        let head = run.index().head();
        let rows = head.tasks.iter();
        let rows = rows.filter(|(_, row)| row.status() != Status::Cancelled);
        rows.fold(Span::ZERO, |sum, (_, row)| sum + row.running)
    });
    // The sums contain at least the polls.
    assert!(
        effort
            .iter()
            .zip(sums)
            .all(|(polls, sum)| sum.effort >= *polls)
    );
    let differ = |a: Span, b: Span| a.nanos().abs_diff(b.nanos()) >= 1_000_000;
    let late = sums.map(|sum| sum.effort + sum.path.late);
    let texts = runs.map(|run| {
        let lines = run.index().outputs().iter();
        let mut texts: Vec<&str> = lines.map(|line| run.tables().text(line.text)).collect();
        texts.sort_unstable();
        texts
    });
    let same_lines = texts[0] == texts[1] && lines[0] > 0;
    differ(sums[0].effort, sums[1].effort)
        && differ(late[0], late[1])
        && !same_lines
        && !only_times_differ(&texts)
}

/// Whether the lines are the same up to their digits.
fn only_times_differ(texts: &[Vec<&str>; 2]) -> bool {
    let words = |text: &&str| -> String { text.chars().filter(|c| !c.is_ascii_digit()).collect() };
    let [a, b] = texts
        .each_ref()
        .map(|texts| texts.iter().map(words).collect::<Vec<_>>());
    a == b && !a.is_empty()
}

/// Whether a task declares a wait for a lock, a semaphore or room in a channel.
fn waits_for_limit(run: &Replay) -> bool {
    use loopscope::trace::Wait;
    run.events_from(Position(0)).any(|(_, event, _)| {
        matches!(
            event,
            Event::Task(TaskEvent::Wait {
                on: Wait::Acquire(_) | Wait::Send(_),
                ..
            })
        )
    })
}
