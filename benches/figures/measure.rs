//! Clocks, medians, and printing.

use std::{
    env,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// Prints a figure.
pub(crate) fn figure(name: &str, value: f64, unit: &str) {
    println!("bench {name} {value:.3} {unit}");
}

/// Whether this figure is selected: `cargo bench -- NAME…` selects figures by the beginning of
/// their names.
pub(crate) fn is_asked(name: &str) -> bool {
    let mut asked = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .peekable();
    asked.peek().is_none() || asked.any(|word| name.starts_with(&word))
}

/// A time as a number of milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The wall time.
#[expect(
    clippy::disallowed_methods,
    reason = "measuring is what this program is for"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The processor time of this thread: for pure computation, the wall time of an idle machine.
pub(crate) fn thread_time() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

/// The processor time of this process.
fn processor_time() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

fn clock(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        u32::try_from(time.tv_nsec).unwrap(),
    )
}

/// The processor time of a piece of work.
pub(crate) fn cost(work: impl FnOnce()) -> Duration {
    let before = processor_time();
    work();
    processor_time().saturating_sub(before)
}

/// The medians of the costs of two pieces of work, and of their ratio: ours, the peer's, ours /
/// peer's.
pub(crate) struct Pair {
    pub(crate) ours: Duration,
    pub(crate) peer: Duration,
    pub(crate) ratio: f64,
}

/// Runs two pieces of work in turn, and measures the processor time of each.
pub(crate) fn paired(pairs: usize, mut ours: impl FnMut(), mut peer: impl FnMut()) -> Pair {
    in_turn(pairs, || cost(&mut ours), || cost(&mut peer))
}

/// Runs two pieces of work in turn, each of which returns its cost.
pub(crate) fn in_turn(
    pairs: usize,
    mut ours: impl FnMut() -> Duration,
    mut peer: impl FnMut() -> Duration,
) -> Pair {
    ours();
    peer();
    let costs: Vec<(Duration, Duration)> = (0..pairs)
        .map(|pair| {
            // The order alternates, so that neither always runs with warm caches.
            if pair % 2 == 0 {
                let ours = ours();
                (ours, peer())
            } else {
                let peer = peer();
                (ours(), peer)
            }
        })
        .collect();
    Pair {
        ours: median(costs.iter().map(|cost| cost.0)),
        peer: median(costs.iter().map(|cost| cost.1)),
        ratio: median(
            costs
                .iter()
                .map(|cost| cost.0.as_secs_f64() / cost.1.as_secs_f64()),
        ),
    }
}

/// The median.
pub(crate) fn median<T: PartialOrd + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).unwrap());
    values[values.len() / 2]
}

/// The value below which the given percentage of the values lies.
pub(crate) fn percentile(values: &mut [Duration], percent: usize) -> Duration {
    values.sort();
    values[(values.len() * percent / 100).min(values.len() - 1)]
}
