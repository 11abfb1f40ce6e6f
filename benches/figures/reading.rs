//! Reading a trace of ten million events: decoding, looking for mistakes (`findings`), seeking, and drawing
//! its timeline.

use std::{hint::black_box, time::Duration};

use loopscope::{
    Builder,
    replay::{Axis, Replay, State, Window},
    trace::{ClockKind, Log, Moment, Position, TaskId},
};

use crate::{
    findings,
    measure::{cost, figure, is_asked, median, milliseconds, percentile, thread_time},
    work::on_ours,
};

const EVENTS: u64 = 10_000_000;
const SEEKS: usize = 4_000;
/// Frames to draw, on each axis.
const FRAMES: usize = 1_000;
const COLUMNS: u16 = 200;
const ROWS: u32 = 50;

pub(crate) fn all() {
    let figures = [
        "decode.10m",
        "findings.10m",
        "seek.p99",
        "index.event",
        "timeline.p95",
    ];
    if !figures.into_iter().any(is_asked) {
        return;
    }
    let log = record();
    if is_asked("decode.10m") {
        let costs = (0..7).map(|_| cost(|| decode(&log)));
        figure("decode.10m", milliseconds(median(costs)), "ms");
    }

    let mut replay = Replay::new(log);
    assert!(!replay.is_damaged());
    findings::of_ten_million(&replay);
    if is_asked("seek.p99") {
        figure("seek.p99", seeks(&mut replay).as_secs_f64() * 1e6, "us");
    }
    let bytes = replay.index().bytes() as f64 / replay.end().0 as f64;
    figure("index.event", bytes, "bytes");
    if is_asked("timeline.p95") {
        figure("timeline.p95", milliseconds(frames(&replay)), "ms");
    }
}

/// A real run, cut off after ten million events.
pub(crate) fn record() -> Log {
    let builder = Builder::new()
        .clock(ClockKind::Real)
        .record(true)
        .max_events(EVENTS);
    builder.run(on_ours::mixed()).log
}

fn decode(log: &Log) {
    let mut state = State::new();
    while state.step(&log.bytes).is_some() {}
    assert!(state.position.0 >= EVENTS);
    black_box(&state);
}

/// The 99th percentile of the time of a random seek.
pub(crate) fn seeks(replay: &mut Replay) -> Duration {
    let mut random = fastrand::Rng::with_seed(1);
    let end = replay.end().0;
    let mut times: Vec<Duration> = (0..SEEKS)
        .map(|_| {
            let to = Position(random.u64(0..=end));
            let before = thread_time();
            replay.seek(to);
            let took = thread_time().saturating_sub(before);
            assert_eq!(replay.position(), to);
            took
        })
        .collect();
    percentile(&mut times, 99)
}

/// The 95th percentile of the time of a frame at a random zoom and place, on the slower axis.
pub(crate) fn frames(replay: &Replay) -> Duration {
    let head = replay.index().head();
    let of_axis = |axis: Axis| {
        let mut random = fastrand::Rng::with_seed(2);
        let whole = axis.value(&head.cursor).max(1);
        let last_task = u32::try_from(head.tasks.len()).unwrap() - ROWS;
        let mut times: Vec<Duration> = (0..FRAMES)
            .map(|frame| {
                // From the whole trace down to a millionth of it.
                let span = (whole >> random.u32(0..20)).max(1);
                let from = random.u64(0..=whole - span);
                let window = Window {
                    axis,
                    from,
                    to: from + span,
                    columns: COLUMNS,
                };
                // Every other frame shows the first tasks, which are long-lived.
                let tasks = if frame % 2 == 0 { 900 } else { last_task };
                let first = random.u32(0..tasks);
                let rows: Vec<TaskId> = (first..first + ROWS).map(TaskId).collect();
                let before = thread_time();
                black_box(replay.timeline(&window, &rows, replay.end()));
                thread_time().saturating_sub(before)
            })
            .collect();
        percentile(&mut times, 95)
    };
    assert!(head.now() > Moment::START);
    of_axis(Axis::Time).max(of_axis(Axis::Poll))
}
