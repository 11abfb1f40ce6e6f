//! Real runs of the catalogue, looked at.

use loopscope::{
    replay::Replay,
    runtime::LoopControl,
    scenario::{Plan, Scenario, Variant},
    scene::source_view::{self, Language},
    trace::{ClockKind, TaskId},
};

use super::{catalogue, driver::Driver, pictures::snapshot};

pub(crate) fn record(scenario: &'static Scenario, variant: &'static Variant) -> Replay {
    Replay::new(
        Plan::new(scenario, variant)
            .run(None, LoopControl::new())
            .log,
    )
}

pub(crate) fn named(scenario: &str, variant: &str) -> Replay {
    let scenario = catalogue::ALL.iter().find(|known| known.name == scenario);
    let scenario = scenario.unwrap();
    record(scenario, scenario.variant(variant).unwrap())
}

#[test]
fn every_virtual_run_can_be_looked_at_from_start_to_end() {
    for scenario in catalogue::ALL {
        for variant in scenario.variants {
            if variant.clock == ClockKind::Real {
                continue;
            }
            let replay = record(scenario, variant);
            let end = replay.end().0;
            let mut driver = Driver::coloured((120, 40)).open(replay);
            // A long run says the same again and again: it is looked at poll by poll.
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
fn real_runs_make_good_pictures() {
    let mut driver = Driver::coloured((120, 40)).open(named("say_after", "concurrent"));
    driver.press(":t 1\nSn");
    snapshot("real_say_after", &mut driver);
    let mut driver =
        Driver::coloured((120, 40)).open(named("producer_consumer", "three_consumers"));
    driver.press(":t 3\nj");
    snapshot("real_producer_consumer", &mut driver);
    driver.press("xu++");
    snapshot("real_producer_consumer_polls", &mut driver);
    let mut driver = Driver::coloured((120, 40))
        .open(named("factorial", "sequential"))
        .beside(named("factorial", "concurrent"));
    driver.press(":t 2\n");
    snapshot("real_factorial_compared", &mut driver);
}

#[test]
fn two_ways_of_a_lesson_are_compared_by_its_number() {
    let named = |variant| named("lesson_06_block", variant);
    let mut driver = Driver::coloured((120, 40))
        .open(named("wrong"))
        .beside(named("right"));
    driver.press(":t 2\n");
    snapshot("lesson_06_compared", &mut driver);
}

#[test]
fn a_lane_shows_when_its_timer_was_due_and_when_it_ran() {
    let mut driver = Driver::coloured((120, 40)).open(named("lesson_08_late_sleep", "wrong"));
    // The loop is held: time has gone by, the sleeper sleeps on.
    driver.press(":t 1\n");
    assert!(driver.picture().contains('◇'));
    driver.press("x");
    assert!(
        !driver.picture().contains('◇'),
        "on the axis of polls nothing is late"
    );
    driver.press("xG");
    snapshot("lesson_08_due", &mut driver);
    let mut driver = Driver::coloured((120, 40)).open(named("say_after", "concurrent"));
    driver.press("G");
    assert!(!driver.picture().contains('◇'), "every timer fired in time");
}

#[test]
fn a_shared_value_has_a_lane() {
    let named = |variant| named("lesson_16_lost_update", variant);
    let mut driver = Driver::coloured((120, 40)).open(named("wrong"));
    driver.press("Gx");
    snapshot("lesson_16_value", &mut driver);
    let mut driver = Driver::coloured((120, 40))
        .open(named("wrong"))
        .beside(named("right"));
    driver.press("u:t 0.1\n");
    snapshot("lesson_16_compared", &mut driver);
    let mut small = Driver::coloured((80, 24)).open(named("wrong"));
    small.press("G");
    let picture = small.picture();
    assert!(picture.contains("deposit") && picture.contains("balance"));
}

#[test]
fn a_task_that_waits_for_itself_has_an_arrow() {
    let mut driver = Driver::coloured((120, 40)).open(named("lesson_18_lock_twice", "wrong"));
    driver.press("G");
    snapshot("lesson_18_itself", &mut driver);
    driver.press("x");
    assert!(
        driver.picture().contains('↺'),
        "also where there is no room for words"
    );
    driver.press("g");
    assert!(!driver.picture().contains('↺'));
}

#[test]
fn the_source_can_be_read_in_python_on_the_line_where_the_task_stands() {
    let mut driver = Driver::coloured((120, 40)).open(named("say_after", "concurrent"));
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
fn a_task_that_stands_on_a_line_of_rust_stands_on_one_of_python() {
    let focus = |replay: &Replay, language| {
        let program = source_view::source_view(replay, TaskId(0), language);
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
            let mut replay = record(scenario, variant);
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
    // Rust arms this timer in a constructor, Python sleeps in a method.
    assert_eq!(
        lost,
        ["async_iteration:iterator: timer: Timer::interval(PAUSE),"]
    );
}
