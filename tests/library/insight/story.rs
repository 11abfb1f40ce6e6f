//! Which events carry news, and the sentences about a tick and about an event.

use super::programs::concurrent;
use crate::support::run_named;
use loopscope::insight::{self, Language};
use loopscope::replay::{Replay, Status};
use loopscope::scene::news::{Detail, first_news};
use loopscope::scene::story::{MOST_LINES, story, tick_story};
use loopscope::trace::{Position, TaskId};

fn news(replay: &Replay) -> Vec<Position> {
    let mut found = Vec::new();
    let mut steps = replay.steps(Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        if insight::is_news(&step) {
            found.push(step.position());
        }
    }
    found
}

#[test]
fn about_half_of_the_events_carry_news() {
    let replay = run_named("say_after", "concurrent");
    assert_eq!((news(&replay).len(), replay.end().0), (28, 58));
}

#[test]
fn the_end_of_a_tick_tells_the_tick() {
    let mut replay = concurrent();
    for _ in 0..3 {
        replay.seek(replay.next_tick());
    }
    let told = story(&replay, Detail::News, Language::Rust);
    assert_eq!(told.tick, Some(3));
    let lines: Vec<&str> = told.lines.iter().map(|line| line.what.as_str()).collect();
    assert_eq!(lines.len(), MOST_LINES, "{lines:?}");
    assert!(lines[0].contains("virtual clock"), "{lines:?}");
    assert!(lines[5].contains("#1 hello"), "{lines:?}");
    let note = told.main_line().unwrap().note.as_ref().unwrap();
    assert!(note.text.starts_with("#0 main does NOT run now."));
    assert_eq!(tick_story(&replay, Language::Rust), told.lines);
    // A task that has ended came from TIMERS, and main from PENDING.
    assert_eq!(told.origin(TaskId(1), Status::Done), Some(Status::Timer));
    assert_eq!(told.origin(TaskId(0), Status::Ready), Some(Status::Pending));
    assert_eq!(told.origin(TaskId(2), Status::Timer), None);
    let short = told.shortened(2);
    assert_eq!(short.lines.len(), 2);
    assert_eq!(short.main_line(), told.main_line());
}

#[test]
fn an_idle_loop_keeps_the_story_of_its_last_tick() {
    let mut replay = concurrent();
    replay.seek(replay.next_tick());
    let told = story(&replay, Detail::News, Language::Rust);
    for _ in 0..2 {
        replay.seek(Position(replay.position().0 + 1));
        assert_eq!(story(&replay, Detail::News, Language::Rust), told);
    }
}

#[test]
fn a_timer_and_its_wake_are_one_step() {
    let mut replay = run_named("say_after", "concurrent");
    for position in news(&replay) {
        replay.seek(position);
        let told = story(&replay, Detail::News, Language::Rust);
        let last = told.lines.last().unwrap();
        assert_eq!(last.position, position);
        if told.tick.is_none() && last.what.contains("timer fired") {
            assert_eq!(told.origin(TaskId(1), Status::Ready), Some(Status::Timer));
            return;
        }
    }
    panic!("no timer fired");
}

#[test]
fn a_run_opens_at_its_first_news() {
    assert_eq!(first_news(&concurrent()), Position(1));
    assert_eq!(first_news(&Replay::default()), Position(0));
}
