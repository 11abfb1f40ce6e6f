//! Properties of time travel, on the traces of a scripted executor with random scripts.
//!
//! Each case is a seed and a size, so that a failing case can be reproduced and reduced.

use std::io;

use crate::scripted::random_run;
use arbtest::arbtest;
use loopscope::replay::{Axis, Cell, Index, Replay, State, Status, TaskState, Window};
use loopscope::trace::{
    Cursor, Event, LocationId, Log, LoopEvent, Outcome, PollOutcome, Position, TaskEvent, TaskId,
    WakeEffect, Writer,
    file::{self, FileWriter},
};

/// Time for each property, in milliseconds.
const BUDGET: u64 = 700;

fn trace(seed: u64, size: usize) -> Log {
    random_run(seed, size).log("random", "one\ntwo\nthree\nfour\nfive\n")
}

/// A trace with lost parts.
#[expect(
    clippy::unwrap_used,
    reason = "a file in memory can be written and read"
)]
fn gapped(seed: u64, size: usize) -> Log {
    let log = trace(seed, size);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut file = FileWriter::new(Vec::new(), &log.meta).unwrap();
    for piece in log.bytes.chunks(1 + log.bytes.len() / random.usize(1..12)) {
        file.records(piece).unwrap();
        file.flush().unwrap();
    }
    let mut bytes = file.finish().unwrap();
    let markers = bytes.windows(5).enumerate();
    // Each chunk of records (kind 2) is lost or kept.
    let chunks = markers.filter(|(_, bytes)| *bytes == b"\xf5lsc\x02");
    let chunks: Vec<usize> = chunks.map(|(at, _)| at).collect();
    for at in chunks {
        bytes[at + 6] ^= u8::from(random.u8(0..3) == 0);
    }
    file::read(bytes.as_slice()).unwrap().0
}

/// Calls `check` with many seeds and sizes.
fn cases(most: usize, check: impl Fn(u64, usize)) {
    arbtest(|u| {
        let size = u.int_in_range(1..=most)?;
        check(u.arbitrary()?, size);
        Ok(())
    })
    .budget_ms(BUDGET);
}

/// The state at every position.
fn fold(log: &Log) -> Vec<State> {
    let mut states = vec![State::new()];
    let mut state = State::new();
    while state.step(&log.bytes).is_some() {
        states.push(state.clone());
    }
    states
}

fn prefix(log: &Log, position: u64) -> State {
    let mut state = State::new();
    while state.position.0 < position && state.step(&log.bytes).is_some() {}
    state
}

#[test]
fn the_random_traces_are_long_and_varied() {
    let long = (0..20).map(|seed| Replay::new(trace(seed, 200)).end().0);
    let longest = long.max().unwrap();
    assert!(longest > 20_000, "{longest} events pass no keyframe");
    let outcomes: Vec<_> = (0..200)
        .map(|seed| Replay::new(trace(seed, 12)).index().head().outcome)
        .collect();
    for outcome in [Some(Outcome::Finished), Some(Outcome::Deadlock), None] {
        assert!(outcomes.contains(&outcome), "{outcome:?}");
    }
}

#[test]
fn a_seek_is_the_fold_of_the_prefix() {
    seeks_are_folds(trace);
}

#[test]
fn a_seek_is_the_fold_of_the_prefix_behind_gaps() {
    seeks_are_folds(gapped);
    let missing = (0..50).map(|seed| Replay::new(gapped(seed, 40)).index().head().missing);
    assert!(missing.filter(|missing| *missing > 0).count() > 10);
}

fn seeks_are_folds(trace: fn(u64, usize) -> Log) {
    cases(120, |seed, size| {
        let log = trace(seed, size);
        let mut replay = Replay::new(log.clone());
        assert!(!replay.is_damaged());
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..6 {
            let position = random.u64(0..=replay.end().0 + 2);
            let at = Position(position.min(replay.end().0));
            replay.seek(Position(position));
            assert_eq!(*replay.state(), prefix(&log, at.0));
            assert_eq!(replay.state_at(at), *replay.state());
        }
    });
}

#[test]
fn steps_back_undo_steps_forward() {
    cases(40, |seed, size| {
        let mut replay = Replay::new(trace(seed, size));
        let mut random = fastrand::Rng::with_seed(seed);
        let from = random.u64(0..=replay.end().0);
        replay.seek(Position(from));
        let before = replay.state().clone();
        let steps = random.u64(0..50).min(replay.end().0 - from);
        for step in 1..=steps {
            replay.seek(Position(from + step));
        }
        for step in (0..steps).rev() {
            replay.seek(Position(from + step));
        }
        assert_eq!(*replay.state(), before);
    });
}

