//! Ready-to-run and run times, against a simple exact computation.

use std::collections::HashMap;

use loopscope::{
    insight::{
        Histogram, Language, LatencyBy, LatencyKey, LatencyReader, LatencyReport, Quantiles,
        compare, latency, summary,
    },
    replay::Replay,
    scene::latency::LatencyWords,
    trace::{
        Advance, ClockKind, Event, LocationId, Log, Meta, Moment, Outcome, PollOutcome, Position,
        Span, TaskEvent, TaskId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy, Writer,
    },
};

use crate::{scripted::random_run, support::run_named};

const MS: u64 = 1_000_000;

/// All ready-to-run times and poll durations of each task, taken from the events alone.
#[derive(Default)]
struct Exact {
    ready: HashMap<TaskId, Vec<u64>>,
    polls: HashMap<TaskId, Vec<u64>>,
}

impl Exact {
    fn of(replay: &Replay) -> Exact {
        let mut all = Exact::default();
        let mut ready_since: HashMap<TaskId, Moment> = HashMap::new();
        let mut running: HashMap<TaskId, Moment> = HashMap::new();
        let mut timers: HashMap<TimerId, Moment> = HashMap::new();
        let mut due: HashMap<TaskId, Moment> = HashMap::new();
        let mut steps = replay.steps(Position(0)..replay.end());
        while let Some(step) = steps.next_step() {
            let now = step.at();
            match step.event {
                Event::Timer(TimerEvent::Set {
                    timer, deadline, ..
                }) => {
                    timers.insert(timer, deadline);
                }
                Event::Task(TaskEvent::Wake {
                    task,
                    by: WokenBy::Timer(timer),
                    ..
                }) => {
                    let due = due.entry(task).or_insert(timers[&timer]);
                    *due = (*due).min(timers[&timer]);
                }
                _ => {}
            }
            let Event::Task(event) = step.event else {
                continue;
            };
            match event {
                TaskEvent::Spawn { task, .. }
                | TaskEvent::Wake {
                    task,
                    effect: WakeEffect::Enqueued,
                    ..
                } => {
                    ready_since.insert(task, now);
                }
                TaskEvent::PollStart { task } => {
                    let due = due.remove(&task);
                    if let Some(since) = ready_since.remove(&task) {
                        let since = due.map_or(since, |due| due.min(since));
                        let found = all.ready.entry(task).or_default();
                        found.push(now.since(since).nanos());
                    }
                    running.insert(task, now);
                }
                TaskEvent::PollEnd { task, .. } => {
                    let since = running.remove(&task).unwrap();
                    let found = all.polls.entry(task).or_default();
                    found.push(now.since(since).nanos());
                    // A task that has woken itself is ready from now on.
                    if let Some(since) = ready_since.get_mut(&task) {
                        *since = now;
                    }
                }
                _ => {}
            }
        }
        all
    }
}

/// Each quantile is the exact one or at most 1/32 above it.
fn assert_close(found: &Quantiles, exact: &[u64]) {
    let mut sorted = exact.to_vec();
    sorted.sort_unstable();
    assert_eq!(found.count, sorted.len() as u64);
    let Some(longest) = sorted.last() else {
        assert_eq!(*found, Quantiles::default());
        return;
    };
    assert_eq!(found.max, Span(*longest));
    for (share, found) in [(500, found.p50), (950, found.p95), (990, found.p99)] {
        let rank = (sorted.len() * share).div_ceil(1000).max(1);
        let (exact, found) = (sorted[rank - 1], found.nanos());
        assert!(found >= exact, "{found} is below {exact}");
        assert!(found - exact <= exact / 32, "{found} is far above {exact}");
    }
}

fn all(times: &HashMap<TaskId, Vec<u64>>) -> Vec<u64> {
    times.values().flatten().copied().collect()
}

#[test]
fn times_are_those_of_a_simple_exact_computation() {
    for seed in 0..200 {
        let replay = Replay::new(random_run(seed, 24).log("random", ""));
        let (exact, report) = (Exact::of(&replay), latency(&replay));
        assert_close(&report.ready.quantiles, &all(&exact.ready));
        assert_close(&report.polls.quantiles, &all(&exact.polls));
        for group in &report.by_task.groups {
            let LatencyKey::Task(task) = group.key else {
                panic!("{group:?}");
            };
            let of = |times: &HashMap<TaskId, Vec<u64>>| times.get(&task).cloned();
            assert_close(
                &group.ready.quantiles,
                &of(&exact.ready).unwrap_or_default(),
            );
            assert_close(
                &group.polls.quantiles,
                &of(&exact.polls).unwrap_or_default(),
            );
        }
        check_sums(&replay, &report);
    }
}

