//! What recording costs.

use loopscope::trace::ClockKind::{Real, Virtual};

use crate::{
    measure::{figure, paired},
    work::{on_ours, on_smol, ours, smol, tokio_paused},
};

/// How many pairs each figure is the median of.
const PAIRS: usize = 7;

pub fn all() {
    let pair = paired(
        PAIRS,
        || drop(ours(Real, true, on_ours::yields())),
        || smol(on_smol::yields),
    );
    figure("record.yield.vs_smol", pair.ratio, "ratio");
    let pair = paired(
        PAIRS,
        || drop(ours(Real, true, on_ours::spawns())),
        || smol(on_smol::spawns),
    );
    figure("record.spawn.vs_smol", pair.ratio, "ratio");
    let pair = paired(
        PAIRS,
        || drop(ours(Real, true, on_ours::ping_pong())),
        || smol(on_smol::ping_pong),
    );
    figure("record.pingpong.vs_smol", pair.ratio, "ratio");
    let pair = paired(
        PAIRS,
        || drop(ours(Real, true, on_ours::sleeps())),
        || smol(on_smol::sleeps),
    );
    figure("record.timers.vs_smol", pair.ratio, "ratio");
    let pair = paired(
        PAIRS,
        || drop(ours(Virtual, false, on_ours::sleeps())),
        tokio_paused,
    );
    figure("record.virtual.vs_tokio_paused", pair.ratio, "ratio");
    for (name, work) in [("yield", 0), ("spawn", 1), ("pp", 2), ("sleeps", 3)] {
        let run = |record| match work {
            0 => ours(Real, record, on_ours::yields()),
            1 => ours(Real, record, on_ours::spawns()),
            2 => ours(Real, record, on_ours::ping_pong()),
            _ => ours(Real, record, on_ours::sleeps()),
        };
        let log = run(true).log;
        let bytes = log.bytes.len();
        let replay = loopscope::replay::Replay::new(log);
        assert!(!replay.is_damaged());
        let events = replay.end().0;
        let pair = paired(5, || drop(run(true)), || drop(run(false)));
        let extra = (pair.ours.as_secs_f64() - pair.peer.as_secs_f64()) * 1e9 / f64::from(events);
        println!(
            "{name}: {events} events, {:.2} B/event, {extra:.1} ns/event, {:?} vs {:?}",
            bytes as f64 / f64::from(events),
            pair.ours,
            pair.peer
        );
    }
}
