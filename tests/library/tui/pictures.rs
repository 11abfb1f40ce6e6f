//! Pictures of the screens. Look at them when they change: are they aligned, are words cut where it makes sense?

use super::driver::{Driver, concurrent, mixed};

pub(crate) fn snapshot(name: &str, driver: &mut Driver) {
    snapshot_of(name, &driver.picture());
}

pub(crate) fn snapshot_of(name: &str, picture: &str) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, picture);
    });
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
fn panels_that_share_their_place() {
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
