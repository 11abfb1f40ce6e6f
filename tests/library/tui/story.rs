//! What panel 5 tells, and the steps between the positions that have a sentence.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEventKind};
use loopscope::{
    insight::Language,
    replay::{Replay, Status},
    scene::{
        news::Detail,
        plain,
        story::{MOST_LINES, story},
    },
    trace::{Position, TaskId},
    tui::Message,
};

use super::{
    any_message::recorded,
    driver::{Driver, concurrent, crowd, mixed},
};
use crate::support::run_named;

/// The keys of a unit: forward, and back.
const UNITS: [(KeyCode, KeyCode); 5] = [
    (KeyCode::Char('n'), KeyCode::Char('N')),
    (KeyCode::Char('s'), KeyCode::Char('S')),
    (KeyCode::Char('t'), KeyCode::Char('T')),
    (KeyCode::Char('c'), KeyCode::Char('C')),
    (KeyCode::PageDown, KeyCode::PageUp),
];

fn press(driver: &mut Driver, code: KeyCode) {
    driver.tell(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
}

#[test]
fn a_step_and_the_step_back_show_the_same_screen() {
    let mut random = fastrand::Rng::with_seed(11);
    let logs = recorded().iter().step_by(9).cloned().map(Replay::new);
    for replay in logs.chain([concurrent(), mixed()]) {
        let mut driver = Driver::coloured((120, 40)).open(replay);
        let (start, end) = (driver.at(), driver.model.position().unwrap().1.0);
        for (forward, back) in UNITS {
            let place = random.u64(start..=end);
            driver.press(&format!(":{place}\n"));
            press(&mut driver, if random.bool() { forward } else { back });
            // The first step goes to a position of this unit. From there, two steps cancel.
            for _ in 0..2 {
                let (here, before) = (driver.at(), driver.picture());
                let pairs = [(here < end, forward, back), (here > start, back, forward)];
                for (_, first, second) in pairs.into_iter().filter(|(possible, _, _)| *possible) {
                    press(&mut driver, first);
                    assert_ne!(driver.at(), here);
                    press(&mut driver, second);
                    assert_eq!(driver.at(), here, "{first} {second} from {place} of {end}");
                    let same = driver.picture() == before;
                    // The first picture may contain a message about the step before it.
                    let plain = without_status(&before) == without_status(&driver.picture());
                    assert!(same || plain, "{first} {second}: {}", driver.picture());
                }
                press(&mut driver, if random.bool() { forward } else { back });
            }
        }
    }
}

/// The picture without its last line, the status.
fn without_status(picture: &str) -> String {
    let lines: Vec<&str> = picture.lines().collect();
    lines[..lines.len().saturating_sub(1)].join("\n")
}

#[test]
fn ticks_lead_back_to_the_first_screen() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    let first = driver.picture();
    driver.press("tttTTT");
    assert_eq!(driver.picture(), first);
    driver.press("T");
    assert_eq!(driver.at(), 1);
    assert!(driver.picture().contains("This is the start"));
    driver.press("Gg");
    assert_eq!(driver.at(), 1);
}

#[test]
fn steps_count_the_events_with_news() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    for step in 1..=28 {
        let words = format!("step {step} of 28 · event {} ", driver.at());
        assert!(driver.picture().contains(&words), "{words}");
        driver.press("n");
    }
    assert_eq!(driver.at(), 58);
    driver.press("gA");
    assert!(driver.picture().contains("event 1 of 58, all told"));
    driver.press("nnn");
    assert_eq!(driver.at(), 4);
    driver.press("A");
    driver.press(":26\n");
    assert_eq!(
        driver.at(),
        27,
        "the sentence of a fired timer is that of its wake"
    );
    assert!(driver.picture().contains("event 26 is bookkeeping"));
}

#[test]
fn the_note_and_its_sentence_are_always_visible() {
    let logs = recorded().iter().step_by(7).cloned().map(Replay::new);
    for size in [(80, 24), (120, 40), (200, 60)] {
        for replay in logs.clone().chain([concurrent(), mixed()]) {
            let mut driver = Driver::coloured(size).open(Replay::new(replay.log().clone()));
            let mut here = replay;
            for _ in 0..6 {
                driver.press("t");
                here.seek(Position(driver.at()));
                let told = story(&here, Detail::News, Language::Rust);
                assert!(told.lines.len() <= MOST_LINES);
                let Some(main) = told.main_line() else {
                    continue;
                };
                let picture = driver.picture();
                let start = |text: &str| text.split(' ').take(3).collect::<Vec<_>>().join(" ");
                let shown = picture.contains(&format!("▸ {}", start(&main.what)));
                assert!(shown, "{}: {picture}", main.what);
                if let Some(note) = &main.note {
                    assert!(picture.contains("Note  "), "{}: {picture}", note.text);
                }
            }
        }
    }
}

