//! Finding positions in a trace: described events, numbers of polls, states with many tasks.

use std::time::Duration;

use loopscope::{
    Builder,
    replay::{EventStep, Replay, ScanResult, State},
    sleep, spawn,
    trace::{ClockKind, Event, LoopEvent, Position},
};

/// A run with thousands of tasks at a time, so that keyframes are far apart.
fn crowd() -> Replay {
    let run = Builder::new()
        .clock(ClockKind::Virtual)
        .record(true)
        .run(async {
            let tasks: Vec<_> = (0..3000)
                .map(|number| {
                    spawn(async move {
                        for round in 0..8 {
                            sleep(Duration::from_millis(100 + (number * 7 + round) % 90)).await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await;
            }
        });
    Replay::new(run.log)
}

fn fold(replay: &Replay, position: u64) -> State {
    let mut state = State::new();
    while state.position.0 < position && state.step(&replay.log().bytes).is_some() {}
    state
}

#[test]
fn a_seek_among_thousands_of_tasks_is_the_fold_of_the_prefix() {
    let mut replay = crowd();
    let end = replay.end().0;
    assert!(end > 100_000, "{end}");
    let mut random = fastrand::Rng::with_seed(3);
    let mut position = end / 2;
    for round in 0..60 {
        // Mostly a step or two, sometimes a long way.
        position = match round % 6 {
            0 => random.u64(0..=end),
            1 | 2 => position.saturating_sub(1),
            3 => position.saturating_sub(random.u64(0..20_000)),
            _ => (position + random.u64(0..9000)).min(end),
        };
        replay.seek(Position(position));
        let expected = fold(&replay, position);
        assert!(*replay.state() == expected, "sought {position}");
        let other = position.saturating_sub(random.u64(0..3));
        assert!(
            replay.state_at(Position(other)) == fold(&replay, other),
            "looked at {other}"
        );
    }
}

#[test]
fn cursors_and_polls_are_found() {
    let replay = crowd();
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..40 {
        let position = random.u64(0..=replay.end().0);
        let cursor = fold(&replay, position).cursor;
        assert_eq!(replay.cursor_at(Position(position)), cursor);
        let found = replay.at_polls(cursor.polls());
        assert!(found >= Position(position));
        assert_eq!(replay.cursor_at(found).polls(), cursor.polls());
        if found < replay.end() {
            assert_eq!(
                replay.cursor_at(Position(found.0 + 1)).polls(),
                cursor.polls() + 1
            );
        }
    }
    assert_eq!(replay.at_polls(u64::MAX), replay.end());
}

#[test]
fn the_next_timers_are_the_first_of_the_queue() {
    let replay = crowd();
    let state = replay.state_at(Position(replay.end().0 / 3));
    let queue = state.timer_queue();
    assert!(queue.len() > 1000);
    for most in [0, 1, 7, queue.len() - 1, queue.len(), queue.len() + 1] {
        let expected = &queue[..most.min(queue.len())];
        assert_eq!(state.next_timers(most), expected, "{most}");
    }
}

#[test]
fn a_search_finds_events_from_any_position() {
    let replay = crowd();
    let wanted = |event: &Event| {
        matches!(
            event,
            Event::Loop(LoopEvent::TickEnd | LoopEvent::End { .. })
        )
    };
    let all: Vec<Position> = replay
        .events_from(Position(0))
        .filter(|(_, event, _)| wanted(event))
        .map(|(position, _, _)| position)
        .collect();
    let found = |position| match position {
        Some(position) => ScanResult::At(position),
        None => ScanResult::NotFound,
    };
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..25 {
        let from = Position(random.u64(0..=replay.end().0 + 1));
        let next = all.iter().copied().find(|position| *position > from);
        let previous = all.iter().rev().copied().find(|position| *position < from);
        let look = &mut |step: &EventStep<'_>| wanted(&step.event);
        assert_eq!(
            replay.scan_forward(from, u64::MAX, look),
            found(next),
            "{from:?}"
        );
        assert_eq!(
            replay.scan_back(from, u64::MAX, look),
            found(previous),
            "{from:?}"
        );
    }
}

#[test]
fn a_paused_scan_resumes_where_it_stopped() {
    let replay = crowd();
    let nothing = &mut |_: &EventStep<'_>| false;
    assert_eq!(
        replay.scan_forward(Position(10), 5000, nothing),
        ScanResult::Paused(Position(5010))
    );
    let ScanResult::Paused(position) = replay.scan_back(Position(90_000), 20_000, nothing) else {
        panic!("it was to stop");
    };
    assert!((60_000..=70_000).contains(&position.0), "{position:?}");
    let mut at = replay.end();
    let mut parts = 0;
    while let ScanResult::Paused(next) = replay.scan_back(at, 20_000, nothing) {
        assert!(next < at);
        (at, parts) = (next, parts + 1);
    }
    assert!(parts > 3);
}
