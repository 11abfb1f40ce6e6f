//! The catalogue: every scenario, in the order in which they are listed.

mod echo_server;
mod factorial;
mod producer_consumer;
mod say_after;
mod world;

use loopscope::scenario::Scenario;

/// All scenarios.
pub(crate) static ALL: &[Scenario] = &[
    say_after::SCENARIO,
    factorial::SCENARIO,
    producer_consumer::SCENARIO,
    echo_server::SCENARIO,
];