/// Each grouping counts each time once, and the summary of the run has the same quantiles.
fn check_sums(replay: &Replay, report: &LatencyReport) {
    for by in LatencyBy::ALL {
        let groups = report.by(by);
        assert!(groups.others.is_none());
        let polls = groups.groups.iter();
        let polls: u64 = polls.map(|group| group.polls.quantiles.count).sum();
        assert_eq!(polls, report.polls.quantiles.count, "{by:?}");
    }
    let summary = summary(replay);
    assert_eq!(summary.ready_times, report.ready.quantiles);
    assert_eq!(summary.poll_times, report.polls.quantiles);
    assert_eq!(
        summary.longest_poll,
        summary.poll_times.max.max(unended(report))
    );
}

fn unended(report: &LatencyReport) -> Span {
    report.unended.map_or(Span::ZERO, |poll| poll.span)
}

#[test]
fn a_trace_read_in_slices_has_the_same_times() {
    for seed in 0..20 {
        let replay = Replay::new(random_run(seed, 24).log("random", ""));
        let mut reader = LatencyReader::new();
        while !reader.feed_some(&replay, 7) {}
        assert_eq!(reader.report(), latency(&replay));
        assert_eq!(reader.position(), replay.end());
    }
}

#[test]
fn any_durations_have_quantiles_within_a_32nd() {
    let mut random = fastrand::Rng::with_seed(32);
    for size in [1, 2, 3, 10, 99, 100, 101, 5000] {
        for bits in [3, 10, 40, 64] {
            let mut histogram = Histogram::new();
            let times: Vec<u64> = (0..size)
                .map(|_| random.u64(..) >> random.u32(64 - bits..64))
                .collect();
            for time in &times {
                histogram.record(Span(*time));
            }
            assert_close(&histogram.quantiles(), &times);
            let (left, right) = times.split_at(times.len() / 3);
            let [mut one, mut other] = [Histogram::new(), Histogram::new()];
            for time in left {
                one.record(Span(*time));
            }
            for time in right {
                other.record(Span(*time));
            }
            one.merge(&other);
            assert_eq!(one, histogram);
        }
    }
}

/// A trace in which task 1 is woken and polled; each poll and each time before it has its length.
fn trace(write: impl FnOnce(&mut Writer, LocationId)) -> Replay {
    let mut to = Writer::new();
    let (main, worker) = (to.intern("main"), to.intern("worker"));
    let at = to.location("src/../scenarios/program.rs", 2, 5);
    to.spawn(main, LocationId::UNKNOWN, false);
    to.tick_start();
    to.timers(0);
    to.run(1);
    to.poll_start(TaskId(0));
    to.spawn(worker, at, true);
    to.poll_end(PollOutcome::Pending, 0);
    to.tick_end();
    write(&mut to, at);
    Replay::new(Log {
        bytes: to.take(),
        meta: Meta {
            clock: ClockKind::Real,
            ..Meta::default()
        },
    })
}

/// A tick with one poll of task 1, which was ready before for `ready`.
fn tick(to: &mut Writer, at: LocationId, (ready, took): (u64, u64)) {
    to.tick_start();
    to.wakes_from(None);
    to.wake(TaskId(1), WakeEffect::Enqueued);
    to.advance(ready, Advance::Worked);
    to.timers(0);
    to.run(1);
    to.poll_start(TaskId(1));
    to.wait(Wait::Unknown, at, false);
    to.poll_end(PollOutcome::Pending, took);
    to.tick_end();
}

#[test]
fn the_longest_times_lead_to_the_start_of_their_polls() {
    let replay = trace(|to, at| {
        for nth in 0..30_u64 {
            tick(to, at, (nth * MS, (30 - nth) * MS));
        }
    });
    let report = latency(&replay);
    assert_eq!(report.worst_ready.len(), 10);
    assert_eq!(report.worst_ready[0].span, Span(29 * MS));
    assert_eq!(report.worst_polls[0].span, Span(30 * MS));
    for list in [&report.worst_ready, &report.worst_polls] {
        assert!(list.windows(2).all(|pair| pair[0].span >= pair[1].span));
        for worst in list {
            let state = replay.state_at(worst.position);
            assert_eq!(state.running.task(), worst.task);
            let before = Position(worst.position.0 - 1);
            assert_eq!(replay.state_at(before).running.task(), None);
        }
    }
}

