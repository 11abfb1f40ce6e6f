//! How the cost of one unit grows with the size of a run: `cargo bench --bench growth`, one figure a line.
//!
//! | figure | size | unit |
//! |---|---|---|
//! | `growth.asleep` | tasks asleep at once, recorded | bytes of a task, without its future |
//! | `growth.tasks` | tasks that yield, recorded | a poll |
//! | `growth.timers` | tasks asleep at once, each until a random moment of ten seconds | a sleep |
//! | `growth.channels` | channels with a message under way | a message |
//! | `growth.connections` | TCP connections that echo, both ends in one loop | a round trip |
//! | `growth.reading` | events of a trace in memory | an event, until it is indexed |
//! | `growth.recording` | events of a recording whose file is not kept | an event, with the writing thread |
//!
//! A size of which the unit costs more than half as much again as that of the cheapest smaller size is the
//! knee, printed as `growth.NAME.knee`. `cargo bench --bench growth -- growth.recording.1000000000` measures
//! a size that takes minutes and is left out otherwise.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that prints figures, and stops if it cannot"
)]
#![expect(
    clippy::cast_precision_loss,
    reason = "figures are rounded to three places anyway"
)]

#[allow(dead_code, reason = "what all figures share; these need a part of it")]
#[path = "../figures/measure.rs"]
mod measure;
#[allow(dead_code, reason = "what all figures share; these need a part of it")]
#[path = "../figures/work.rs"]
mod work;
mod works;

use std::{env, fs, hint::black_box, time::Duration};

use loopscope::{
    Builder,
    replay::Replay,
    runtime::Store,
    trace::{ClockKind, Meta},
};
use measure::{cost, figure, is_asked, median, thread_time};

/// How many units are measured at least, so that a small size is measured often enough.
const UNITS: u64 = 1_000_000;

/// How often each size is measured.
const TIMES: usize = 3;

fn main() {
    // Memory first, while the process is small.
    asleep();
    let sizes = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
    grow("growth.tasks", &sizes, |size| {
        each(size, works::POLLS, || works::yields(size))
    });
    grow("growth.timers", &sizes, |size| {
        each(size, 1, || works::sleeps(size))
    });
    grow("growth.channels", &sizes[..5], |size| {
        each(size, works::MESSAGES, || works::messages(size))
    });
    let connections = [1, 10, 100, 400];
    grow("growth.connections", &connections, |size| {
        // Enough of them that the cost of connecting is a small part.
        let trips = (2_000 / size).max(200);
        let run = || recorded(ClockKind::Real, works::echo(size, trips));
        nanoseconds(cost(run), size * trips)
    });
    grow("growth.reading", &[1_000_000, 10_000_000], read);
    grow(
        "growth.recording",
        &[1_000_000, 10_000_000, 100_000_000],
        record,
    );
    let long = "growth.recording.1000000000";
    if env::args().any(|word| word == long) {
        figure(long, record(1_000_000_000), "ns");
    }
}

/// Measures a unit at each size that is asked for, and prints the knee.
fn grow(name: &str, sizes: &[u64], unit: impl Fn(u64) -> f64) {
    let mut cheapest = f64::MAX;
    let mut knee = None;
    for &size in sizes {
        let name = format!("{name}.{size}");
        if !is_asked(&name) {
            continue;
        }
        let took = median((0..TIMES).map(|_| unit(size)));
        figure(&name, took, "ns");
        if took > cheapest * 1.5 {
            knee.get_or_insert(size);
        }
        cheapest = cheapest.min(took);
    }
    if let Some(knee) = knee {
        figure(&format!("{name}.knee"), knee as f64, "units");
    }
}

/// What a unit takes, if a run of a size has `units` of them for each.
fn each<F: Future<Output = ()>>(size: u64, units: u64, run: impl Fn() -> F) -> f64 {
    let times = (UNITS / (size * units)).max(1);
    let took = cost(|| {
        for _ in 0..times {
            recorded(ClockKind::Virtual, run());
        }
    });
    nanoseconds(took, times * size * units)
}

fn recorded(clock: ClockKind, future: impl Future<Output = ()>) {
    black_box(Builder::new().clock(clock).record(true).run(future));
}

fn nanoseconds(took: Duration, units: u64) -> f64 {
    took.as_secs_f64() * 1e9 / units as f64
}

/// The bytes of each of many tasks that are asleep, as the system counts them, without its future.
fn asleep() {
    for size in [10_000, 100_000, 1_000_000] {
        let name = format!("growth.asleep.{size}");
        if is_asked(&name) {
            let mut bytes = 0;
            let before = resident();
            recorded(ClockKind::Virtual, async {
                let future = works::asleep(size).await;
                bytes = resident().saturating_sub(before) - future * size;
            });
            figure(&name, bytes as f64 / size as f64, "bytes");
        }
    }
}

/// The memory of this process in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    kibibytes.unwrap().parse::<u64>().unwrap() * 1024
}

/// What an event of a trace takes until it is indexed.
fn read(events: u64) -> f64 {
    let builder = Builder::new().clock(ClockKind::Real).record(true);
    let log = builder.max_events(events).run(work::on_ours::mixed()).log;
    let before = thread_time();
    black_box(Replay::new(log));
    nanoseconds(thread_time().saturating_sub(before), events)
}

/// What an event takes from the poll to the file, which is thrown away: the disk need not hold it.
fn record(events: u64) -> f64 {
    let took = cost(|| {
        let store = Store::new(std::io::sink(), &Meta::default()).unwrap();
        let builder = Builder::new().clock(ClockKind::Real).store(store);
        let run = builder.max_events(events).run(work::on_ours::mixed());
        assert!(run.store_error.is_none());
    });
    nanoseconds(took, events)
}
