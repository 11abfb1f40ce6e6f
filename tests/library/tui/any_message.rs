//! Random messages at any time, in terminals of any size.

use std::{sync::OnceLock, thread, time::Duration};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use loopscope::{
    replay::Replay,
    runtime::LoopControl,
    scenario::{Plan, Scenario, Variant},
    trace::{ClockKind, Log, Moment, TaskId},
    tui::{Command, FileProgress, LaunchError, Message, PaneSlot, SourceStatus, keymap},
};
use ratatui::backend::TestBackend;

use super::{
    catalogue,
    driver::{Driver, concurrent, mixed, sequential},
};

const MESSAGES: u32 = 200_000;

/// Variants that need other machines, or would start this test as their child process.
const NOT_HERE: [(&str, &str); 3] = [
    ("http_headers", "url"),
    ("probe_domains", "six_threads"),
    ("offload", "process_pool"),
];

/// At most half a second of a run on the real clock, or the complete run on the virtual clock.
fn record(scenario: &'static Scenario, variant: &'static Variant) -> Log {
    let mut plan = Plan::new(scenario, variant);
    if variant.clock == ClockKind::Real {
        plan.until = Some(Moment::from_seconds(0.5));
    }
    plan.run(None, LoopControl::new()).log
}

/// The runs of all scenarios; those on the real clock run concurrently.
pub(crate) fn recorded() -> &'static [Log] {
    static LOGS: OnceLock<Vec<Log>> = OnceLock::new();
    LOGS.get_or_init(|| {
        let variants = catalogue::ALL.iter().flat_map(|scenario| {
            scenario
                .variants
                .iter()
                .map(move |variant| (scenario, variant))
        });
        let (real, by_rule): (Vec<_>, Vec<_>) = variants
            .filter(|(scenario, variant)| !NOT_HERE.contains(&(scenario.name, variant.name)))
            .partition(|(_, variant)| variant.clock == ClockKind::Real);
        assert!(real.len() >= 14 && by_rule.len() > 50);
        thread::scope(|scope| {
            let real: Vec<_> = real
                .into_iter()
                .map(|(scenario, variant)| scope.spawn(|| record(scenario, variant)))
                .collect();
            let by_rule = by_rule.into_iter();
            let mut logs: Vec<Log> = by_rule
                .map(|(scenario, variant)| record(scenario, variant))
                .collect();
            logs.extend(real.into_iter().map(|run| run.join().unwrap()));
            logs
        })
    })
}

fn run(random: &mut fastrand::Rng) -> Replay {
    if random.bool() {
        let logs = recorded();
        return Replay::new(logs[random.usize(0..logs.len())].clone());
    }
    match random.u8(0..4) {
        0 => concurrent(),
        1 => sequential(),
        2 => mixed(),
        _ => Replay::default(),
    }
}

fn key(random: &mut fastrand::Rng) -> KeyEvent {
    if random.u8(0..8) == 0 {
        let codes = [
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Backspace,
            KeyCode::Delete,
            KeyCode::Insert,
            KeyCode::F(7),
        ];
        return KeyEvent::new(codes[random.usize(0..codes.len())], KeyModifiers::NONE);
    }
    if random.u8(0..6) == 0 {
        let letters = ":/0123456789tick task.#-王e";
        let letter = letters
            .chars()
            .nth(random.usize(0..letters.chars().count()))
            .unwrap();
        return KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
    }
    let rows: Vec<_> = keymap::ROWS.iter().collect();
    let row = rows[random.usize(0..rows.len())];
    let keys = match row.back {
        Some((back, _)) if random.bool() => back,
        _ => row.keys,
    };
    keys[random.usize(0..keys.len())].event()
}

fn mouse(random: &mut fastrand::Rng) -> MouseEvent {
    let kinds = [
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::ScrollDown,
        MouseEventKind::ScrollUp,
        MouseEventKind::Moved,
        MouseEventKind::Drag(MouseButton::Right),
        MouseEventKind::Drag(MouseButton::Left),
        MouseEventKind::Up(MouseButton::Left),
    ];
    MouseEvent {
        kind: kinds[random.usize(0..kinds.len())],
        column: random.u16(0..420),
        row: random.u16(0..130),
        modifiers: KeyModifiers::NONE,
    }
}

fn size(random: &mut fastrand::Rng) -> (u16, u16) {
    match random.u8(0..4) {
        0 => (random.u16(0..12), random.u16(0..5)),
        1 => (random.u16(0..90), random.u16(0..30)),
        2 => (random.u16(0..140), random.u16(0..45)),
        _ => (random.u16(0..=400), random.u16(0..=120)),
    }
}

