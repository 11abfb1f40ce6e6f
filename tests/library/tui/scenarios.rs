//! Runs of the catalogue on the screen.

use loopscope::{
    insight::Language,
    replay::Replay,
    scene::source_view,
    trace::{ClockKind, TaskId},
};

use super::{catalogue, driver::Driver, pictures::snapshot};
use crate::support::{run_named, run_of};

#[test]
fn every_virtual_run_can_be_viewed_to_its_end() {
    for scenario in catalogue::ALL {
        for variant in scenario.variants {
            if variant.clock == ClockKind::Real {
                continue;
            }
            let replay = run_of(scenario, variant);
            let end = replay.end().0;
            let mut driver = Driver::coloured((120, 40)).open(replay);
            // A long run repeats itself, so it is viewed poll by poll.
            let keys = if end > 400 { "s\n\u{8}" } else { "n\n\u{8}" };
            while driver.at() < end {
                driver.press(keys);
                driver.draw();
            }
            driver.press("T");
            assert!(driver.at() < end);
        }
    }
}

#[test]
fn catalogue_runs_match_their_snapshots() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    driver.press(":t 1\nSn");
    snapshot(
        "real_say_after",
        &mut driver,
        &["1 Program", "2 Loop", "3 Tasks", "5 What"],
    );
    let mut driver =
        Driver::coloured((120, 40)).open(run_named("producer_consumer", "three_consumers"));
    driver.press(":t 3\nj");
    snapshot(
        "real_producer_consumer",
        &mut driver,
        &["2 Loop", "3 Tasks", "4 Timeline"],
    );
    driver.press("xu++");
    snapshot("real_producer_consumer_polls", &mut driver, &["4 Timeline"]);
    let mut driver = Driver::coloured((120, 40))
        .open(run_named("factorial", "sequential"))
        .beside(run_named("factorial", "concurrent"));
    driver.press(":t 2\n");
    snapshot(
        "real_factorial_compared",
        &mut driver,
        &["Timelines", "A at", "B at", "Whole run", "What makes"],
    );
}

#[test]
fn a_lesson_is_compared_by_its_number() {
    let lesson = |variant| run_named("lesson_06_block", variant);
    let mut driver = Driver::coloured((120, 40))
        .open(lesson("wrong"))
        .beside(lesson("right"));
    driver.press(":t 2\n");
    snapshot(
        "lesson_06_compared",
        &mut driver,
        &["A  wrong", "B  right", "Timelines", "Lesson 06"],
    );
}

#[test]
fn a_lane_shows_the_due_time_of_its_timer() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("lesson_08_late_sleep", "wrong"));
    // The loop is blocked: time has passed, and the sleeper still sleeps.
    driver.press(":t 1\n");
    assert!(driver.picture().contains('◇'));
    driver.press("x");
    assert!(
        !driver.picture().contains('◇'),
        "on the axis of polls nothing is late"
    );
    driver.press("xG");
    snapshot("lesson_08_due", &mut driver, &["4 Timeline", "5 What"]);
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    driver.press("G");
    assert!(!driver.picture().contains('◇'), "every timer fired in time");
}

#[test]
fn a_shared_value_has_a_lane() {
    let lesson = |variant| run_named("lesson_16_lost_update", variant);
    let mut driver = Driver::coloured((120, 40)).open(lesson("wrong"));
    driver.press("Gx");
    snapshot("lesson_16_value", &mut driver, &["4 Timeline"]);
    let mut driver = Driver::coloured((120, 40))
        .open(lesson("wrong"))
        .beside(lesson("right"));
    driver.press("u:t 0.1\n");
    snapshot("lesson_16_compared", &mut driver, &["Timelines"]);
    let mut small = Driver::coloured((80, 24)).open(lesson("wrong"));
    small.press("G");
    let picture = small.picture();
    assert!(picture.contains("deposit") && picture.contains("balance"));
}

