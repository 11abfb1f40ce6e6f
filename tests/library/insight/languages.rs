//! Runs described in the language of the reader: no word of the other language appears.

use std::collections::BTreeSet;

use loopscope::{
    insight::{self, LESSONS, Language},
    replay::Replay,
    scene::{plain, summary_line},
    trace::{ClockKind, TaskId},
};
use loopscope_program::scenarios;

use crate::{
    support::{run_named, run_of},
    tui::pictures::snapshot_of,
};

/// Words that only a reader of Rust knows, or that mean something else in Python. A word ends with
/// `*` if others may begin with it.
const RUST_ONLY: [&str; 14] = [
    "spawn*", "future", "futures", "panic*", "rc", "poll_fn", "join", "channel", "channels",
    "handle", "handles", "select", "dropped", "drops",
];

/// The same for Python.
const PYTHON_ONLY: [&str; 10] = [
    "create_task",
    "coroutine",
    "coroutines",
    "asyncio",
    "exception",
    "exceptions",
    "raises",
    "raised",
    "cancellederror",
    "closes task",
];

/// What an expression of the other language contains.
const RUST_CODE: [&str; 6] = [".await", "::", "let ", ";", "println!", "&mut"];
const PYTHON_CODE: [&str; 4] = ["await ", "asyncio", "async with", "async for"];

fn runs() -> impl Iterator<Item = (String, Replay)> {
    let twins = scenarios::ALL.iter().filter(|known| known.twin.is_some());
    twins.flat_map(|scenario| {
        let variants = scenario.variants.iter();
        let variants = variants.filter(|variant| variant.clock == ClockKind::Virtual);
        variants.map(move |variant| {
            let name = format!("{}:{}", scenario.name, variant.name);
            (name, run_of(scenario, variant))
        })
    })
}

/// All that is said about a run, without what its program prints.
fn told(replay: &Replay, language: Language) -> Vec<String> {
    let mut log = Vec::new();
    plain::write_log(replay, language, &mut log).unwrap();
    let log = String::from_utf8(log).unwrap();
    let lines = log.lines().map(str::trim);
    let mut told: Vec<String> = lines
        .skip(1)
        .filter(|line| !line.contains("prints"))
        .map(str::to_owned)
        .collect();
    let mut steps = replay.steps(loopscope::trace::Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        told.push(insight::headline(&step, language));
        told.push(insight::event_words(&step, language));
    }
    told.retain(|line| !line.contains("prints"));
    for task in 0..4 {
        let causes = insight::why(replay, TaskId(task), language).into_iter();
        let waits = insight::blocked_on(replay, TaskId(task), language);
        told.extend(causes.chain(waits).map(|link| link.words));
    }
    told.push(summary_line::ending(replay, language));
    told
}

/// The words outside of what is quoted, in lower case.
fn words(line: &str) -> Vec<String> {
    let mut text = String::new();
    for (at, part) in line.split(['`', '"']).enumerate() {
        if at % 2 == 0 {
            text.push_str(part);
        }
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words = text.split(|c| !is_word(c));
    words.map(str::to_lowercase).collect()
}

/// The expressions that a line quotes.
fn quotes(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The lines that contain a foreign word or a foreign expression.
fn foreign(lines: &[String], foreign_words: &[&str], code: &[&str]) -> BTreeSet<String> {
    let is_foreign = |word: &String| {
        foreign_words
            .iter()
            .any(|foreign| match foreign.strip_suffix('*') {
                Some(start) => word.starts_with(start),
                None => word == foreign,
            })
    };
    let found = lines.iter().filter(|line| {
        let in_code = |quote: &str| code.iter().any(|part| quote.contains(part));
        words(line).iter().any(is_foreign) || quotes(line).any(in_code)
    });
    found.cloned().collect()
}

/// What is named with a word that both languages have, but that is in the list for other reasons.
fn is_allowed(name: &str, line: &str) -> bool {
    // These programs use futures in the sense of asyncio.
    let about_futures = ["futures:", "callbacks:", "lesson_05_ready_await:"]
        .iter()
        .any(|start| name.starts_with(start));
    about_futures && line.to_lowercase().contains("future")
}

fn check(language: Language, foreign_words: &[&str], code: &[&str]) {
    let mut found = Vec::new();
    for (name, replay) in runs() {
        if language.for_run(&replay) != language {
            continue;
        }
        let lines = foreign(&told(&replay, language), foreign_words, code);
        let lines = lines.into_iter().filter(|line| !is_allowed(&name, line));
        found.extend(lines.map(|line| format!("{name}: {line}")));
    }
    let count = found.len();
    assert!(found.is_empty(), "{count} lines:\n{}", found.join("\n"));
}

#[test]
fn no_word_of_rust_is_told_in_python() {
    check(Language::Python, &RUST_ONLY, &RUST_CODE);
}

#[test]
fn no_word_of_python_is_told_in_rust() {
    check(Language::Rust, &PYTHON_ONLY, &PYTHON_CODE);
}

#[test]
fn lessons_and_titles_are_in_one_language() {
    for (language, foreign_words) in [
        (Language::Python, &RUST_ONLY[..]),
        (Language::Rust, &PYTHON_ONLY[..]),
    ] {
        let phrases = LESSONS
            .iter()
            .flat_map(|lesson| [lesson.belief, lesson.rule, lesson.shows]);
        let mut texts: Vec<String> = phrases.map(|text| text.text(language).to_owned()).collect();
        let about_futures = ["futures", "callbacks"];
        let known = scenarios::ALL.iter();
        for scenario in known.filter(|known| !about_futures.contains(&known.name)) {
            let pairs = scenario.pairs.map_or("", |(_, text)| text);
            let variants = scenario.variants.iter().map(|variant| variant.title);
            let titles = variants.chain([scenario.title]);
            texts.extend(titles.map(|text| insight::text_in(pairs, text, language).to_owned()));
        }
        let found = foreign(&texts, foreign_words, &[]);
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn a_variant_that_asyncio_does_otherwise_is_told_in_rust() {
    let handle = run_named("lesson_13_dropped_handle", "wrong");
    assert_eq!(Language::Python.for_run(&handle), Language::Rust);
    let kept = run_named("lesson_13_dropped_handle", "right");
    assert_eq!(Language::Python.for_run(&kept), Language::Python);
    assert_eq!(Language::Python.for_runs(&kept, &handle), Language::Rust);
}

#[test]
fn four_runs_told_in_python_match_their_snapshots() {
    for (scenario, variant) in [
        ("say_after", "concurrent"),
        ("gather", "error"),
        ("lesson_14_cancel_is_asked", "right"),
        ("lesson_16_lost_update", "right"),
    ] {
        let mut log = Vec::new();
        let replay = run_named(scenario, variant);
        plain::write_log(&replay, Language::Python, &mut log).unwrap();
        let log = String::from_utf8(log).unwrap();
        snapshot_of(&format!("python_{scenario}_{variant}"), &log);
    }
}
