//! What several of these tests use.

use std::time::Duration;

use loopscope::{
    replay::Replay,
    runtime::LoopControl,
    scenario::{Plan, Scenario, Variant},
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

/// Whether a variant starts its own program as a child process, which here would be the test
/// harness.
pub(crate) fn starts_a_child(scenario: &Scenario, variant: &Variant) -> bool {
    (scenario.name, variant.name) == ("offload", "process_pool")
}

/// The same, by name.
pub(crate) fn run_named(name: &str, variant: &str) -> Replay {
    let scenario = scenario(name);
    run_of(scenario, scenario.variant(variant).unwrap())
}
