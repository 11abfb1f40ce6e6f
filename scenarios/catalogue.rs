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
mod file_reads;
mod finder_server;
mod flag_downloads;
mod futures;
mod gather;
mod generators;
mod http_headers;
mod int_stream;
mod lazy_futures;
mod offload;
mod probe_domains;
mod producer_consumer;
mod say_after;
mod send_updates;
mod spinner;
mod transaction;
mod two_requests;
mod use_files;
mod why_server;
mod world;

use loopscope::scenario::Scenario;

/// All scenarios.
pub(crate) static ALL: &[Scenario] = &[
    say_after::SCENARIO,
    factorial::SCENARIO,
    producer_consumer::SCENARIO,
    echo_server::SCENARIO,
    use_files::SCENARIO,
    file_reads::SCENARIO,
    lazy_futures::SCENARIO,
    compute_sum::SCENARIO,
    callbacks::SCENARIO,
    futures::SCENARIO,
    await_twice::SCENARIO,
    gather::SCENARIO,
    probe_domains::SCENARIO,
    flag_downloads::SCENARIO,
    offload::SCENARIO,
    blocking_call::SCENARIO,
    send_updates::SCENARIO,
    generators::SCENARIO,
    two_requests::SCENARIO,
    transaction::SCENARIO,
    async_iteration::SCENARIO,
    why_server::SCENARIO,
    int_stream::SCENARIO,
    http_headers::SCENARIO,
    finder_server::SCENARIO,
    spinner::SCENARIO,
];
