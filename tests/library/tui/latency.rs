//! Ready-to-run and run times on the screen: the list, its tabs, and the way to a poll.

use loopscope::{
    insight::{LatencyBy, latency},
    replay::Replay,
    trace::{
        Advance, ClockKind, LocationId, Log, Meta, PollOutcome, TaskId, Wait, WakeEffect, Writer,
    },
};

use super::driver::{Driver, concurrent};

const MS: u64 = 1_000_000;

/// A run of a thousand ticks on the real clock: one poll of task 2 takes 280 ms, and task 1 is ready
/// meanwhile.
fn held_up() -> Replay {
    let mut to = Writer::new();
    let names = ["main", "reader", "parser"].map(|name| to.intern(name));
    let at = to.location("src/../scenarios/program.rs", 2, 5);
    to.spawn(names[0], LocationId::UNKNOWN, false);
    to.tick_start();
    to.timers(0);
    to.run(1);
    to.poll_start(TaskId(0));
    to.spawn(names[1], at, true);
    to.spawn(names[2], at, true);
    to.poll_end(PollOutcome::Pending, MS);
    to.tick_end();
    for nth in 0..1000 {
        to.tick_start();
        to.wakes_from(None);
        to.wake(TaskId(1), WakeEffect::Enqueued);
        to.wake(TaskId(2), WakeEffect::Enqueued);
        to.advance(MS, Advance::Waited);
        to.timers(0);
        to.run(2);
        for task in [2, 1] {
            to.poll_start(TaskId(task));
            to.wait(Wait::Unknown, at, false);
            let took = if (nth, task) == (500, 2) { 280 } else { 1 };
            to.poll_end(PollOutcome::Pending, took * MS);
        }
        to.tick_end();
    }
    Replay::new(Log {
        bytes: to.take(),
        meta: Meta {
            clock: ClockKind::Real,
            ..Meta::default()
        },
    })
}

fn shown(size: (u16, u16)) -> Driver {
    Driver::coloured(size).open(held_up())
}

fn status(driver: &mut Driver) -> String {
    let both = driver.header_and_status();
    both.lines().last().unwrap().to_owned()
}

#[test]
fn the_longest_times_come_first_and_enter_goes_to_their_poll() {
    for size in [(120, 40), (80, 24)] {
        let mut driver = shown(size);
        driver.press("R");
        let report = latency(&held_up());
        let panel = driver.panel("Latency, the longest: ready to poll");
        assert!(panel.contains("#1 reader"), "{panel}");
        let first = panel.lines().find(|line| line.contains('▸')).unwrap();
        assert!(first.contains("281ms"), "{panel}");
        driver.press("\n");
        let (position, _) = driver.model.position().unwrap();
        assert!(position >= report.worst_ready[0].position);
        let told = status(&mut driver);
        assert!(told.contains("begins 281ms after"), "{told}");
        driver.press("Rl\n");
        let told = status(&mut driver);
        assert!(told.contains("this poll takes 280ms"), "{told}");
    }
}

#[test]
fn tab_groups_times_by_task_spawn_and_await() {
    let mut driver = shown((120, 40));
    driver.press("R");
    for (head, row) in [
        ("by task", "#2 parser"),
        ("by spawn place", "program.rs:2"),
        ("by await place", "program.rs:2"),
        ("the longest", "#1 reader"),
    ] {
        driver.press("\t");
        let panel = driver.panel(&format!("Latency, {head}"));
        assert!(panel.contains(row), "{panel}");
    }
}

#[test]
fn a_row_has_the_quantiles_of_the_report() {
    let report = latency(&held_up());
    let mut driver = shown((120, 40));
    driver.press("R\tl");
    let panel = driver.panel("Latency, by task");
    let rows = panel.lines().filter(|line| line.contains('#'));
    assert_eq!(rows.count(), report.by(LatencyBy::Task).groups.len());
    let parser = panel.lines().find(|line| line.contains("#2 parser"));
    let words: Vec<&str> = parser.unwrap().split_whitespace().collect();
    assert!(
        words.contains(&"280ms") && words.contains(&"1.00ms"),
        "{panel}"
    );
}

#[test]
fn the_list_of_a_run_on_the_virtual_clock_says_so() {
    let mut driver = Driver::coloured((80, 24)).open(concurrent());
    driver.press("R");
    let panel = driver.panel("Latency");
    assert!(panel.contains("virtual"), "{panel}");
    driver.press("\x1b");
    assert!(!driver.picture().contains("Latency"));
}

#[test]
fn a_comparison_lists_the_times_of_both_runs() {
    for size in [(120, 40), (80, 24)] {
        let mut driver = shown(size).beside(held_up());
        driver.press("R");
        let panel = driver.panel("Latency of A");
        for letter in ["A, all tasks", "B, all tasks"] {
            assert!(panel.contains(letter), "{panel}");
        }
    }
}

#[test]
fn a_long_run_is_read_in_slices_and_frames_end() {
    let mut driver = shown((80, 24));
    assert!(!driver.model.wants_frames());
    driver.press("R");
    for nth in 0..1000 {
        if !driver.model.wants_frames() {
            break;
        }
        driver.frame(33 * nth);
    }
    assert!(!driver.model.wants_frames());
}
