//! Every screen at every size: look at the pictures when they change. Are they aligned, are words cut where it makes sense?

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

const SIZES: [(u16, u16); 6] = [(120, 40), (100, 30), (80, 24), (60, 15), (45, 10), (30, 6)];

/// What brings a screen about.
type Build = fn(Driver) -> Driver;

fn pressed(mut driver: Driver, keys: &str) -> Driver {
    driver.press(keys);
    driver
}

/// The screens that begin with one run.
const ALONE: [(&str, Build); 18] = [
    ("main", |driver| pressed(driver.open(concurrent()), ":32\n")),
    ("zoom_program", |driver| zoomed(driver, "1")),
    ("zoom_loop", |driver| zoomed(driver, "2")),
    ("zoom_tasks", |driver| zoomed(driver, "3")),
    ("zoom_timeline", |driver| zoomed(driver, "4")),
    ("zoom_why", |driver| zoomed(driver, "5")),
    ("zoom_output", |driver| {
        pressed(driver.open(mixed()), ":t 1\n6z")
    }),
    ("help", |driver| pressed(driver.open(concurrent()), "?")),
    ("goto", |driver| {
        pressed(driver.open(concurrent()), ":tick 3")
    }),
    ("search", |driver| {
        pressed(driver.open(concurrent()), "/world")
    }),
    ("found", |driver| {
        pressed(driver.open(concurrent()), "/world\n")
    }),
    ("filter", |driver| pressed(driver.open(mixed()), "G3/child")),
    ("breakpoints", |driver| {
        pressed(driver.open(mixed()), "G3jjb1jjb5b3")
    }),
    ("predict", |driver| {
        pressed(driver.open(concurrent()), "Ptt")
    }),
    ("why", |driver| {
        pressed(driver.open(concurrent()), ":t 1\nwj")
    }),
    ("what_if", |driver| {
        pressed(
            driver.open(run_named("say_after", "concurrent")),
            ":tick 1\nti",
        )
    }),
    ("marks", |driver| {
        pressed(driver.open(concurrent()), "nnma:20\nmbnnm")
    }),
    ("report", |driver| {
        pressed(driver.open(concurrent()), ":t 1\ny")
    }),
];

/// The others.
const OTHERS: [(&str, Build); 11] = [
    ("picker", |driver| pressed(driver, "j")),
    ("picker_help", |driver| pressed(driver, "?")),
    ("picker_find", |driver| pressed(driver, "/fact")),
    ("picker_set", |driver| pressed(driver, ":first=2")),
    ("compare", |driver| two(driver, ":t 1\n")),
    ("compare_help", |driver| two(driver, "?")),
    ("numbers", |driver| two(driver, ":t 1\nw")),
    ("lesson", |driver| {
        let lesson = |variant| run_named("lesson_06_block", variant);
        pressed(
            driver.open(lesson("wrong")).beside(lesson("right")),
            ":t 2\n",
        )
    }),
    ("live", |driver| {
        live(
            driver,
            SourceStatus {
                now: Some(Moment(5_250_000_000)),
                ..LIVE
            },
        )
    }),
    ("live_paused", |driver| {
        live(
            driver,
            SourceStatus {
                paused: true,
                ..LIVE
            },
        )
    }),
    ("live_held_up", |driver| {
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
    live: true,
    now: None,
    polling: None,
    reading: None,
    damage: None,
};

/// A live run that stands at the end of what it has written: it parks, or, if its poll does not return, polls.
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
    let bytes = log.bytes[..whole.cursor_at(last).offset].to_vec();
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

#[test]
fn every_screen_matches_its_snapshot() {
    for (name, build) in ALONE.into_iter().chain(OTHERS) {
        let mut pictures = String::new();
        for (columns, rows) in SIZES {
            let mut driver = build(Driver::coloured((columns, rows)));
            writeln!(pictures, "{columns}x{rows}\n{}", driver.picture()).unwrap();
        }
        for size in [(120, 40), (80, 24)] {
            let mut driver = build(Driver::plain(size));
            let picture = driver.picture();
            // Names and output stay what they are: `mixed` has some in Japanese.
            let ours = picture.lines().filter(|line| !is_foreign(line));
            assert!(ours.clone().all(str::is_ascii), "{name}\n{picture}");
            assert!(
                driver
                    .terminal
                    .backend()
                    .buffer()
                    .content()
                    .iter()
                    .all(has_no_colour)
            );
            writeln!(
                pictures,
                "{}x{} in ASCII, no colour\n{picture}",
                size.0, size.1
            )
            .unwrap();
        }
        snapshot_of(&format!("screen_{name}"), &pictures);
    }
}

/// Whether it shows a wide or a combining character, or what the test terminal says about what lies behind one.
fn is_foreign(line: &str) -> bool {
    line.contains("Hidden") || line.chars().any(|c| c >= '\u{3000}' || c == '\u{301}')
}

fn has_no_colour(cell: &ratatui::buffer::Cell) -> bool {
    use ratatui::style::Color::Reset;
    cell.fg == Reset && cell.bg == Reset
}
