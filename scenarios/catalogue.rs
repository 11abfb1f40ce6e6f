//! The catalogue: every scenario, in the order in which they are listed.

#![allow(clippy::unused_async, reason = "some scenarios are about async functions that never wait")]

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

/// What the Python twins share.
pub(crate) const TWIN: &str = include_str!("twin.py");

/// A variant that does not do what its twin does, and is right not to.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The scenario.
    pub(crate) scenario: &'static str,
    /// The variant; empty for all of them.
    pub(crate) variant: &'static str,
    /// Why they differ.
    pub(crate) why: &'static str,
}

/// Where Rust and Python rightly differ.
pub(crate) static DIFFERENCES: &[Difference] = &[];
