//! Moving through a run with keys, the mouse and playing.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use loopscope::{
    replay::Replay,
    trace::{Log, Meta},
    tui::{Command, Message, PaneSlot},
};

use super::driver::{Driver, concurrent, sequential};

fn main_screen() -> Driver {
    Driver::coloured((120, 40)).open(concurrent())
}

#[test]
fn a_run_begins_paused_at_its_first_event() {
    let mut driver = main_screen();
    assert_eq!(driver.at(), 1);
    assert!(!driver.model.wants_frames());
    assert!(driver.picture().contains("PAUSED"));
}

#[test]
fn a_capital_takes_the_same_step_back() {
    let mut driver = main_screen();
    for unit in ["nN", "sS", "tT", "cC"] {
        let mut letters = unit.chars().map(String::from);
        let (forth, back) = (letters.next().unwrap(), letters.next().unwrap());
        driver.press("g");
        driver.press(&forth.repeat(2));
        let there = driver.at();
        driver.press(&forth);
        assert!(driver.at() > there, "{forth}");
        driver.press(&back);
        assert_eq!(driver.at(), there, "{back}");
    }
}

#[test]
fn a_jump_can_be_returned_from() {
    let mut driver = main_screen();
    driver.press("Annn:15\n");
    assert_eq!(driver.at(), 15);
    driver.press("\u{8}");
    assert_eq!(driver.at(), 4);
    driver.press("maG'a");
    assert_eq!(driver.at(), 4);
}

#[test]
fn a_wrong_position_is_answered_with_the_right_form() {
    let mut driver = main_screen();
    driver.press(":tock 3\n");
    assert_eq!(driver.at(), 1);
    assert!(driver.picture().contains("`tick 3`"));
    driver.press(":999\n");
    assert!(driver.picture().contains("there is no event 999"));
}

#[test]
fn a_paused_screen_requests_no_frame() {
    let mut driver = main_screen();
    for time in (0..5000).step_by(33) {
        assert_eq!(driver.frame(time), []);
    }
    assert_eq!(driver.at(), 1);
    let moved = MouseEvent {
        kind: MouseEventKind::Moved,
        column: 5,
        row: 5,
        modifiers: KeyModifiers::NONE,
    };
    assert_eq!(driver.tell(Message::Mouse(moved)), []);
}

#[test]
fn playing_ends_with_the_outcome() {
    let mut driver = main_screen();
    driver.press(" ");
    assert!(driver.model.wants_frames());
    let mut drawn = 0;
    for time in (0..60_000).step_by(33) {
        drawn += driver.frame(time).len();
        if !driver.model.wants_frames() {
            break;
        }
    }
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    assert!(
        drawn <= end.0 as usize + 1,
        "one picture for each event, not for each frame: {drawn}"
    );
    assert!(driver.picture().contains("FINISHED"));
    assert!(driver.picture().contains("The run has finished"));
}

#[test]
fn two_runs_move_together_by_time() {
    let mut driver = Driver::coloured((120, 40))
        .open(sequential())
        .beside(concurrent());
    driver.press(":t 1\n");
    let picture = driver.picture();
    assert!(picture.contains("A at t=1.000"), "{picture}");
    assert!(picture.contains("B at t=1.000"));
    driver.press(" ");
    for time in (0..60_000).step_by(33) {
        driver.frame(time);
    }
    assert!(driver.picture().contains("A at t=3.000"));
}

#[test]
fn v_starts_the_next_variant() {
    let replay = concurrent();
    let meta = Meta {
        scenario: "say_after".into(),
        variant: "blocking".into(),
        ..replay.log().meta.clone()
    };
    let mut driver = Driver::coloured((120, 40)).open(Replay::new(Log {
        meta,
        ..replay.log().clone()
    }));
    let commands = driver.press("v");
    let launched = commands.iter().find_map(|command| match command {
        Command::Launch { what, slot } => Some((what.variant.as_str(), *slot)),
        _ => None,
    });
    assert_eq!(launched, Some(("sequential", PaneSlot::Second)));
}

#[test]
fn a_click_on_the_scrubber_seeks() {
    let mut driver = main_screen();
    let picture = driver.picture();
    let (row, line) = picture
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains("|< "))
        .unwrap();
    let last = line.chars().position(|c| c == '┤').unwrap() - 1;
    let click = |column: usize| {
        Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: column.try_into().unwrap(),
            row: row.try_into().unwrap(),
            modifiers: KeyModifiers::NONE,
        })
    };
    driver.tell(click(last));
    let (here, end) = driver.model.position().unwrap();
    assert_eq!(here, end);
    driver.tell(click(4));
    assert_eq!(driver.at(), 0);
}

#[test]
fn a_task_and_a_variant_are_gone_to_by_name() {
    for typed in ["task world", "world", "WORLD", "wor", "task 2"] {
        let mut driver = Driver::of_two_sleepers();
        driver.press(&format!(":{typed}\n"));
        assert!(driver.picture().contains("selected #2 world"), "{typed}");
    }
    let mut driver = Driver::of_two_sleepers();
    driver.press(":absent\n");
    assert!(driver.picture().contains("not a position: `absent`"));
    let saved = crate::support::run_named("say_after", "concurrent");
    let mut driver = Driver::coloured((120, 40)).open(saved);
    let commands = driver.press(":blocking\n");
    let variant = commands.iter().find_map(|command| match command {
        Command::Launch { what, .. } => Some(what.variant.as_str()),
        _ => None,
    });
    assert_eq!(variant, Some("blocking"));
}

#[test]
fn a_time_between_two_events_names_the_nearest_event() {
    let mut driver = Driver::of_two_sleepers();
    driver.press(":t 1.5\n");
    let picture = driver.picture();
    assert!(
        picture.contains("the nearest event before 1.5 is event") && picture.contains("at 1.000"),
        "{picture}"
    );
    driver.press(":t 1\n");
    assert!(!driver.picture().contains("nearest event"));
}
