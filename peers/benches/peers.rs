//! What recording costs, ours beside others: `cargo bench`, from inside of `peers/`.
//!
//! `bench peer.NAME.cpu VALUE ns` is the processor time that recording takes, over the same work on the same loop without
//! a recorder, by the event; `bench peer.NAME.bytes VALUE B` the size of the file by the event. An event is what each format
//! calls one. As they call different things one, `bench peer.NAME.poll VALUE ns` says what a poll of the work costs more.
//!
//! loopscope has a loop of its own: what recording costs is the difference to the same loop when it does not record. The
//! loops themselves are `bench peer.NAME.bare VALUE ms`: ours, smol's, which ours replaces, and tokio's.
//!
//! Each round runs all of them, in an order that changes; a value is the median of the rounds.

use std::time::Duration;

use loopscope_peers::recorder::{
    Cost, bare_loopscope, bare_smol, bare_tokio, console_subscriber, dial9, loopscope,
    tracing_chrome,
};

const ROUNDS: usize = 9;

type Recorder = (&'static str, fn() -> Cost);

const RECORDERS: [Recorder; 7] = [
    ("loop", bare_loopscope),
    ("tokio", bare_tokio),
    ("smol", bare_smol),
    ("loopscope", loopscope),
    ("dial9", dial9),
    ("tracing-chrome", tracing_chrome),
    ("console-subscriber", console_subscriber),
];

/// Polls of the work, near enough: each yield, each message sent or received after a wait, two for a task spawned and joined.
const POLLS: f64 = 200.0 * 201.0 + 20.0 * 2.0 * 1_000.0 + 20_000.0 * 2.0;

fn main() {
    // The first runs are for the caches, and for what others set up once.
    for (_, run) in RECORDERS {
        let _ = run();
    }
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); RECORDERS.len()];
    for round in 0..ROUNDS {
        for step in 0..RECORDERS.len() {
            let at = (round + step) % RECORDERS.len();
            costs[at].push(RECORDERS[at].1());
        }
    }
    for (at, (name, _)) in RECORDERS.iter().enumerate() {
        let base = match *name {
            "loop" | "smol" | "tokio" => {
                let total = median(costs[at].iter().map(|cost| nanoseconds(cost.time)));
                println!("bench peer.{name}.bare {:.1} ms", total / 1e6);
                continue;
            }
            "loopscope" => 0,
            _ => 1,
        };
        let rounds = costs[at].iter().zip(&costs[base]);
        let more: Vec<(f64, Cost)> = rounds
            .map(|(cost, bare)| (nanoseconds(cost.time) - nanoseconds(bare.time), *cost))
            .collect();
        let events = |cost: &Cost| cost.events.max(1) as f64;
        let by_event = median(more.iter().map(|(more, cost)| more / events(cost)));
        let by_poll = median(more.iter().map(|(more, _)| more / POLLS));
        let bytes = median(
            more.iter()
                .map(|(_, cost)| cost.bytes as f64 / events(cost)),
        );
        let number = median(more.iter().map(|(_, cost)| events(cost)));
        println!("bench peer.{name}.cpu {by_event:.1} ns");
        println!("bench peer.{name}.bytes {bytes:.2} B");
        println!("bench peer.{name}.poll {by_poll:.1} ns");
        println!("bench peer.{name}.events {number:.0} events");
    }
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