#[test]
fn next_and_previous_find_the_nearest_position() {
    cases(24, |seed, size| {
        let log = trace(seed, size);
        let mut replay = Replay::new(log);
        let events: Vec<_> = replay
            .events_from(Position(0))
            .map(|(position, event, _)| (position, event))
            .collect();
        let all = |found: fn(&Event) -> bool| -> Vec<Position> {
            let found = events.iter().filter(|(_, event)| found(event));
            found.map(|(position, _)| *position).collect()
        };
        let polls = all(|event| matches!(event, Event::Task(TaskEvent::PollEnd { .. })));
        let ticks = all(|event| *event == Event::Loop(LoopEvent::TickEnd));
        let marks = all(is_mark);
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..8 {
            replay.seek(Position(random.u64(0..=replay.end().0)));
            let here = replay.position();
            for (name, positions, next, previous) in [
                ("poll", &polls, replay.next_poll(), replay.previous_poll()),
                ("tick", &ticks, replay.next_tick(), replay.previous_tick()),
                (
                    "mark",
                    &marks,
                    replay.next_landmark(),
                    replay.previous_landmark(),
                ),
            ] {
                let after = positions.iter().find(|position| **position > here);
                let before = positions.iter().rfind(|position| **position < here);
                let end = replay.end();
                assert_eq!(next, *after.unwrap_or(&end), "next {name} from {here:?}");
                let start = Position(0);
                assert_eq!(
                    previous,
                    *before.unwrap_or(&start),
                    "previous {name} from {here:?}"
                );
            }
        }
    });
}

fn is_mark(event: &Event) -> bool {
    matches!(
        event,
        Event::Output { .. }
            | Event::Task(
                TaskEvent::Spawn { .. }
                    | TaskEvent::PollEnd {
                        outcome: PollOutcome::Panicked | PollOutcome::Failed,
                        ..
                    }
            )
            | Event::Loop(LoopEvent::End {
                outcome: Outcome::Deadlock | Outcome::Stalled | Outcome::Panicked
            })
    )
}

#[test]
fn a_moment_and_a_tick_are_found() {
    cases(24, |seed, size| {
        let log = trace(seed, size);
        let replay = Replay::new(log.clone());
        let states = fold(&log);
        let mut random = fastrand::Rng::with_seed(seed);
        let end = replay.index().head().now();
        for _ in 0..8 {
            let moment = loopscope::trace::Moment(random.u64(0..=end.0 + 5));
            let last = states.iter().rfind(|state| state.now() <= moment).unwrap();
            assert_eq!(replay.at_moment(moment), last.position);
            let tick = random.u64(0..=replay.index().head().tick());
            let first = states.iter().find(|state| state.tick() >= tick).unwrap();
            assert_eq!(replay.tick_start(tick), first.position);
        }
    });
}

#[test]
fn the_ready_queue_is_first_in_first_out() {
    cases(40, |seed, size| {
        let mut model = random_run(seed, size);
        let log = model.log("", "");
        let mut state = State::new();
        for (events, queue) in &model.queues {
            while state.position.0 < *events {
                state.step(&log.bytes).unwrap();
            }
            let ready: Vec<_> = state.ready().iter().map(|(task, _)| task.0).collect();
            assert_eq!(ready, *queue, "after event {events}");
        }
    });
}

/// The result of [`Replay::timeline`], painted from the states one by one.
fn paint(states: &[State], window: &Window, task: TaskId, until: u64) -> Vec<Cell> {
    let doing = |state: &State| {
        state
            .tasks
            .get(task)
            .map_or(Status::Absent, TaskState::status)
    };
    let columns = usize::from(window.columns);
    let mut entered: Vec<Vec<Status>> = vec![Vec::new(); columns];
    let mut carried = vec![None; columns];
    let mut before = Status::Absent;
    let mut painted = 0;
    for pair in states.windows(2).take(until as usize) {
        let column = window.column(window.axis.value(&pair[1].cursor));
        let now = doing(&pair[1]);
        if let Some(column) = column {
            let end = (column + 1).min(columns);
            // The status before extends to here.
            for cell in carried.iter_mut().take(end).skip(painted) {
                *cell = Some(before);
            }
            painted = painted.max(end);
            if now != before && column < columns {
                let value = window.axis.value(&pair[1].cursor);
                if before == Status::Running && value > window.value(column) {
                    entered[column].push(before);
                }
                entered[column].push(now);
            }
        }
        before = now;
    }
    let strong = |status: &&Status| matches!(status, Status::Failed | Status::Cancelled);
    entered
        .iter()
        .zip(carried)
        .map(|(entered, carried)| {
            let failed = entered.iter().rfind(strong);
            let ran = entered.iter().find(|status| **status == Status::Running);
            let last = failed.or(ran).or(entered.last()).copied();
            last.or(carried).unwrap_or_default()
        })
        .collect()
}

