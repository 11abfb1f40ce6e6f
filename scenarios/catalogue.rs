//! The catalogue: every scenario, in the order in which they are listed.

#![allow(
    clippy::unused_async,
    reason = "some scenarios are about async functions that never wait"
)]

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
