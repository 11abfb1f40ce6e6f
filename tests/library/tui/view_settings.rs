//! Zoom, pan, drag, maximised panels, theme and mouse.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use loopscope::{
    replay::Replay,
    trace::{Log, Meta},
    tui::{Command, Message, Options, PaneSlot},
};

use super::driver::{Driver, concurrent, mixed, sequential};

fn mouse(driver: &mut Driver, kind: MouseEventKind, (column, row): (usize, usize)) -> Vec<Command> {
    driver.tell(Message::Mouse(MouseEvent {
        kind,
        column: column.try_into().unwrap(),
        row: row.try_into().unwrap(),
        modifiers: KeyModifiers::NONE,
    }))
}

/// The cell at which some words begin in the picture.
fn find(driver: &mut Driver, words: &str) -> (usize, usize) {
    let picture = driver.picture();
    let found = picture.lines().enumerate().find_map(|(row, line)| {
        let (before, _) = line.split_once(words)?;
        // The picture has a quotation mark before each line.
        Some((before.chars().count() - 1, row))
    });
    found.unwrap_or_else(|| panic!("no {words} in\n{picture}"))
}

#[test]
fn a_drag_over_the_timeline_measures_and_zooms() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    driver.press("uG");
    let (left, row) = find(&mut driver, "├");
    let lane_event = |driver: &mut Driver, kind: fn(MouseButton) -> MouseEventKind, column| {
        mouse(driver, kind(MouseButton::Left), (column, row + 1));
    };
    lane_event(&mut driver, MouseEventKind::Down, left + 40);
    lane_event(&mut driver, MouseEventKind::Drag, left + 50);
    assert!(
        driver.picture().contains("release to zoom"),
        "{}",
        driver.picture()
    );
    lane_event(&mut driver, MouseEventKind::Up, left + 50);
    let picture = driver.picture();
    assert!(picture.contains("zoom 8x"), "{picture}");
    // A click alone does not zoom.
    lane_event(&mut driver, MouseEventKind::Down, left + 40);
    lane_event(&mut driver, MouseEventKind::Up, left + 40);
    assert!(driver.picture().contains("zoom 8x"));
}

#[test]
fn a_moved_timeline_returns_with_the_next_step() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    driver.press(":9\n++");
    let before = driver.picture();
    driver.press(">");
    let moved = driver.picture();
    assert_ne!(before, moved);
    driver.press("<");
    assert_eq!(driver.picture(), before);
    driver.press(">>nN");
    assert_eq!(driver.picture(), before);
    driver.press("-->");
    assert!(driver.picture().contains("the whole run is shown"));
}

#[test]
fn a_click_on_a_task_selects_it() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    driver.press("G");
    let (column, heads) = find(&mut driver, " st    wait");
    let left = MouseEventKind::Down(MouseButton::Left);
    for (name, row) in [("#2 world", 3), ("#0 main", 1), ("#1 hello", 2)] {
        mouse(&mut driver, left, (column, heads + row));
        let picture = driver.picture();
        assert!(picture.contains(&format!("selected {name}")), "{picture}");
    }
    // A click below the last task selects none.
    mouse(&mut driver, left, (column, heads + 5));
    assert!(driver.picture().contains("selected #1 hello"));
}

#[test]
fn mouse_capture_can_be_turned_off() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    assert!(driver.press("M").contains(&Command::Mouse(false)));
    let at = driver.at();
    assert_eq!(mouse(&mut driver, MouseEventKind::ScrollDown, (5, 5)), []);
    assert_eq!(driver.at(), at);
    assert!(driver.press("M").contains(&Command::Mouse(true)));
    mouse(&mut driver, MouseEventKind::ScrollDown, (5, 5));
    let turned = driver.at();
    driver.press("gn");
    assert_eq!(driver.at(), turned);
    assert!(turned > at);
}

#[test]
fn a_maximised_panel_closes_with_escape() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    let before = driver.picture();
    driver.press("z");
    let picture = driver.picture();
    assert!(picture.contains("2 Loop") && !picture.contains("3 Tasks"));
    driver.press("\t");
    assert!(driver.picture().contains("3 Tasks"));
    driver.press("\u{1b}2");
    assert_eq!(driver.picture(), before);
}

#[test]
fn theme_and_palette_change_at_run_time() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    let mut seen = Vec::new();
    for number in [2, 3, 3, 3, 3, 2] {
        driver.draw();
        seen.push(driver.terminal.backend().buffer().clone());
        driver.tell(Message::Key(KeyEvent::new(
            KeyCode::F(number),
            KeyModifiers::NONE,
        )));
        driver.press("\u{1b}");
    }
    driver.draw();
    assert_eq!(seen[0], *driver.terminal.backend().buffer());
    for pair in seen.windows(2) {
        assert_ne!(pair[0], pair[1]);
    }
}

#[test]
fn without_motion_playing_jumps_between_landmarks() {
    let mut driver = Driver::coloured((120, 40));
    driver.model.configure(&Options {
        motion: false,
        ..Options::default()
    });
    let mut driver = driver.open(concurrent());
    let mut by_key = Driver::coloured((120, 40)).open(concurrent());
    let (_, end) = driver.model.position().unwrap();
    while driver.at() < end.0 {
        driver.press(" ");
        by_key.press("c");
        assert!(!driver.model.wants_frames());
        assert_eq!(driver.at(), by_key.at());
    }
}

#[test]
fn two_scenarios_are_titled_by_their_full_names() {
    let other = mixed();
    let other = Replay::new(Log {
        meta: Meta {
            scenario: "factorial".into(),
            ..other.log().meta.clone()
        },
        ..other.log().clone()
    });
    let mut driver = Driver::coloured((120, 40)).open(sequential()).beside(other);
    let picture = driver.picture();
    assert!(picture.contains("A program ▸ sequential"), "{picture}");
    assert!(picture.contains("B factorial ▸ mixed"));
}

#[test]
fn any_scenario_can_be_compared_with_the_open_run() {
    let mut driver = Driver::coloured((120, 40)).open(sequential());
    let commands = driver.press("pGV");
    let launched = commands.iter().find_map(|command| match command {
        Command::Launch { what, slot } => Some((what.scenario.as_str(), *slot)),
        _ => None,
    });
    assert_eq!(launched, Some(("spinner", PaneSlot::Second)));
}

#[test]
fn lines_that_only_one_run_has_are_marked() {
    let mut driver = Driver::coloured((160, 60))
        .open(sequential())
        .beside(concurrent());
    let picture = driver.picture();
    assert!(
        picture.contains("7+") && picture.contains("+ only in A"),
        "{picture}"
    );
}