#[test]
fn the_timeline_matches_the_states() {
    timelines_are_states(trace);
}

#[test]
fn the_timeline_matches_the_states_behind_gaps() {
    timelines_are_states(gapped);
}

fn timelines_are_states(trace: fn(u64, usize) -> Log) {
    cases(60, |seed, size| {
        let log = trace(seed, size);
        let replay = Replay::new(log.clone());
        let states = fold(&log);
        let mut random = fastrand::Rng::with_seed(seed);
        for axis in [Axis::Time, Axis::Poll] {
            let end = axis.value(&replay.index().head().cursor);
            let from = random.u64(0..=end);
            let window = Window {
                axis,
                from: if random.bool() { 0 } else { from },
                to: from + 1 + random.u64(0..=end),
                columns: random.u16(0..60),
            };
            let until = random.u64(0..=replay.end().0);
            let tasks: Vec<_> = (0..5).map(TaskId).collect();
            let timeline = replay.timeline(&window, &tasks, Position(until));
            for (task, row) in tasks.iter().zip(&timeline.rows) {
                let expected = paint(&states, &window, *task, until);
                assert_eq!(
                    *row,
                    expected,
                    "{task} {window:?} until {until} of {:?}",
                    replay.end()
                );
            }
        }
    });
}

#[test]
fn a_trace_in_pieces_has_the_same_index() {
    cases(60, |seed, size| {
        let log = trace(seed, size);
        let mut whole = Index::default();
        whole.extend(&log.bytes);
        let mut random = fastrand::Rng::with_seed(seed);
        let mut pieces = Index::default();
        let mut known = 0;
        while known < log.bytes.len() {
            // The cuts are mostly in the middle of a record.
            known = (known + random.usize(1..=1 + log.bytes.len() / 4)).min(log.bytes.len());
            pieces.extend(&log.bytes[..known]);
        }
        assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
    });
}

#[test]
fn half_a_record_changes_nothing() {
    cases(30, |seed, size| {
        let log = trace(seed, size);
        let events = |cursor: &mut Cursor, bytes: &[u8]| {
            std::iter::from_fn(|| cursor.next_event(bytes)).collect::<Vec<_>>()
        };
        let mut whole = Cursor::START;
        let all = events(&mut whole, &log.bytes);
        // A cursor at the end of a part continues with the next one.
        for cut in 0..log.bytes.len().min(600) {
            let mut cursor = Cursor::START;
            let mut read = events(&mut cursor, &log.bytes[..cut]);
            assert!(cursor.offset() <= cut);
            read.extend(events(&mut cursor, &log.bytes));
            assert_eq!((cursor, &read), (whole, &all), "cut at {cut}");
        }
    });
}

/// Calls every query of a replay.
fn ask_everything(mut replay: Replay, random: &mut fastrand::Rng) -> io::Result<()> {
    use loopscope::{insight, scene::plain};
    let end = replay.end();
    for position in [0, random.u64(0..=end.0), end.0] {
        replay.seek(Position(position));
        let _ = (replay.next_poll(), replay.previous_poll());
        let _ = (replay.next_tick(), replay.previous_tick());
        let _ = (replay.next_landmark(), replay.previous_landmark());
        let _ = insight::narrate(&replay, insight::Language::Rust);
        let _ = insight::cause(&replay, Position(position));
        let _ = insight::tasks_at_lines(&replay, "scenarios/program.rs");
        for task in 0..4 {
            let _ = insight::why(&replay, TaskId(task), insight::Language::Rust);
        }
        for axis in [Axis::Time, Axis::Poll] {
            let (from, to) = (random.u64(..), random.u64(..));
            let window = Window {
                axis,
                from,
                to,
                columns: random.u16(0..100),
            };
            let _ = replay.timeline(&window, &[TaskId(3), TaskId(0)], Position(position));
        }
        plain::write_state(&replay, insight::Language::Rust, &mut Vec::new())?;
    }
    let _ = insight::compare(&replay, &replay, insight::Language::Rust);
    let _ = insight::difference_before(
        &replay,
        &replay,
        insight::SyncBy::Tick,
        insight::Language::Rust,
    );
    plain::write_log(&replay, insight::Language::Rust, &mut Vec::new())
}

