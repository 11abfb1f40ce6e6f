//! The critical path as a list of segments, and what half of a part would save.

use std::{rc::Rc, time::Duration};

use arbtest::arbtest;
use loopscope::{
    Builder, block_for, channel,
    future::yield_now,
    gather,
    insight::{CriticalPath, NoPath, NotHalved, PathSegment, SegmentKind, critical_path, summary},
    lock::Mutex,
    replay::Replay,
    runtime::OnIdle,
    sleep, spawn, spawn_local, timeout,
    trace::{
        Advance, ClockKind, LocationId, Log, Meta, Moment, PollOutcome, Span, TaskId, TimerId,
        WakeEffect, Writer,
    },
};

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

fn replay_of<F: Future>(main: F) -> Replay {
    let run = Builder::new()
        .clock(ClockKind::Virtual)
        .on_idle(OnIdle::End)
        .record(true)
        .run(main);
    Replay::new(run.log)
}

fn path_of<F: Future>(main: F) -> CriticalPath {
    let replay = replay_of(main);
    let path = critical_path(&replay).unwrap();
    check(&replay, &path);
    path
}

/// The segments follow one another without a hole, add up to the length of the run, and have the
/// sums that the comparison of two runs shows.
fn check(replay: &Replay, path: &CriticalPath) {
    let summary = summary(replay);
    assert_eq!(path.total, summary.total);
    let mut until = Moment::START;
    for segment in &path.segments {
        assert_eq!(segment.from, until, "{segment:?}");
        assert!(segment.from <= segment.to, "{segment:?}");
        until = segment.to;
    }
    assert_eq!(until.since(Moment::START), path.total);
    let sum = |kinds: &[SegmentKind]| {
        let of = path.segments.iter();
        let of = of.filter(|segment| kinds.contains(&segment.kind));
        of.fold(Span::ZERO, |sum, segment| sum + segment.length())
    };
    let parts = path.parts.iter();
    let parts = parts.fold(Span::ZERO, |sum, share| sum + share.time);
    assert_eq!(parts, path.total);
    let known = summary.path;
    assert_eq!(sum(&[SegmentKind::Work]), known.work);
    assert_eq!(sum(&[SegmentKind::Queued]), known.queued);
    assert_eq!(sum(&[SegmentKind::Late]), known.late);
}

/// The segments that take time, as `KIND TASK FROM..TO` in milliseconds.
fn told(path: &CriticalPath) -> Vec<String> {
    let told = |segment: &PathSegment| {
        let [from, to] = [segment.from, segment.to].map(|at| at.0 / 1_000_000);
        let task = segment
            .task
            .map_or(String::from("-"), |task| task.to_string());
        format!("{:?} {task} {from}..{to}", segment.kind)
    };
    let timed = path.segments.iter();
    timed
        .filter(|segment| segment.from < segment.to)
        .map(told)
        .collect()
}

/// The tasks through which the path leads, without repetitions.
fn tasks(path: &CriticalPath) -> Vec<u32> {
    let tasks = path.segments.iter().filter_map(|segment| segment.task);
    let mut tasks: Vec<u32> = tasks.map(|task| task.0).collect();
    tasks.dedup();
    tasks
}

/// What the run would take with half of its longest part, in milliseconds.
fn halved(path: &CriticalPath) -> u64 {
    path.halved[0].total.nanos() / 1_000_000
}

async fn in_a_row(first: u64, second: u64) {
    sleep(ms(first)).await;
    block_for(ms(10));
    sleep(ms(second)).await;
}

#[test]
fn the_path_of_waits_in_a_row_has_all_of_them() {
    let path = path_of(in_a_row(100, 300));
    assert_eq!(
        told(&path),
        ["Timer #0 0..100", "Work #0 100..110", "Timer #0 110..410"]
    );
    assert!(path.main_ended);
    assert_eq!(halved(&path), 260);
    assert_eq!(path_of(in_a_row(100, 150)).total, path.halved[0].total);
}

async fn at_once(first: u64, second: u64) {
    let first = spawn(async move { sleep(ms(first)).await });
    let second = spawn(async move {
        sleep(ms(second)).await;
        block_for(ms(20));
    });
    first.await;
    second.await;
}

#[test]
fn the_path_of_concurrent_waits_has_the_longest() {
    let path = path_of(at_once(100, 300));
    assert_eq!(told(&path), ["Timer #2 0..300", "Work #2 300..320"]);
    assert_eq!(tasks(&path), [0, 2, 0]);
}

#[test]
fn half_a_part_saves_no_more_than_the_next_path_takes() {
    // Half of 300 ms would be 150 ms, but the other task takes 200 ms.
    let path = path_of(at_once(200, 300));
    let shorter = path_of(at_once(200, 150));
    assert_eq!(halved(&path), 200);
    assert_eq!(shorter.total, path.halved[0].total);
    let path = path_of(at_once(100, 300));
    assert_eq!(halved(&path), 170);
    assert_eq!(path_of(at_once(100, 150)).total, path.halved[0].total);
}

