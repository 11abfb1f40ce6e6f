//! The catalogue: every scenario, in the order in which they are listed.

#![allow(
    clippy::unused_async,
    reason = "some scenarios are about async functions that never wait"
)]

mod async_iteration;
mod await_twice;
mod blocking_call;
mod callbacks;
mod compute_sum;
mod echo_server;
mod factorial;
mod flag_downloads;
mod futures;
mod gather;
mod generators;
mod lazy_futures;
mod probe_domains;
mod producer_consumer;
mod say_after;
mod send_updates;
mod spinner;
mod transaction;
mod two_requests;
mod use_files;
mod world;

use loopscope::scenario::Scenario;

/// All scenarios.
pub(crate) static ALL: &[Scenario] = &[
    say_after::SCENARIO,
    factorial::SCENARIO,
    producer_consumer::SCENARIO,
    echo_server::SCENARIO,
    use_files::SCENARIO,
    lazy_futures::SCENARIO,
    compute_sum::SCENARIO,
    callbacks::SCENARIO,
    futures::SCENARIO,
    await_twice::SCENARIO,
    gather::SCENARIO,
    probe_domains::SCENARIO,
    flag_downloads::SCENARIO,
    blocking_call::SCENARIO,
    send_updates::SCENARIO,
    generators::SCENARIO,
    two_requests::SCENARIO,
    transaction::SCENARIO,
    async_iteration::SCENARIO,
    spinner::SCENARIO,
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
