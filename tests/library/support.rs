//! What several of these tests use.

use std::{thread, time::Duration};

use loopscope::{
    replay::Replay,
    runtime::LoopControl,
    scenario::{Plan, Scenario, Variant},
    trace::ClockKind,
};
use loopscope_program::scenarios;

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The scenario of this name.
pub(crate) fn scenario(name: &str) -> &'static Scenario {
    let scenario = scenarios::ALL.iter().find(|known| known.name == name);
    scenario.unwrap_or_else(|| panic!("no scenario {name}"))
}

/// The complete run of a variant of a scenario.
pub(crate) fn run_of(scenario: &'static Scenario, variant: &'static Variant) -> Replay {
    Replay::new(
        Plan::new(scenario, variant)
            .run(None, LoopControl::new())
            .log,
    )
}

/// Checks the run of each variant of each scenario. Runs on the real clock mostly wait, so each of them
/// has a thread of its own.
pub(crate) fn check_every_run(
    check: impl Fn(&'static Scenario, &'static Variant, Replay) + Copy + Send + Sync,
) {
    let variants = scenarios::ALL.iter().flat_map(|scenario| {
        let variants = scenario.variants.iter();
        variants.map(move |variant| (scenario, variant))
    });
    thread::scope(|threads| {
        for (scenario, variant) in variants.filter(|it| !starts_a_child(it.0, it.1)) {
            let run = move || check(scenario, variant, run_of(scenario, variant));
            match variant.clock {
                ClockKind::Real => drop(threads.spawn(run)),
                ClockKind::Virtual => run(),
            }
        }
    });
}

/// Whether a variant starts its own program as a child process, which here would be the test
/// harness.
fn starts_a_child(scenario: &Scenario, variant: &Variant) -> bool {
    (scenario.name, variant.name) == ("offload", "process_pool")
}

/// The complete run of a variant, by name.
pub(crate) fn run_named(name: &str, variant: &str) -> Replay {
    let scenario = scenario(name);
    run_of(scenario, scenario.variant(variant).unwrap())
}