async fn through_a_queue(make: u64, use_up: u64) {
    let (sender, receiver) = channel::bounded(1);
    let maker = spawn(async move {
        for item in 0..3 {
            sleep(ms(make)).await;
            sender.send(item).await.unwrap();
        }
    });
    while receiver.recv().await.is_ok() {
        sleep(ms(use_up)).await;
    }
    maker.await;
}

#[test]
fn the_path_through_a_queue_follows_the_slower_side() {
    let path = path_of(through_a_queue(10, 100));
    assert_eq!(
        told(&path),
        [
            "Timer #1 0..10",
            "Timer #0 10..110",
            "Timer #0 110..210",
            "Timer #0 210..310"
        ]
    );
    assert_eq!(halved(&path), 160);
    assert_eq!(path_of(through_a_queue(10, 50)).total, path.halved[0].total);

    let path = path_of(through_a_queue(100, 10));
    assert_eq!(
        told(&path),
        [
            "Timer #1 0..100",
            "Timer #1 100..200",
            "Timer #1 200..300",
            "Timer #0 300..310"
        ]
    );
    assert_eq!(path_of(through_a_queue(50, 10)).total, path.halved[0].total);
}

async fn under_a_lock(held: u64) {
    let lock = Rc::new(Mutex::new(()));
    let tasks = (0..3).map(|_| {
        let lock = Rc::clone(&lock);
        spawn_local(async move {
            let _held = lock.lock().await;
            sleep(ms(held)).await;
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await;
    }
}

#[test]
fn the_path_under_a_lock_leads_through_its_holders() {
    let path = path_of(under_a_lock(100));
    assert_eq!(
        told(&path),
        ["Timer #1 0..100", "Timer #2 100..200", "Timer #3 200..300"]
    );
    assert_eq!(halved(&path), 150);
    assert_eq!(path_of(under_a_lock(50)).total, path.halved[0].total);
}

async fn behind_work(work: u64) {
    let sleeper = spawn(async {
        sleep(ms(50)).await;
    });
    yield_now().await;
    block_for(ms(work));
    sleeper.await;
}

#[test]
fn work_that_holds_the_loop_makes_a_timer_late() {
    let path = path_of(behind_work(200));
    assert_eq!(told(&path), ["Timer #1 0..50", "Late #1 50..200"]);
    // The work is not on the path. It holds the path up, so half of it makes the run shorter.
    let [work, timer] = &path.halved[..] else {
        panic!("{:?}", path.halved);
    };
    assert_eq!(work.share.part.kind, SegmentKind::Work);
    assert_eq!(work.total, path_of(behind_work(100)).total);
    assert_eq!(timer.total, path.total);
}

async fn behind_others(work: u64) {
    let busy = spawn(async move { block_for(ms(work)) });
    let quick = spawn(async {
        block_for(ms(10));
    });
    quick.await;
    busy.await;
}

#[test]
fn time_behind_other_polls_is_queueing() {
    let path = path_of(behind_others(100));
    assert_eq!(told(&path), ["Queued #2 0..100", "Work #2 100..110"]);
    assert_eq!(path_of(behind_others(50)).total, path.halved[0].total);
}

#[test]
fn work_before_a_wake_in_the_same_poll_is_work() {
    let path = path_of(async {
        let (sender, receiver) = channel::bounded(1);
        let reader = spawn(async move {
            receiver.recv().await.unwrap();
            sleep(ms(20)).await;
        });
        yield_now().await;
        block_for(ms(100));
        sender.send(()).await.unwrap();
        reader.await;
    });
    assert_eq!(told(&path), ["Work #0 0..100", "Timer #1 100..120"]);
}

#[test]
fn a_timeout_runs_from_where_it_was_set() {
    let path = path_of(async {
        let (sender, receiver) = channel::unbounded();
        let beats = spawn(async move {
            for _ in 0..20 {
                sleep(ms(30)).await;
                let _ = sender.send(()).await;
            }
        });
        let watch = timeout(ms(200), async { while receiver.recv().await.is_ok() {} });
        assert!(watch.await.is_err());
        drop(beats);
    });
    assert_eq!(told(&path), ["Timer #0 0..200"]);
}

#[test]
fn a_run_that_stops_ends_with_what_it_waits_for() {
    let path = path_of(async {
        sleep(ms(40)).await;
        std::future::pending::<()>().await;
    });
    assert_eq!(told(&path), ["Timer #0 0..40"]);
    assert!(!path.main_ended);
}

#[test]
fn gathered_tasks_of_one_place_are_one_part() {
    let run = |time: u64| {
        path_of(async move {
            for round in 1..=3 {
                gather((1..=4).map(|task| sleep(ms(time * task * round)))).await;
            }
        })
    };
    let path = run(10);
    assert_eq!(path.total.nanos(), 240_000_000);
    assert_eq!(path.parts[0].segments, 3);
    assert_eq!(run(5).total, path.halved[0].total);
}

/// A program of spawns, joins and sleeps, all sleeps multiplied.
#[derive(Clone, Debug, arbitrary::Arbitrary)]
enum Step {
    Sleep(u8),
    Spawn(Vec<Step>),
    Join,
    Yield,
}

fn play(steps: Vec<Step>, depth: u32, unit: u64) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let mut tasks = Vec::new();
        for step in steps.into_iter().take(8) {
            match step {
                Step::Sleep(time) => sleep(Duration::from_micros(u64::from(time) * unit)).await,
                Step::Spawn(steps) if depth < 3 => {
                    tasks.push(spawn_local(play(steps, depth + 1, unit)));
                }
                Step::Spawn(_) => {}
                Step::Join => {
                    if let Some(task) = tasks.pop() {
                        task.await;
                    }
                }
                Step::Yield => yield_now().await,
            }
        }
        for task in tasks {
            task.await;
        }
    })
}

