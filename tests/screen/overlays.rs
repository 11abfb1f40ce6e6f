//! Pictures of what lies over the screen, or changes one panel of it.

use loopscope::tui::{Message, Pulse, Slot};

use crate::{
    driver::{Driver, concurrent, mixed, sequential},
    pictures::snapshot,
};

const SIZES: [(u16, u16); 5] = [(120, 40), (80, 24), (60, 15), (45, 10), (30, 6)];

#[test]
fn why_a_task_is_where_it_is() {
    for size in SIZES {
        let mut driver = Driver::coloured(size).open(concurrent());
        driver.press(":t 1\n");
        driver.press("wj");
        snapshot(&format!("why_{}x{}", size.0, size.1), &mut driver);
    }
    let mut driver = Driver::plain((120, 40)).open(concurrent());
    driver.press(":t 1\nw");
    snapshot("why_ascii", &mut driver);
    assert!(driver.picture().is_ascii());
}

#[test]
fn what_comes_next_is_asked() {
    for size in SIZES {
        let mut driver = Driver::coloured(size).open(concurrent());
        driver.press("Ptt");
        snapshot(&format!("predict_{}x{}", size.0, size.1), &mut driver);
    }
}

#[test]
fn the_table_of_both_runs() {
    for size in SIZES {
        let mut driver = Driver::coloured(size)
            .open(sequential())
            .beside(concurrent());
        driver.press(":t 1\nw");
        snapshot(&format!("numbers_{}x{}", size.0, size.1), &mut driver);
    }
}

#[test]
fn a_filtered_list_and_breakpoints() {
    let mut driver = Driver::coloured((120, 40)).open(mixed());
    driver.press("G3/child\njjb1jjb5b3");
    snapshot("filter_and_breaks", &mut driver);
}

#[test]
fn one_panel_on_the_whole_screen() {
    for (panel, key) in [
        ("program", "1"),
        ("loop", "2"),
        ("tasks", "3"),
        ("timeline", "4"),
    ] {
        let mut driver = Driver::coloured((120, 40)).open(mixed());
        driver.press(&format!(":t 0.5\n{key}z"));
        snapshot(&format!("whole_{panel}"), &mut driver);
    }
}

#[test]
fn a_paused_loop_says_what_it_means() {
    let mut driver = Driver::coloured((80, 24));
    driver.tell(Message::Launched {
        slot: Slot::Only,
        result: Ok(Box::new(concurrent())),
        pulse: Some(Pulse {
            live: true,
            paused: true,
            ..Pulse::default()
        }),
    });
    snapshot("live_paused", &mut driver);
}
