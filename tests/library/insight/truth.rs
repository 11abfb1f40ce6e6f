//! The truth of the narration: every sentence about every event of every scenario, and of random
//! programs, is compared with the trace.
//!
//! The comparison uses no fact of the library. [`ledger::Ledger`] reads the events on its own: who
//! runs, who waits for what, which timers are pending, which tasks form a group. The checks read
//! names and numbers out of the sentences and look them up there.

mod cases;
mod ledger;
mod notes;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use loopscope::{
    insight::{Language, narrate_step},
    replay::{EventStep, Replay},
    trace::{
        ClockKind, Event, LoopEvent, Outcome, PollOutcome, Position, ResourceEvent, TaskEvent,
        TaskId, WakeEffect, WokenBy,
    },
};
use loopscope_program::scenarios;

use crate::{
    scripted::random_run,
    support::{run_named, run_of},
};
use ledger::Ledger;

/// How many random programs are checked.
const PROGRAMS: u64 = 1_000;

/// The variants on the real clock that need no network, and at most four seconds.
const REAL: [(&str, &str); 12] = [
    ("blocking_call", "to_thread"),
    ("echo_server", "sequential"),
    ("echo_server", "concurrent"),
    ("echo_server", "protocol"),
    ("file_reads", "to_thread"),
    ("http_headers", "local"),
    ("int_stream", "three_messages"),
    ("offload", "inline"),
    ("offload", "to_thread"),
    ("offload", "two_threads"),
    ("two_requests", "net"),
    ("why_server", "three_messages"),
];

/// The number of a task in a sentence, with what follows it.
fn labels(text: &str) -> Vec<(TaskId, &str)> {
    let starts = text.match_indices('#').map(|(at, _)| &text[at + 1..]);
    starts
        .filter_map(|rest| {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number = rest[..digits].parse().ok()?;
            Some((TaskId(number), &rest[digits..]))
        })
        .collect()
}

/// The sentence without what the program itself has printed or is written in.
fn unquoted(text: &str) -> String {
    let mut kept = String::new();
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None => kept.push(c),
        }
    }
    kept
}

