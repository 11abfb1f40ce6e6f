//! Snapshots of panels. Look at each change: are columns aligned, are words cut sensibly?

use super::driver::{Driver, concurrent, mixed};

/// Compares panels or popups, by words of their titles, with what they looked like before.
pub(crate) fn snapshot(name: &str, driver: &mut Driver, titles: &[&str]) {
    let panels = titles.iter().map(|title| driver.panel(title));
    snapshot_of(name, &panels.collect::<String>());
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
        let name = format!("mixed_{}x{}", size.0, size.1);
        snapshot(&name, &mut driver, &["2 Loop", "4 Timeline", "5 W"]);
    }
}

#[test]
fn the_timeline_by_polls_and_the_future() {
    let mut driver = Driver::coloured((120, 40)).open(concurrent());
    driver.press("xu:tick 2\n");
    snapshot("timeline_by_polls", &mut driver, &["4 Timeline"]);
}

#[test]
fn panels_that_share_their_place() {
    let mut driver = Driver::coloured((80, 24)).open(concurrent());
    driver.press(":t 1\n");
    for (key, title) in [("1", "1 Program"), ("3", "3 Tasks"), ("6", "6 Output")] {
        driver.press(key);
        let name = title.split(' ').next_back().unwrap().to_lowercase();
        snapshot(&format!("low_{name}"), &mut driver, &[title]);
    }
}