#[test]
fn half_of_all_sleeps_takes_what_such_a_run_takes() {
    arbtest(|u| {
        let steps: Vec<Step> = u.arbitrary()?;
        let path = path_of(play(steps.clone(), 0, 2));
        let shorter = path_of(play(steps, 0, 1));
        assert_eq!(path.not_halved, None);
        // All sleeps are at one place, and nothing else takes time.
        if let Some(half) = path.halved.first() {
            assert_eq!(half.total, shorter.total);
        } else {
            assert_eq!(path.total, Span::ZERO);
        }
        Ok(())
    })
    .budget_ms(1_000);
}

#[test]
fn a_run_of_many_tasks_without_polls_has_no_path() {
    let mut to = Writer::new();
    let name = to.text("task");
    for number in 0..1_000_001 {
        to.spawn(name, LocationId::UNKNOWN, number > 0);
    }
    let replay = Replay::new(Log {
        bytes: to.take(),
        ..Log::default()
    });
    let refused = critical_path(&replay).unwrap_err();
    let tasks = 1_000_001;
    assert_eq!(refused, NoPath::TooLong { polls: 0, tasks });
}

/// The cursor counts polls that have ended. A poll that has not, and a gap, take as much memory.
#[test]
fn polls_that_never_end_are_counted_before_they_take_the_memory() {
    let mut to = Writer::new();
    let name = to.text("task");
    to.spawn(name, LocationId::UNKNOWN, false);
    for _ in 0..2_000_000 {
        to.poll_start(TaskId(0));
    }
    let mut replay = Replay::within(24 << 20, Meta::default());
    replay.append(&to.take());
    assert!(!replay.is_full());
    assert_eq!(critical_path(&replay).unwrap_err(), NoPath::Memory);
}

#[test]
fn a_path_of_more_segments_than_fit_is_refused() {
    let polls = 900_000;
    let run = |budget| {
        let mut to = Writer::new();
        let name = to.text("task");
        to.spawn(name, LocationId::UNKNOWN, false);
        for _ in 0..polls {
            to.poll_start(TaskId(0));
            to.wake(TaskId(0), WakeEffect::Enqueued);
            to.poll_end(PollOutcome::Pending, 5);
            to.advance(7, Advance::Worked);
        }
        let mut replay = Replay::within(budget, Meta::default());
        replay.append(&to.take());
        assert!(!replay.is_full());
        critical_path(&replay)
    };
    // Of each poll a node of 72 bytes, and two segments of 40.
    let path = run(168 << 20).unwrap();
    assert!(path.segments.len() >= 2 * polls - 2);
    assert_ne!(path.not_halved, Some(NotHalved::Memory));
    // Without what is left for the second run of the polls.
    let path = run(92 << 20).unwrap();
    assert_eq!(path.not_halved, Some(NotHalved::Memory));
    assert_eq!(run(48 << 20).unwrap_err(), NoPath::Memory);
}

/// A table of all numbers up to the highest would take 16 GB.
#[test]
fn high_numbers_of_timers_take_no_memory_in_a_path() {
    let mut to = Writer::new();
    let name = to.text("task");
    to.spawn(name, LocationId::UNKNOWN, false);
    to.poll_start(TaskId(0));
    for number in 0..100_u32 {
        to.timer_set(TimerId(number * 42_949_672), 7);
    }
    to.poll_end(PollOutcome::Pending, 5);
    let mut replay = Replay::within(16 << 20, Meta::default());
    replay.append(&to.take());
    assert!(critical_path(&replay).is_ok());
}
