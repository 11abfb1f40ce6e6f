//! The cost of `loopscope` in place of `smol` in a program of your own that is not watched.

use std::{env, process::Command};

use loopscope::{
    Builder, Watch,
    future::yield_now,
    replay::Replay,
    trace::{ClockKind, Event, Position},
};

use crate::{
    echo,
    measure::{figure, is_asked, paired},
    work::{on_ours, on_smol, smol},
};

/// The number of pairs that each figure is the median of.
const PAIRS: usize = 9;

pub(crate) fn off() {
    let ratio = |name: &str, ours: &dyn Fn(), peer: &dyn Fn()| {
        if is_asked(name) {
            figure(name, paired(PAIRS, ours, peer).ratio, "ratio");
        }
    };
    ratio("own.off.yield", &|| run(on_ours::yields()), &|| {
        smol(on_smol::yields);
    });
    ratio("own.off.spawn", &|| run(on_ours::spawns()), &|| {
        smol(on_smol::spawns);
    });
    ratio("own.off.pingpong", &|| run(on_ours::ping_pong()), &|| {
        smol(on_smol::ping_pong);
    });
    ratio("own.off.timers", &|| run(on_ours::sleeps()), &|| {
        smol(on_smol::sleeps);
    });
    ratio("own.off.echo", &|| run(echo::on_ours()), &|| {
        smol(echo::on_smol);
    });
}

/// The newest bytes of a long recording, which are kept.
const MOST: usize = 64 << 20;

/// The events of a busy hour.
const HOUR: u64 = 100_000_000;

/// Set in the child process whose memory is measured.
const CHILD: &str = "LOOPSCOPE_FIGURES_HOUR";

/// A long run in bounded memory: its peak memory, and a check that discarded events are counted.
pub(crate) fn hour() {
    if env::var_os(CHILD).is_some() {
        a_long_run();
    } else if is_asked("own.hour") {
        let child = Command::new(env::current_exe().unwrap())
            .arg("own.hour")
            .env(CHILD, "")
            .output()
            .unwrap();
        print!("{}", String::from_utf8(child.stdout).unwrap());
    }
}

fn a_long_run() {
    // Each poll adds the same number of events, which gives the number of a long run.
    let [few, more] = [1_000, 2_000].map(|turns| events(turns, usize::MAX));
    let each = (more - few) / 1_000;
    let turns = HOUR / each;
    let due = few + (turns - 1_000) * each;
    let counted = events(turns, MOST);
    figure("own.hour.events", due as f64 / 1e6, "M");
    figure("own.hour.lost", due.abs_diff(counted) as f64, "events");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = most.and_then(|most| most.split_whitespace().next()?.parse::<f64>().ok());
    if let Some(kib) = kib {
        figure("own.hour.rss", kib / 1024.0, "MiB");
    }
}

/// The number of events that a run accounts for: those it has kept, and those it reports as
/// missing.
fn events(turns: u64, most: usize) -> u64 {
    let run = Builder::new()
        .clock(ClockKind::Virtual)
        .record(true)
        .max_memory(most)
        .run(async {
            for _ in 0..turns {
                yield_now().await;
            }
        });
    let replay = Replay::new(run.log);
    assert!(!replay.is_damaged());
    let events = replay.events_from(Position(0));
    events
        .map(|(_, event, _)| match event {
            Event::Gap { events } => events,
            _ => 1,
        })
        .sum()
}

fn run(future: impl Future<Output = ()>) {
    Builder::new().watch(Watch::Off).block_on(future);
}
