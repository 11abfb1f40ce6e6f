//! Pictures of the screens. Look at them when they change: are they aligned, are words cut where it makes sense?

use crate::driver::{Driver, concurrent, mixed, sequential};

const SIZES: [(u16, u16); 6] = [(120, 40), (100, 30), (80, 24), (60, 15), (45, 10), (30, 6)];

pub(crate) fn snapshot(name: &str, driver: &mut Driver) {
    let picture = driver.picture();
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, picture);
    });
}

#[test]
fn the_main_screen() {
    for size in SIZES {
        let mut driver = Driver::coloured(size).open(concurrent());
        driver.press(":32\n");
        snapshot(&format!("main_{}x{}", size.0, size.1), &mut driver);
    }
}

#[test]
fn the_main_screen_in_ascii_without_colour() {
    let mut driver = Driver::plain((120, 40)).open(concurrent());
    driver.press(":t 1\n");
    snapshot("main_ascii", &mut driver);
    assert!(driver.picture().is_ascii());
    let mut driver = Driver::plain((80, 24)).open(mixed());
    driver.press("G");
    let picture = driver.picture();
    // The test terminal shows what a wide character hides behind its picture; nothing else may be foreign.
    assert!(
        picture
            .lines()
            .filter(|line| !line.contains("Hidden"))
            .all(str::is_ascii),
        "{picture}"
    );
}

#[test]
fn many_tasks_wide_names_and_a_failure() {
    for size in [(120, 40), (80, 24)] {
        let mut driver = Driver::coloured(size).open(mixed());
        driver.press(":t 0.5\njj");
        snapshot(&format!("mixed_{}x{}", size.0, size.1), &mut driver);
    }
}

#[test]
fn the_tick_axis_and_the_future() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    driver.press("xu:tick 2\n");
    snapshot("main_tick_axis", &mut driver);
}

#[test]
fn the_comparison() {
    for size in SIZES {
        let mut driver = Driver::coloured(size)
            .open(sequential())
            .beside(concurrent());
        driver.press(":t 1\n");
        snapshot(&format!("compare_{}x{}", size.0, size.1), &mut driver);
    }
}

#[test]
fn the_picker_and_the_help() {
    for size in SIZES {
        let mut driver = Driver::coloured(size);
        driver.press("j");
        snapshot(&format!("picker_{}x{}", size.0, size.1), &mut driver);
        driver.press("?");
        snapshot(&format!("picker_help_{}x{}", size.0, size.1), &mut driver);
        let mut driver = driver.open(concurrent());
        driver.press("?");
        snapshot(&format!("help_{}x{}", size.0, size.1), &mut driver);
    }
}

#[test]
fn the_panels_that_take_turns() {
    let mut driver = Driver::coloured((80, 24)).open(concurrent());
    driver.press(":t 1\n");
    for panel in ["program", "tasks", "output"] {
        driver.press(match panel {
            "program" => "1",
            "tasks" => "3",
            _ => "6",
        });
        snapshot(&format!("turns_{panel}"), &mut driver);
    }
}