#[test]
fn a_task_that_waits_for_itself_is_marked() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("lesson_18_lock_twice", "wrong"));
    driver.press("G");
    snapshot("lesson_18_itself", &mut driver, &["2 Loop", "4 Timeline"]);
    driver.press("x");
    assert!(
        driver.picture().contains('↺'),
        "also where there is no room for words"
    );
    driver.press("g");
    assert!(!driver.picture().contains('↺'));
}

#[test]
fn the_python_source_marks_the_line_of_the_task() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    driver.press(":t 0.5\n:task 1\n:t 0.5\n");
    let shown = |driver: &mut Driver, code: &str| {
        let picture = driver.picture();
        let line = picture.lines().find(|line| line.contains(code));
        line.is_some_and(|line| line.contains('◂'))
    };
    assert!(shown(&mut driver, "sleep(delay).await"));
    driver.press("e");
    assert!(driver.picture().contains("say_after.py"));
    assert!(shown(&mut driver, "await asyncio.sleep("));
    driver.press("e");
    assert!(shown(&mut driver, "sleep(delay).await"));
}

#[test]
fn every_rust_line_of_a_task_has_a_python_line() {
    let focus = |replay: &Replay, language| {
        let program = source_view::source_view(replay, Some(TaskId(0)), language);
        if language == Language::Python {
            assert!(
                program.file.strip_suffix(".py").is_some(),
                "{}",
                program.file
            );
        }
        let at = program.focus?;
        Some(program.lines.get(at)?.text.trim().to_owned())
    };
    let mut lost = Vec::new();
    for scenario in catalogue::ALL.iter().filter(|known| known.twin.is_some()) {
        for variant in scenario.variants {
            if variant.clock == ClockKind::Real {
                continue;
            }
            let mut replay = run_of(scenario, variant);
            while replay.position() < replay.end() {
                replay.seek(replay.next_poll());
                if let Some(rust) = focus(&replay, Language::Rust)
                    && focus(&replay, Language::Python).is_none()
                {
                    lost.push(format!("{}:{}: {rust}", scenario.name, variant.name));
                }
            }
        }
    }
    lost.dedup();
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn the_other_variant_of_a_lesson_is_marked() {
    for (variant, shown, other) in [
        ("wrong", "fn wrong()", "fn right()"),
        ("right", "fn right()", "fn wrong()"),
    ] {
        let mut driver = Driver::coloured((160, 60)).open(run_named("lesson_06_block", variant));
        let panel = driver.panel("1 Program");
        let line = |name: &str| {
            panel
                .lines()
                .find(|line| line.contains(name))
                .map(str::to_owned)
        };
        assert!(
            line(shown).is_some_and(|line| !line.contains("does not run")),
            "{panel}"
        );
        if let Some(line) = line(other) {
            assert!(line.contains("(does not run)"), "{panel}");
        }
    }
    // The first line of the variant is at the top, so `right` is below `wrong` and not above it.
    let mut driver = Driver::coloured((160, 60)).open(run_named("lesson_06_block", "wrong"));
    assert!(driver.panel("1 Program").contains("(does not run)"));
}

#[test]
fn a_lock_in_pending_says_who_holds_it_at_120_columns() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("lesson_18_lock_twice", "wrong"));
    driver.press("G");
    let panel = driver.panel("2 Loop");
    assert!(panel.contains("lock held by #0"), "{panel}");
}

/// The line at which a task ended is that of the twin's last statement.
#[test]
fn a_task_of_a_twin_ends_at_its_last_line() {
    let mut replay = run_named("say_after", "concurrent");
    replay.seek(replay.end());
    let shown = source_view::source_view(&replay, None, Language::Python);
    assert!(shown.file.ends_with("say_after.py"), "{}", shown.file);
    let ended: Vec<(&str, Vec<TaskId>)> = { shown.lines.iter() }
        .filter(|line| !line.ended.is_empty())
        .map(|line| (line.text.trim(), line.ended.clone()))
        .collect();
    let tasks = |numbers: &[u32]| numbers.iter().map(|number| TaskId(*number)).collect();
    assert_eq!(
        ended,
        [
            ("print(what)", tasks(&[1, 2])),
            (r#"print(f"finished at {clock_text()}")"#, tasks(&[0])),
        ]
    );
}