#[test]
fn what_a_gap_hides_is_not_counted_and_is_told() {
    let whole = trace(|to, at| (0..4).for_each(|_| tick(to, at, (MS, 2 * MS))));
    let report = latency(&whole);
    assert_eq!(report.polls.quantiles.count, 5);
    assert_eq!(report.left_out, loopscope::insight::LeftOut::default());
    let words = LatencyWords::new(&whole, Language::Rust);
    assert_eq!(words.notes(&report), Vec::<String>::new());

    let cut = trace(|to, at| {
        tick(to, at, (MS, 2 * MS));
        // The gap swallows a wake, and the end of a poll.
        to.tick_start();
        to.timers(0);
        to.run(1);
        to.wakes_from(None);
        to.wake(TaskId(1), WakeEffect::Enqueued);
        to.poll_start(TaskId(1));
        to.gap(1000);
        to.advance(500 * MS, Advance::Passed);
        to.poll_start(TaskId(1));
        to.poll_end(PollOutcome::Pending, 3 * MS);
        tick(to, at, (MS, 2 * MS));
    });
    let report = latency(&cut);
    assert_eq!(report.left_out.gaps, 1);
    assert_eq!(report.left_out.missing_events, 1000);
    assert!(report.polls.quantiles.max < Span(500 * MS), "{report:?}");
    assert!(report.ready.quantiles.max < Span(500 * MS), "{report:?}");
    let words = LatencyWords::new(&cut, Language::Rust);
    let notes = words.notes(&report).join(" ");
    assert!(notes.contains("1000 events"), "{notes}");
}

#[test]
fn a_poll_that_does_not_end_is_told_apart() {
    let replay = trace(|to, _| {
        to.tick_start();
        to.timers(0);
        to.run(1);
        to.poll_start(TaskId(1));
        to.advance(7000 * MS, Advance::Worked);
    });
    let report = latency(&replay);
    let poll = report.unended.unwrap();
    assert_eq!((poll.task, poll.span), (Some(TaskId(1)), Span(7000 * MS)));
    let words = LatencyWords::new(&replay, Language::Rust);
    let notes = words.notes(&report).join(" ");
    assert!(
        notes.contains("#1 worker is still polled at the end, for 7.00s so far"),
        "{notes}"
    );
}

#[test]
fn a_sleep_that_a_poll_holds_up_is_ready_from_its_deadline() {
    let report = latency(&run_named("lesson_06_block", "wrong"));
    // The poll takes 1.5 s, and the sleep of 0.5 s begins with it.
    assert_eq!(report.worst_ready[0].span, Span(1000 * MS));
    assert_eq!(report.worst_polls[0].span, Span(1500 * MS));
}

/// asyncio's `call_later` sets a timer of the task that calls it, and the timer calls a function.
#[test]
fn a_timer_that_wakes_no_task_makes_none_ready() {
    let (call, sleep) = (TimerId(0), TimerId(1));
    let replay = trace(|to, at| {
        to.tick_start();
        to.timers(0);
        to.run(1);
        to.poll_start(TaskId(1));
        to.timer_set(call, 10 * MS);
        to.timer_set(sleep, 500 * MS);
        to.wait(Wait::Timer(sleep), at, false);
        to.poll_end(PollOutcome::Pending, 0);
        to.tick_end();
        for (timer, waits) in [(call, 10 * MS), (sleep, 490 * MS)] {
            to.tick_start();
            to.advance(waits, Advance::Jumped);
            to.timers(1);
            to.timer_fired(timer);
            if timer == sleep {
                to.wake(TaskId(1), WakeEffect::Enqueued);
            }
            to.run(1);
            // A poll of another task comes first, of which the sleep is not due.
            to.poll_start(TaskId(0));
            to.poll_end(PollOutcome::Pending, 30 * MS);
            if timer == sleep {
                to.poll_start(TaskId(1));
                to.poll_end(PollOutcome::Ready, 0);
            }
            to.tick_end();
        }
        to.end(Outcome::Finished);
    });
    let report = latency(&replay);
    // The sleep ends 30 ms late, because the clock shows 40 ms before the loop waits for it.
    assert_eq!(report.worst_ready[0].span, Span(60 * MS));
    let found = summary(&replay);
    assert_eq!(found.lateness, Span(60 * MS));
    let hold = found.hold.unwrap();
    assert_eq!((hold.delayed, hold.delay), (TaskId(1), Span(30 * MS)));
    assert_eq!(hold.from, Moment(530 * MS));
}

#[test]
fn two_runs_are_compared_by_their_quantiles() {
    let run = |took: u64| {
        trace(|to, at| {
            (0..8).for_each(|_| tick(to, at, (MS, took * MS)));
            to.end(Outcome::Finished);
        })
    };
    let (a, b) = (run(40), run(20));
    let found = compare(&a, &b, Language::Rust);
    assert_eq!(found.a.poll_times.max, Span(40 * MS));
    let mut text = Vec::new();
    loopscope::scene::plain::write_comparison(&a, &b, &found, Language::Rust, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let row = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("poll p50"), "poll p50 40.0ms 20.0ms -50 %");
    assert_eq!(row("poll max"), "poll max 40.0ms 20.0ms -50 %");
    assert_eq!(
        row("ready to poll p99"),
        "ready to poll p99 1.00ms 1.00ms ="
    );
}