/// The number that follows a text in a sentence.
fn number_after(text: &str, before: &str) -> Option<u64> {
    let at = text.find(before)? + before.len();
    let digits: String = text[at..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

fn names_exist(step: &EventStep<'_>, text: &str) {
    let nothing = text.match_indices("0.000 s");
    for (at, _) in nothing {
        // `10.000 s` is something.
        assert!(text[..at].ends_with(|c: char| c.is_ascii_digit()), "{text}");
    }
    for (task, rest) in labels(&unquoted(text)) {
        let name = step.tables().task_name(task);
        assert!(step.tables().task(task).is_some(), "{task} in {text:?}");
        let start: String = name.chars().take(20).collect();
        let named = rest
            .strip_prefix(' ')
            .is_some_and(|rest| rest.starts_with(&start));
        assert!(
            named || start.is_empty(),
            "{task} is {name:?}, not as in {text:?}"
        );
    }
}

/// The first line: who acts is who runs, who wakes is the waker of the event.
fn headline_is_true(ledger: &Ledger, step: &EventStep<'_>, what: &str) {
    let named: Vec<TaskId> = labels(&unquoted(what))
        .iter()
        .map(|(task, _)| *task)
        .collect();
    let first = named.first().copied();
    match step.event {
        Event::Task(TaskEvent::Wake { task, by, effect }) => {
            assert!(
                named.contains(&task) || effect == WakeEffect::Redundant,
                "{what}"
            );
            match by {
                WokenBy::Task(waker) if waker != task => {
                    let to_be_cancelled = what.contains("to be cancelled");
                    assert!(
                        first == Some(waker) || to_be_cancelled,
                        "woken by {waker}: {what}"
                    );
                }
                WokenBy::Timer(_) | WokenBy::Io | WokenBy::Thread(_) => {
                    assert!(named.iter().all(|it| *it == task), "{by:?}: {what}");
                }
                _ => {}
            }
        }
        Event::Task(
            TaskEvent::PollStart { task }
            | TaskEvent::PollEnd { task, .. }
            | TaskEvent::Wait { task, .. }
            | TaskEvent::Failed { task, .. }
            | TaskEvent::CancelDelivered { task },
        ) => assert_eq!(first, Some(task), "{what}"),
        Event::Output { .. }
        | Event::Resource(ResourceEvent::Created { .. })
        | Event::Task(TaskEvent::Spawn {
            parent: Some(_), ..
        })
        | Event::Loop(LoopEvent::Advance {
            why: loopscope::trace::Advance::Worked,
            ..
        }) => {
            if let Some(running) = ledger.running {
                assert_eq!(first, Some(running), "{running} runs: {what}");
            }
        }
        Event::Resource(ResourceEvent::Op { .. }) => {
            if let (Some(running), Some(first)) = (ledger.running, first) {
                assert_eq!(first, running, "{what}");
            }
        }
        _ => {}
    }
    ends_are_told_as_they_are(step, what);
}

fn ends_are_told_as_they_are(step: &EventStep<'_>, what: &str) {
    if let Event::Task(TaskEvent::PollEnd { outcome, .. }) = step.event {
        let told_as_success = what.contains("completes") || what.contains("DONE");
        assert_eq!(told_as_success, outcome == PollOutcome::Ready, "{what}");
    }
    if let Event::Loop(LoopEvent::Park { until: None }) = step.event {
        let next = step.replay.event_before(Position(step.position().0 + 1));
        let dead = matches!(
            next,
            Some(Event::Loop(LoopEvent::End {
                outcome: Outcome::Deadlock
            }))
        );
        assert_eq!(what.contains("until I/O"), !dead, "{what}");
    }
}

/// Checks all sentences about a run; returns how many there are.
fn check(replay: &Replay, language: Language) -> usize {
    let mut ledger = Ledger::new(replay);
    let mut sentences = 0;
    let mut steps = replay.steps(Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        let told = narrate_step(&step, language);
        assert!(
            !told.what.is_empty() && told.what.ends_with('.'),
            "{:?}",
            step.event
        );
        headline_is_true(&ledger, &step, &told.what);
        ledger.counts_are_true(&step, &told.what);
        let why = told.why.unwrap_or_default();
        for text in [&told.what, &why] {
            names_exist(&step, text);
        }
        sentences += 1 + usize::from(!why.is_empty());
        if let Some(note) = &told.note {
            names_exist(&step, &note.text);
            notes::note_is_true(&ledger, &step, note);
            sentences += 1;
        }
        ledger.expect_what_is_announced(&step, told.note.as_ref());
        ledger.apply(&step);
    }
    sentences
}

/// The sentences of all these runs. What is false is printed, for each run its first sentence.
fn check_all<T: std::fmt::Debug>(runs: impl Iterator<Item = (T, Replay, Language)>) -> usize {
    let mut sentences = 0;
    let mut false_in = Vec::new();
    for (name, replay, language) in runs {
        match catch_unwind(AssertUnwindSafe(|| check(&replay, language))) {
            Ok(count) => sentences += count,
            Err(_) => false_in.push(name),
        }
        assert!(false_in.len() < 5, "false in {false_in:?} and more");
    }
    assert!(false_in.is_empty(), "false in {false_in:?}");
    sentences
}

#[test]
fn every_sentence_about_every_scenario_is_true() {
    let variants = scenarios::ALL.iter().flat_map(|scenario| {
        let variants = scenario.variants.iter();
        variants.map(move |variant| (scenario, variant))
    });
    let virtual_ones = variants.filter(|(_, variant)| variant.clock == ClockKind::Virtual);
    let runs = virtual_ones.flat_map(|(scenario, variant)| {
        [Language::Rust, Language::Python].map(|language| {
            let name = format!("{}:{} {language:?}", scenario.name, variant.name);
            (name, run_of(scenario, variant), language)
        })
    });
    let sentences = check_all(runs);
    assert!(sentences > 30_000, "{sentences}");
}

#[test]
fn every_sentence_about_real_io_is_true() {
    let runs = REAL.map(|(scenario, variant)| {
        thread::spawn(move || check(&run_named(scenario, variant), Language::Rust))
    });
    for (run, (scenario, variant)) in runs.into_iter().zip(REAL) {
        let sentences = run.join();
        assert!(
            sentences.is_ok_and(|count| count > 50),
            "{scenario}:{variant}"
        );
    }
}

#[test]
fn every_sentence_about_random_programs_is_true() {
    let source = "one\ntwo\nthree\nfour\nfive\n";
    let programs = (0..PROGRAMS).map(|seed| {
        let replay = Replay::new(random_run(seed, 6).log("random", source));
        (seed, replay, Language::Rust)
    });
    check_all(programs);
}
