//! Programs that are healthy, and a report that does not depend on how the trace was read.

#[path = "../../findings/random.rs"]
mod random;

use loopscope::{
    Builder,
    insight::{Findings, Limits},
    replay::Replay,
    runtime::OnIdle,
    trace::{ClockKind, Log},
};
use loopscope_program::scenarios;

use crate::{
    scripted::{Do, Model, S, random_run},
    support::run_of,
};

use super::{is_silent, report_of};

/// How many random programs of the model are checked, and how many of the executor. `cargo bench --bench findings`
/// checks 10,000 of the latter.
const OF_THE_MODEL: u64 = 1_000;
const OF_THE_EXECUTOR: u64 = 500;

const MS: u64 = S / 1_000;

#[test]
fn a_right_lesson_raises_nothing() {
    for scenario in scenarios::ALL {
        if scenario.name.starts_with("lesson_") {
            let right = scenario.variant("right").unwrap();
            is_silent(scenario.name, &run_of(scenario, right));
        }
    }
}

/// The script of a task in a program in which every wait ends and nothing is dropped: a task joins
/// the tasks that it has spawned, and no poll is long.
fn healthy(random: &mut fastrand::Rng, next: &mut u32, depth: u32) -> Vec<Do> {
    let mut script = Vec::new();
    let mut children = Vec::new();
    for _ in 0..random.usize(1..8) {
        script.push(match random.u8(0..8) {
            0 | 1 => Do::Sleep(random.u64(1..400) * MS, 4),
            2 => Do::Work(random.u64(1..9) * MS),
            3 => Do::Yield,
            4 if depth > 0 && *next < 60 => {
                // Tasks are numbered as they are spawned, which the model does in its own order; the
                // script therefore sleeps until its child has surely ended.
                children.push(());
                *next += 1;
                Do::Spawn("child", healthy(random, next, depth - 1), 3)
            }
            _ => Do::Print("step"),
        });
    }
    if !children.is_empty() {
        script.push(Do::Sleep(20 * S, 9));
    }
    script
}

fn healthy_run(seed: u64) -> Log {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut main = healthy(&mut random, &mut 0, 3);
    main.push(Do::Sleep(100 * S, 10));
    Model::new(main).run(100_000).log("healthy", "")
}

#[test]
fn healthy_random_programs_raise_nothing() {
    for seed in 0..OF_THE_MODEL {
        is_silent(&format!("seed {seed}"), &Replay::new(healthy_run(seed)));
    }
}

/// With locks, channels, permits, barriers, timeouts and cancellations, on the executor itself.
#[test]
fn healthy_random_programs_of_the_executor_raise_nothing() {
    for seed in 0..OF_THE_EXECUTOR {
        let run = Builder::new()
            .clock(ClockKind::Virtual)
            .on_idle(OnIdle::End)
            .seed(seed)
            .record(true)
            .run(random::healthy(seed));
        assert_eq!(run.value, Some(()), "seed {seed}: {:?}", run.outcome);
        is_silent(&format!("seed {seed}"), &Replay::new(run.log));
    }
}

#[test]
fn a_growing_trace_has_the_findings_of_the_whole() {
    for seed in 0..100 {
        let replay = Replay::new(random_run(seed, 30).log("random", ""));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut findings = Findings::new(&Limits::default());
        while !findings.feed_some(&replay, random.u64(1..50)) {
            // A report in the middle changes nothing.
            findings.report(&replay);
        }
        assert_eq!(findings.report(&replay), report_of(&replay), "seed {seed}");
    }
}
