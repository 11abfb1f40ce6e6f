//! The numbers of a run, and of two runs in comparison.

use super::programs::{blocking, concurrent, sequential};
use crate::scripted::S;
use loopscope::insight::{self, Language, SyncBy};
use loopscope::replay::TaskState;
use loopscope::trace::{Outcome, Position, Span, TaskId};

#[test]
fn a_run_in_numbers() {
    // total, tasks, polls, ticks, running, waiting, timers and sleepers at once, overlap, bound
    for (replay, expected) in [
        (sequential(), (3, 1, 3, 3, 0, 3, 1, 1, 100, 3)),
        (concurrent(), (2, 3, 7, 6, 0, 5, 2, 2, 150, 2)),
        (blocking(), (3, 3, 4, 3, 3, 1, 0, 0, 0, 3)),
    ] {
        let sum = insight::summary(&replay);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "small numbers, made whole to be compared"
        )]
        let found = (
            sum.total.0 / S,
            sum.tasks,
            sum.polls,
            sum.ticks,
            sum.running.nanos() / S,
            sum.waiting.nanos() / S,
            sum.timers_at_once,
            sum.sleeping_at_once,
            (sum.overlap * 100.0).round() as i64,
            sum.bound.nanos() / S,
        );
        assert_eq!(found, expected, "{}", replay.log().meta.variant);
        assert_eq!(sum.outcome, Some(Outcome::Finished));
    }
}

#[test]
fn compare_aligns_two_runs() {
    let (mut a, b) = (sequential(), concurrent());
    assert_eq!(
        insight::follow(SyncBy::Time, a.state().now(), &a, &b),
        Position(0)
    );
    a.seek(a.index().outputs()[0].position);
    for (lock, time, tick, outputs) in [
        (SyncBy::Time, 1_000, 3, 1),
        (SyncBy::Tick, 0, 2, 0),
        (SyncBy::Output, 1_000, 3, 1),
    ] {
        let state = b.state_at(insight::follow(lock, a.state().now(), &a, &b));
        let found = (state.now().0 / 1_000_000, state.tick(), state.outputs);
        assert_eq!(found, (time, tick, outputs), "{lock:?}");
    }
    assert_eq!(
        insight::follow(SyncBy::Event, a.state().now(), &a, &b),
        a.position()
    );
    a.seek(a.end());
    assert_eq!(
        insight::follow(SyncBy::Time, a.state().now(), &a, &b),
        b.end()
    );
    assert_eq!(
        insight::follow(SyncBy::Output, a.state().now(), &a, &b),
        b.index().outputs()[1].position
    );
}

#[test]
fn differences_are_found_forward_and_back() {
    let (mut a, mut b) = (sequential(), concurrent());
    let first = insight::first_difference(&a, &b, Language::Rust).unwrap();
    assert_eq!(a.state_at(first.a).now().nanos(), 0);
    assert_eq!(
        first.words,
        "A has 1 task, #0 main TMR (timer due 1.000); B has 3 tasks, #0 main PND (join #1 hello)"
    );
    for lock in SyncBy::ALL {
        let mut forward = Vec::new();
        while let Some(next) = insight::difference_after(&a, &b, lock, Language::Rust) {
            let on = next.a > a.position() || next.b > b.position();
            assert!(on, "{lock:?} {next:?}");
            a.seek(next.a);
            b.seek(next.b);
            forward.push((next.a, next.b));
        }
        let mut back = Vec::new();
        while let Some(previous) = insight::difference_before(&a, &b, lock, Language::Rust) {
            assert!(previous.a < a.position() || previous.b < b.position());
            a.seek(previous.a);
            b.seek(previous.b);
            back.push((previous.a, previous.b));
        }
        forward.pop();
        back.reverse();
        assert!(!back.is_empty());
        assert_eq!(forward, back, "{lock:?}");
        a.seek(Position(0));
        b.seek(Position(0));
    }
    assert_eq!(
        insight::first_difference(&a, &sequential(), Language::Rust),
        None
    );
    assert_eq!(
        insight::difference_before(&a, &b, SyncBy::Time, Language::Rust),
        None
    );
}

#[test]
fn two_runs_are_compared() {
    let found = insight::compare(&sequential(), &concurrent(), Language::Rust);
    assert_eq!(found.saved, S.cast_signed());
    assert!((found.ratio - 1.5).abs() < 1e-9);
    assert_eq!((found.serial, found.bound), (Span::ZERO, Span(2 * S)));
    let blocked = insight::compare(&blocking(), &concurrent(), Language::Rust);
    assert_eq!(blocked.bound, Span(2 * S));
    assert_eq!(
        blocked.lines[0],
        "A takes 1.000 s more than B: in A, #2 world holds the loop from 1.000 to 3.000 and delays #0 main by 2.000 s; in B no poll delays another task."
    );
}

#[cfg(feature = "tui")]
mod json {
    use super::super::programs::{concurrent, sequential};
    use loopscope::scene::json;

    #[test]
    fn a_run_is_one_object() {
        let run = json::run(&concurrent());
        assert_eq!(run["outcome"], "finished");
        assert_eq!(run["elapsed_s"], 2.0);
        assert_eq!(run["output"][0]["line"], "hello");
        assert_eq!(run["output"][0]["task"], 1);
        let task = &run["tasks"][2];
        for (key, value) in [("spawned_s", 0.0), ("ended_s", 2.0), ("waiting_s", 2.0)] {
            assert_eq!(task[key], value, "{key}");
        }
        assert_eq!(
            (&task["parent"], &task["state"]),
            (&0.into(), &"DONE".into())
        );
        assert!(run["tasks"][0]["parent"].is_null());
    }

    #[test]
    fn a_comparison_is_one_object() {
        let found = json::comparison(
            &sequential(),
            &concurrent(),
            loopscope::insight::Language::Rust,
        );
        assert_eq!(found["a"]["variant"], "sequential");
        assert_eq!(found["saved_s"], 1.0);
        assert_eq!(found["ratio"], 1.5);
        assert_eq!(found["overlap"]["b"], 1.5);
        assert_eq!(found["amdahl"]["bound_s"], 2.0);
        assert_eq!(found["first_difference"]["t"], 0.0);
        let back = json::comparison(
            &concurrent(),
            &sequential(),
            loopscope::insight::Language::Rust,
        );
        assert_eq!(back["saved_s"], -1.0);
        let same = json::comparison(
            &concurrent(),
            &concurrent(),
            loopscope::insight::Language::Rust,
        );
        assert!(same["first_difference"].is_null());
    }
}

#[test]
fn the_longest_poll_matches_the_fold() {
    for replay in [sequential(), concurrent(), blocking()] {
        let turn = insight::longest_poll(&replay).unwrap();
        let after = replay.state_at(turn.end);
        let longest = |row: &TaskState| row.longest;
        assert_eq!(after.tasks.get(turn.task).map(longest), Some(turn.took));
        let rows = replay.index().head().tasks.iter();
        assert_eq!(rows.map(|(_, row)| row.longest).max(), Some(turn.took));
    }
}

#[test]
fn two_seconds_of_work_are_the_longest_poll() {
    let replay = blocking();
    let turn = insight::longest_poll(&replay).unwrap();
    assert_eq!((turn.task, turn.took), (TaskId(2), Span(2 * S)));
}
