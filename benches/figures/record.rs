//! The cost of recording.

use loopscope::{
    Run,
    replay::Replay,
    trace::ClockKind::{Real, Virtual},
};

use crate::{
    echo,
    measure::{figure, is_asked, paired},
    work::{on_ours, on_smol, ours, smol, tokio_paused},
};

/// The number of pairs that each figure is the median of.
const PAIRS: usize = 9;

/// The same for work that takes seconds.
const LONG_PAIRS: usize = 5;

pub(crate) fn against_peers() {
    let ratio = |name: &str, pairs: usize, ours: &dyn Fn(), peer: &dyn Fn()| {
        if is_asked(name) {
            figure(name, paired(pairs, ours, peer).ratio, "ratio");
        }
    };
    ratio(
        "record.yield.vs_smol",
        PAIRS,
        &|| drop(yields(true)),
        &|| smol(on_smol::yields),
    );
    ratio(
        "record.spawn.vs_smol",
        PAIRS,
        &|| drop(spawns(true)),
        &|| smol(on_smol::spawns),
    );
    ratio(
        "record.pingpong.vs_smol",
        PAIRS,
        &|| drop(ping_pong(true)),
        &|| smol(on_smol::ping_pong),
    );
    ratio(
        "record.timers.vs_smol",
        PAIRS,
        &|| drop(sleeps(true)),
        &|| smol(on_smol::sleeps),
    );
    ratio(
        "record.echo.vs_smol",
        LONG_PAIRS,
        &|| drop(ours(Real, true, echo::on_ours())),
        &|| smol(echo::on_smol),
    );
    ratio(
        "record.virtual.vs_tokio_paused",
        PAIRS,
        &|| drop(ours(Virtual, false, on_ours::sleeps())),
        &tokio_paused,
    );
}

fn yields(record: bool) -> Run<()> {
    ours(Real, record, on_ours::yields())
}

fn spawns(record: bool) -> Run<()> {
    ours(Real, record, on_ours::spawns())
}

fn ping_pong(record: bool) -> Run<()> {
    ours(Real, record, on_ours::ping_pong())
}

fn sleeps(record: bool) -> Run<()> {
    ours(Real, record, on_ours::sleeps())
}

/// A workload, recorded or not.
type Work = fn(bool) -> Run<()>;

/// The time and the bytes per event: of each workload, and in the worst of them.
///
/// The time is the difference of a recorded and an unrecorded run, so it grows when the unrecorded
/// run gets faster and the recorded one stays as it is. A wait that is the same as before costs time
/// and is no event. Compare `record.NAME.vs_smol` and `own.off.NAME` before calling it a regression.
pub(crate) fn by_the_event() {
    if !is_asked("record.event") && !is_asked("record.bytes") {
        return;
    }
    let works: [(&str, Work); 4] = [
        ("yield", yields),
        ("spawn", spawns),
        ("pingpong", ping_pong),
        ("timers", sleeps),
    ];
    let (mut nanoseconds, mut bytes) = (0.0_f64, 0.0_f64);
    for (name, work) in works {
        let log = work(true).log;
        let written = log.bytes.len();
        let replay = Replay::new(log);
        assert!(!replay.is_damaged());
        let events = replay.end().0 as f64;
        drop(replay);
        let pair = paired(PAIRS, || drop(work(true)), || drop(work(false)));
        let extra = (pair.ours.as_secs_f64() - pair.peer.as_secs_f64()) * 1e9;
        figure(&format!("record.event.{name}"), extra / events, "ns");
        nanoseconds = nanoseconds.max(extra / events);
        bytes = bytes.max(written as f64 / events);
    }
    figure("record.event", nanoseconds, "ns");
    figure("record.bytes", bytes, "bytes");
}
