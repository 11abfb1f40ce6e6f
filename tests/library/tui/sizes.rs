//! Every screen at every size, with snapshots. Look at each change: are columns aligned, are words
//! cut sensibly?

use std::{fmt::Write, time::Duration};

use loopscope::{
    replay::Replay,
    trace::{ClockKind, Event, Log, LoopEvent, Meta, Moment, Position, TaskEvent, TaskId},
    tui::{Message, PaneSlot, SourceStatus},
};

use super::{
    driver::{Driver, concurrent, mixed, sequential},
    pictures::snapshot_of,
};
use crate::support::run_named;

/// The size at which panels are compared.
const ONE_SIZE: (u16, u16) = (100, 30);
const ASCII_SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];
const SIZES: [(u16, u16); 6] = [(120, 40), (100, 30), (80, 24), (60, 15), (45, 10), (30, 6)];

/// What brings a screen about.
type Build = fn(Driver) -> Driver;

fn pressed(mut driver: Driver, keys: &str) -> Driver {
    driver.press(keys);
    driver
}

/// The part of a screen that is compared with its snapshot.
#[derive(Clone, Copy)]
enum Shown {
    /// All of it, at every size.
    Whole,
    /// The panel or popup with these words in its title, at one size.
    Panel(&'static str),
    /// The first and the last line, at one size.
    Status,
}

use Shown::{Panel, Status, Whole};

/// The name, the compared part, words that are visible from 40x8 on, and how to build the screen.
type Case = (&'static str, Shown, &'static str, Build);

/// The screens of one run.
const ALONE: [Case; 18] = [
    ("main", Whole, "event", |driver| {
        pressed(driver.open(concurrent()), ":32\n")
    }),
    ("zoom_program", Panel("1 Program"), "1 Program", |driver| {
        zoomed(driver, "1")
    }),
    ("zoom_loop", Panel("2 Loop"), "2 Loop", |driver| {
        zoomed(driver, "2")
    }),
    ("zoom_tasks", Panel("3 Tasks"), "3 Tasks", |driver| {
        zoomed(driver, "3")
    }),
    (
        "zoom_timeline",
        Panel("4 Timeline"),
        "4 Timeline",
        |driver| zoomed(driver, "4"),
    ),
    ("zoom_why", Panel("5 What"), "5 W", |driver| {
        zoomed(driver, "5")
    }),
    ("zoom_output", Panel("6 Output"), "6 Output", |driver| {
        pressed(driver.open(mixed()), ":t 1\n6z")
    }),
    ("help", Panel("Keys"), "Keys", |driver| {
        pressed(driver.open(concurrent()), "?")
    }),
    ("goto", Status, "go to :tick 3", |driver| {
        pressed(driver.open(concurrent()), ":tick 3")
    }),
    ("search", Status, "find /world", |driver| {
        pressed(driver.open(concurrent()), "/world")
    }),
    ("found", Status, "`world` found", |driver| {
        pressed(driver.open(concurrent()), "/world\n")
    }),
    ("filter", Panel("3 Tasks"), "/child", |driver| {
        pressed(driver.open(mixed()), "G3/child")
    }),
    ("breakpoints", Panel("3 Tasks"), "3 Tasks", |driver| {
        pressed(driver.open(mixed()), "G3jjb1jjb5b3")
    }),
    ("predict", Panel("5 What"), "Next? 1", |driver| {
        pressed(driver.open(concurrent()), "Ptt")
    }),
    ("why", Panel("Why?"), "Why?", |driver| {
        pressed(driver.open(concurrent()), ":t 1\nwj")
    }),
    ("what_if", Panel("What if?"), "What if?", |driver| {
        pressed(
            driver.open(run_named("say_after", "concurrent")),
            ":tick 1\nti",
        )
    }),
    ("marks", Status, "which letter?", |driver| {
        pressed(driver.open(concurrent()), "nnma:20\nmbnnm")
    }),
    (
        "report",
        Status,
        "sent 15 lines to the terminal's clipboard",
        |driver| pressed(driver.open(concurrent()), ":t 1\ny"),
    ),
];

/// The others.
const OTHERS: [Case; 11] = [
    ("picker", Whole, "Scenarios", |driver| pressed(driver, "j")),
    ("picker_help", Panel("Keys"), "Keys", |driver| {
        pressed(driver, "?")
    }),
    ("picker_find", Panel("Scenarios"), "/fact", |driver| {
        pressed(driver, "/fact")
    }),
    ("picker_set", Status, "set first=2", |driver| {
        pressed(driver, "j:first=2")
    }),
    ("compare", Whole, "Timelines", |driver| {
        two(driver, ":t 1\n")
    }),
    ("compare_help", Panel("Keys"), "Keys", |driver| {
        two(driver, "?")
    }),
    ("numbers", Panel("Whole run"), "Whole run", |driver| {
        two(driver, ":t 1\nw")
    }),
    ("lesson", Panel("Lesson 06"), "Timelines", |driver| {
        let lesson = |variant| run_named("lesson_06_block", variant);
        pressed(
            driver.open(lesson("wrong")).beside(lesson("right")),
            ":t 2\n",
        )
    }),
    ("live", Panel("4 Timeline"), "● LIVE", |driver| {
        live(
            driver,
            SourceStatus {
                now: Some(Moment(5_250_000_000)),
                ..LIVE
            },
        )
    }),
    ("live_paused", Status, "LOOP PAUSED", |driver| {
        live(
            driver,
            SourceStatus {
                paused: true,
                ..LIVE
            },
        )
    }),
    ("live_held_up", Status, "blocked the loop", |driver| {
        let polling = Some((TaskId(1), Duration::from_millis(2_300)));
        live(driver, SourceStatus { polling, ..LIVE })
    }),
];

fn zoomed(driver: Driver, panel: &str) -> Driver {
    pressed(driver.open(mixed()), &format!(":t 0.5\n{panel}z"))
}

fn two(driver: Driver, keys: &str) -> Driver {
    pressed(driver.open(sequential()).beside(concurrent()), keys)
}

const LIVE: SourceStatus = SourceStatus {
    wants_input: false,
    ended: false,
    paused: false,
    chooses: false,
    returns: false,
    live: true,
    now: None,
    polling: None,
    reading: None,
    damage: None,
};

/// A live run that has reached the end of what it has written: it parks, or, if its poll does not
/// return, polls.
fn live(mut driver: Driver, status: SourceStatus) -> Driver {
    let log = concurrent().log().clone();
    let whole = Replay::new(log.clone());
    let is_last = |event: &Event| match status.polling {
        Some((polled, _)) => {
            matches!(event, Event::Task(TaskEvent::PollStart { task }) if *task == polled)
        }
        None => matches!(event, Event::Loop(LoopEvent::Park { .. })),
    };
    let mut events = whole.events_from(Position(0));
    let (last, _, _) = events.find(|(_, event, _)| is_last(event)).unwrap();
    let meta = Meta {
        clock: ClockKind::Real,
        ..log.meta
    };
    let bytes = log.bytes[..whole.cursor_at(last).offset()].to_vec();
    driver.tell(Message::Launched {
        slot: PaneSlot::Only,
        result: Ok(Box::new(Replay::new(Log { bytes, meta }))),
        status: Some(LIVE),
    });
    driver.tell(Message::Data {
        pane: 0,
        bytes: Vec::new(),
        status,
    });
    driver
}

fn cases() -> impl Iterator<Item = Case> {
    ALONE.into_iter().chain(OTHERS)
}

#[test]
fn every_screen_has_its_picture() {
    for (name, shown, _, build) in cases() {
        let mut driver = build(Driver::coloured(ONE_SIZE));
        let picture = match shown {
            Whole => whole(build),
            Panel(title) => driver.panel(title),
            Status => driver.header_and_status(),
        };
        snapshot_of(&format!("screen_{name}"), &picture);
    }
}

/// The whole screen at all sizes, and at two of them in ASCII.
fn whole(build: Build) -> String {
    let mut pictures = String::new();
    for (columns, rows) in SIZES {
        let picture = build(Driver::coloured((columns, rows))).picture();
        writeln!(pictures, "{columns}x{rows}\n{picture}").unwrap();
    }
    for (columns, rows) in ASCII_SIZES {
        let picture = build(Driver::plain((columns, rows))).picture();
        writeln!(pictures, "{columns}x{rows} in ASCII, no colour\n{picture}").unwrap();
    }
    pictures
}

#[test]
fn every_screen_shows_what_it_is_about_at_every_size() {
    for (name, _, words, build) in cases() {
        for size in SIZES {
            let mut driver = build(Driver::coloured(size));
            let picture = driver.picture();
            let is_tiny = size.0 < 40 || size.1 < 8;
            // A tiny screen names the size it needs, except while something is typed.
            let is_prompt = picture.starts_with("\":") || picture.starts_with("\"/");
            let expected = if is_tiny { "40x8" } else { words };
            let is_seen = picture.contains(expected) || (is_tiny && is_prompt);
            assert!(is_seen, "{name} at {size:?}: no {expected:?} in\n{picture}");
        }
    }
}

#[test]
fn every_screen_can_be_drawn_in_ascii_without_colour() {
    for (name, _, _, build) in cases() {
        for size in ASCII_SIZES {
            let mut driver = build(Driver::plain(size));
            let picture = driver.picture();
            // Names and output stay what they are: `mixed` has some in Japanese.
            let mut ours = picture.lines().filter(|line| !is_foreign(line));
            assert!(ours.all(str::is_ascii), "{name}\n{picture}");
            let cells = driver.terminal.backend().buffer().content();
            assert!(cells.iter().all(has_no_colour), "{name}");
        }
    }
}

/// Whether it shows a wide or a combining character, or what the test terminal says about what lies
/// behind one.
fn is_foreign(line: &str) -> bool {
    line.contains("Hidden") || line.chars().any(|c| c >= '\u{3000}' || c == '\u{301}')
}

fn has_no_colour(cell: &ratatui::buffer::Cell) -> bool {
    use ratatui::style::Color::Reset;
    cell.fg == Reset && cell.bg == Reset
}

/// Once, a debug build multiplied widths beyond 16 bits.
#[test]
fn a_very_wide_terminal_has_a_layout() {
    let mut driver = Driver::coloured((22_000, 30)).open(concurrent());
    driver.press("n");
    driver.draw();
}
