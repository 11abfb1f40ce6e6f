//! No text names a colour: the screen must be usable without seeing colours.

use std::collections::BTreeSet;

use loopscope::{
    insight::{self, LESSONS},
    replay::{EventStep, Replay, State},
    scene::{plain, summary_line},
    trace::{Event, Position},
    tui::keymap,
};

use super::{
    any_message, catalogue,
    driver::{Driver, concurrent, sequential},
};

const COLOURS: [&str; 20] = [
    "red",
    "green",
    "blue",
    "yellow",
    "orange",
    "purple",
    "violet",
    "pink",
    "magenta",
    "cyan",
    "turquoise",
    "teal",
    "brown",
    "black",
    "white",
    "grey",
    "gray",
    "sky",
    "vermilion",
    "golden",
];

/// A text without the parts in backticks and quotation marks, which belong to the program.
fn said(text: &str) -> String {
    let outside = |text: &str, mark: char| {
        let parts = text.split(mark).step_by(2);
        parts.collect::<Vec<_>>().join(" ")
    };
    outside(&outside(text, '`'), '"')
}

/// The texts that name a colour.
fn coloured(texts: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let names = |text: &String| {
        let words = said(text).to_lowercase();
        words
            .split(|c: char| !c.is_alphabetic())
            .any(|word| COLOURS.contains(&word))
    };
    texts.into_iter().filter(names).collect()
}

/// The narration of every event of a run, and the reasons of some tasks.
fn told(replay: &mut Replay) -> Vec<String> {
    const MOST: usize = 3_000;
    let mut texts = Vec::new();
    let mut state = State::new();
    for number in 0..MOST {
        let Some(step) = EventStep::after(replay, &state) else {
            break;
        };
        let narration = insight::narrate_step(&step, insight::Language::Rust);
        // The output of the program does not count.
        if !matches!(step.event, Event::Output { .. }) {
            texts.push(insight::event_words(&step, insight::Language::Rust));
            texts.push(narration.what);
        }
        texts.extend(narration.why);
        texts.extend(
            narration
                .note
                .map(|note| format!("{} {}", note.text, note.rule.rust)),
        );
        if number % 16 == 0 {
            replay.seek(state.position);
            for (task, _) in state.tasks.iter().take(8) {
                let links = insight::why(replay, task, insight::Language::Rust).into_iter();
                let links = links.chain(insight::blocked_on(replay, task, insight::Language::Rust));
                texts.extend(links.map(|link| link.words));
            }
        }
        state.step(&replay.log().bytes);
    }
    replay.seek(Position(u64::MAX));
    let mut text = Vec::new();
    plain::write_state(replay, insight::Language::Rust, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines = text.lines().filter(|line| !line.contains(" prints: "));
    texts.extend(lines.map(String::from));
    texts.push(summary_line::ending(replay, insight::Language::Rust));
    texts
}

#[test]
fn no_narration_names_a_colour() {
    let mut found = BTreeSet::new();
    for log in any_message::recorded() {
        found.extend(coloured(told(&mut Replay::new(log.clone()))));
    }
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn no_help_legend_lesson_or_title_names_a_colour() {
    let mut texts: Vec<String> = Vec::new();
    texts.extend(
        keymap::ROWS
            .iter()
            .flat_map(|row| [row.help.into(), row.short.into()]),
    );
    let legends = summary_line::LEGEND
        .iter()
        .chain(&summary_line::SHORT_LEGEND);
    texts.extend(legends.map(|(_, words)| (*words).into()));
    for lesson in LESSONS {
        texts.extend([lesson.belief, lesson.rule, lesson.shows].map(|text| text.rust.to_owned()));
    }
    for scenario in catalogue::ALL {
        texts.push(scenario.title.into());
        texts.extend(scenario.variants.iter().map(|variant| variant.title.into()));
        texts.extend(scenario.params.iter().map(|param| param.help.into()));
    }
    texts.extend(insight::compare(&sequential(), &concurrent(), insight::Language::Rust).lines);
    for keys in ["", "?", "\u{1b}w", "\u{1b}P", "v"] {
        let mut driver = Driver::coloured((200, 90)).open(concurrent());
        driver.press(keys);
        texts.extend(driver.picture().lines().map(String::from));
    }
    assert_eq!(coloured(texts), BTreeSet::new());
}

#[test]
fn a_colour_would_be_found() {
    let texts = [
        "The task turns Red.",
        "it prints \"red\"",
        "a reddish `blue`",
    ];
    let found = coloured(texts.map(String::from));
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        ["The task turns Red."]
    );
}