#[test]
fn a_long_tick_is_cut_and_counted() {
    let mut replay = crowd(1_000);
    replay.seek(replay.next_tick());
    replay.seek(replay.next_tick());
    let told = story(&replay, Detail::News, Language::Rust);
    assert_eq!(told.lines.len(), MOST_LINES);
    let mut driver = Driver::coloured((120, 40)).open(crowd(1_000));
    driver.press("tt");
    let shown = format!("and {} more polls", told.more_polls);
    assert!(told.more_polls > 990);
    assert!(driver.picture().contains(&shown), "{}", driver.picture());
}

#[test]
fn the_entry_that_moved_is_marked_for_one_step() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    driver.press("ttt");
    let panel = driver.panel("2 Loop");
    assert!(panel.contains("<- PENDING"), "{panel}");
    assert!(panel.contains("<- TIMERS"), "{panel}");
    driver.press("n");
    let panel = driver.panel("2 Loop");
    assert!(!panel.contains("<- PENDING"), "{panel}");
    // In RUNNING the arrow stands alone: an entry can come from nowhere but READY.
    let running = panel.lines().find(|line| line.contains("#0 main since"));
    assert!(running.is_some_and(|line| line.contains("<-")), "{panel}");
}

#[test]
fn the_log_scrolls_with_keys_and_wheel() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    driver.press("G5");
    let newest = driver.panel("5 W");
    driver.press("kkk");
    let back = driver.panel("5 W");
    assert_ne!(back, newest);
    driver.press("jjj");
    assert_eq!(driver.panel("5 W"), newest);
    let at = driver.at();
    let rows = driver.picture();
    let row = rows.lines().position(|line| line.contains("5 W")).unwrap();
    let wheel = |kind| crossterm::event::MouseEvent {
        kind,
        column: 10,
        row: u16::try_from(row + 2).unwrap(),
        modifiers: KeyModifiers::NONE,
    };
    driver.tell(Message::Mouse(wheel(MouseEventKind::ScrollUp)));
    assert_ne!(driver.panel("5 W"), newest);
    driver.tell(Message::Mouse(wheel(MouseEventKind::ScrollDown)));
    assert_eq!(driver.panel("5 W"), newest);
    assert_eq!(driver.at(), at, "the wheel has not moved the position");
}

/// The queues at a position, as the plain text writes them, without what is in parentheses.
fn queues(replay: &Replay) -> Vec<String> {
    let mut text = Vec::new();
    plain::write_state(replay, Language::Rust, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let names = ["ready", "running", "timers", "pending", "done"];
    let lines = text.lines().filter(|line| {
        let name = line.trim_start().split(':').next().unwrap_or_default();
        line.starts_with("  ") && names.contains(&name)
    });
    lines.take(names.len()).map(without_parentheses).collect()
}

fn without_parentheses(line: &str) -> String {
    let mut depth = 0;
    let mut kept = String::new();
    for letter in line.chars() {
        depth += i32::from(letter == '(');
        if depth == 0 {
            kept.push(letter);
        }
        depth -= i32::from(letter == ')');
    }
    kept
}

#[test]
fn each_task_is_in_exactly_one_queue() {
    let mut checked = 0;
    for log in recorded() {
        let mut replay = Replay::new(log.clone());
        // More than six entries of a queue are counted, and not named.
        if replay.tables().tasks().len() > 6 {
            continue;
        }
        for position in 1..=replay.end().0.min(150) {
            replay.seek(Position(position));
            let queues = queues(&replay);
            for (task, row) in replay.state().tasks.iter() {
                let label = format!("{task} ");
                let places = { queues.iter() }
                    .map(|line| {
                        format!("{} ", line.replace(',', " "))
                            .matches(&label)
                            .count()
                    })
                    .sum::<usize>();
                if row.status() != Status::Unknown {
                    assert_eq!(places, 1, "{task} at {position}: {queues:#?}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 1000, "{checked}");
}

#[test]
fn a_fired_timer_is_in_timers_until_its_wake() {
    let mut replay = run_named("say_after", "concurrent");
    replay.seek(Position(26));
    let queues = queues(&replay).join("\n");
    assert!(queues.contains("timers: #1 hello at 1.000"), "{queues}");
    assert_eq!(
        replay.state().tasks.get(TaskId(1)).unwrap().status(),
        Status::Timer
    );
}