#[test]
fn broken_traces_never_panic() {
    cases(24, |seed, size| {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut log = trace(seed, size);
        for _ in 0..random.usize(1..6) {
            let at = random.usize(0..log.bytes.len());
            log.bytes[at] = random.u8(..);
        }
        ask_everything(Replay::new(log), &mut random).unwrap();
    });
}

#[test]
fn a_trace_with_gaps_answers_every_query() {
    cases(24, |seed, size| {
        let mut random = fastrand::Rng::with_seed(seed);
        ask_everything(Replay::new(gapped(seed, size)), &mut random).unwrap();
    });
}

#[test]
fn random_bytes_never_panic() {
    arbtest(|u| {
        let bytes: Vec<u8> = u.arbitrary()?;
        let log = Log {
            bytes,
            ..Log::default()
        };
        ask_everything(Replay::new(log), &mut fastrand::Rng::with_seed(1)).unwrap();
        Ok(())
    })
    .budget_ms(BUDGET);
}

#[test]
fn a_million_thread_records_are_skipped() {
    // Kind 24, small number 2: later wakes come from I/O. This record is not an event.
    let bytes = [24 << 3 | 2, 0].repeat(1_000_000);
    let replay = Replay::new(Log {
        bytes,
        ..Log::default()
    });
    assert_eq!(replay.end(), Position(0));
    assert!(!replay.is_damaged());
}

#[test]
fn a_trace_with_a_limit_keeps_its_newest_part() {
    // The main task sleeps for ever, and another one yields.
    let mut writer = Writer::new();
    let name = writer.intern("main");
    writer.spawn(name, LocationId::UNKNOWN, false);
    writer.spawn(name, LocationId::UNKNOWN, false);
    writer.output("the first line");
    let mut replay = Replay::new(Log::default());
    replay.limit(300_000);
    let mut lower = 0;
    for _ in 0..400 {
        for _ in 0..1_000 {
            writer.poll_start(TaskId(0));
            writer.poll_end(PollOutcome::Pending, 90);
        }
        replay.append(&writer.take());
        replay.seek(replay.end());
        lower += replay.trim();
        assert_eq!(replay.position(), replay.end());
        assert!(replay.log().bytes.len() + replay.index().bytes() <= 300_000);
        assert_eq!(replay.end().0 + lower, writer.events());
    }
    assert!(!replay.is_damaged() && lower > 100_000);
    let head = replay.index().head();
    assert_eq!(head.missing, lower + 1, "with what was missing before");
    assert_eq!(head.cursor.polls(), 400_000);
    let status = |task| head.tasks.get(TaskId(task)).unwrap().status();
    assert_eq!((status(0), status(1)), (Status::Unknown, Status::Unknown));
    assert!(head.tasks.get(TaskId(0)).is_some_and(|row| row.polls() > 0));
}

#[test]
fn a_window_beyond_the_current_position_is_empty() {
    let replay = Replay::new(trace(7, 12));
    let end = replay.index().head().now().0;
    let window = Window {
        axis: Axis::Time,
        from: end / 2,
        to: end,
        columns: 4,
    };
    let timeline = replay.timeline(&window, &[TaskId(0)], Position(2));
    assert_eq!(timeline.rows, [vec![Status::Absent; 4]]);
}

#[test]
fn a_tick_that_ends_with_a_block_is_found() {
    // Event 1024 ends a tick and is the last of its block; the bookmark after it does not have the
    // next tick yet.
    let mut writer = Writer::new();
    let name = writer.intern("main");
    writer.spawn(name, LocationId::UNKNOWN, false);
    writer.tick_start();
    writer.run(0);
    while writer.events() < 1023 {
        writer.wake(TaskId(0), WakeEffect::Redundant);
    }
    for _ in 0..4 {
        writer.tick_end();
        writer.tick_start();
    }
    let mut replay = Replay::new(Log {
        bytes: writer.take(),
        ..Log::default()
    });
    replay.seek(Position(1000));
    assert_eq!(replay.next_tick(), Position(1024));
    replay.seek(Position(1025));
    assert_eq!(replay.previous_tick(), Position(1024));
}