fn launched(random: &mut fastrand::Rng) -> Message {
    let slot = [PaneSlot::Only, PaneSlot::First, PaneSlot::Second][random.usize(0..3)];
    let status = random.bool().then(|| SourceStatus {
        live: random.bool(),
        paused: random.bool(),
        ..SourceStatus::default()
    });
    let result = if random.u8(0..9) == 0 {
        Err(LaunchError::Invalid("it did not start".into()))
    } else {
        Ok(Box::new(run(random)))
    };
    Message::Launched {
        slot,
        result,
        status,
    }
}

fn loop_started(random: &mut fastrand::Rng) -> Message {
    Message::LoopStarted {
        name: "another".into(),
        is_main: random.bool(),
        pane: random.usize(0..2),
        first: "first".into(),
        replay: Box::new(run(random)),
        status: SourceStatus {
            live: random.bool(),
            ..SourceStatus::default()
        },
    }
}

fn new_data(random: &mut fastrand::Rng) -> Message {
    let status = SourceStatus {
        now: random.bool().then(|| Moment(random.u64(0..9_000_000_000))),
        wants_input: false,
        ended: random.u8(0..9) == 0,
        live: random.bool(),
        paused: random.bool(),
        polling: random.bool().then(|| {
            let task = TaskId(random.u32(0..9));
            (task, Duration::from_millis(random.u64(0..3000)))
        }),
        reading: random.bool().then(|| FileProgress {
            events: random.u64(0..200),
        }),
        ..SourceStatus::default()
    };
    let bytes = vec![0; random.usize(0..4)];
    let number = random.usize(0..3);
    if random.bool() {
        Message::Data {
            pane: number,
            bytes,
            status,
        }
    } else {
        Message::LoopData {
            hidden: number,
            bytes,
            status,
        }
    }
}

fn step(driver: &mut Driver, random: &mut fastrand::Rng, number: u32) {
    let commands = match random.u8(0..100) {
        0..70 => driver.tell(Message::Key(key(random))),
        70..80 => driver.tell(Message::Mouse(mouse(random))),
        80..82 => {
            let (columns, rows) = size(random);
            driver.terminal = ratatui::Terminal::new(TestBackend::new(columns, rows)).unwrap();
            driver.tell(Message::Resize(columns, rows))
        }
        82..98 => driver.tell(Message::Frame(Duration::from_millis(
            u64::from(number) * 33,
        ))),
        98 => driver.tell(launched(random)),
        _ if random.u8(0..3) == 0 => driver.tell(loop_started(random)),
        _ => driver.tell(new_data(random)),
    };
    // Most requests are answered.
    for command in commands {
        if let Command::Check(what) = command {
            let result = if random.bool() {
                Ok(())
            } else {
                Err(LaunchError::Invalid("no".into()))
            };
            driver.tell(Message::Checked { what, result });
        } else if let Command::Launch { slot, .. } = command {
            driver.tell(Message::Launched {
                slot,
                result: Ok(Box::new(run(random))),
                status: None,
            });
        }
    }
}

#[test]
fn no_sequence_of_messages_panics() {
    random_walk(7, MESSAGES);
}

#[test]
#[ignore = "a million messages are for a release build: cargo test --release --test screen -- --ignored"]
fn a_million_messages_do_not_panic() {
    for seed in 0..5 {
        random_walk(seed, MESSAGES);
    }
}

fn random_walk(seed: u64, messages: u32) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut driver = Driver::coloured((80, 24)).open(mixed());
    for number in 0..messages {
        step(&mut driver, &mut random, number);
        if let Some((here, end)) = driver.model.position() {
            assert!(here <= end);
        }
        if number % 40 == 0 {
            driver.draw();
        }
    }
}

#[test]
fn every_size_can_be_drawn() {
    let mut driver = Driver::coloured((1, 1)).open(sequential()).beside(mixed());
    driver.press("G");
    for screen in [
        "", "w", "v", "?", "\u{1b}w", "\u{1b}z", "zPg", "3/", "\u{1b}p",
    ] {
        driver.press(screen);
        for columns in (0..45).chain([59, 60, 79, 80, 99, 100, 119, 120, 400]) {
            for rows in (0..18).chain([23, 24, 29, 30, 35, 36, 120]) {
                driver.terminal = ratatui::Terminal::new(TestBackend::new(columns, rows)).unwrap();
                driver.tell(Message::Resize(columns, rows));
                driver.draw();
            }
        }
    }
}
