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
mod lesson_01_await_is_not_concurrent;
mod lesson_02_spawn_and_await;
mod lesson_03_call_is_not_run;
mod lesson_04_spawn_starts_nothing;
mod lesson_05_ready_await;
mod lesson_06_block;
mod lesson_07_cpu_work;
mod lesson_08_late_sleep;
mod lesson_09_gather_order;
mod lesson_10_siblings_run_on;
mod lesson_11_silent_failure;
mod lesson_12_outlives_main;
mod lesson_13_dropped_handle;
mod lesson_14_cancel_is_asked;
mod lesson_15_late_timeout;
mod lesson_16_lost_update;
mod lesson_17_own_semaphore;
mod lesson_18_lock_twice;
mod lesson_19_queue_depth;
mod lesson_20_snapshot;
mod lesson_21_select_drops;
mod lesson_22_polling;
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
pub static ALL: &[Scenario] = &[
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
    lesson_01_await_is_not_concurrent::SCENARIO,
    lesson_02_spawn_and_await::SCENARIO,
    lesson_03_call_is_not_run::SCENARIO,
    lesson_04_spawn_starts_nothing::SCENARIO,
    lesson_05_ready_await::SCENARIO,
    lesson_06_block::SCENARIO,
    lesson_07_cpu_work::SCENARIO,
    lesson_08_late_sleep::SCENARIO,
    lesson_09_gather_order::SCENARIO,
    lesson_10_siblings_run_on::SCENARIO,
    lesson_11_silent_failure::SCENARIO,
    lesson_12_outlives_main::SCENARIO,
    lesson_13_dropped_handle::SCENARIO,
    lesson_14_cancel_is_asked::SCENARIO,
    lesson_15_late_timeout::SCENARIO,
    lesson_16_lost_update::SCENARIO,
    lesson_17_own_semaphore::SCENARIO,
    lesson_18_lock_twice::SCENARIO,
    lesson_19_queue_depth::SCENARIO,
    lesson_20_snapshot::SCENARIO,
    lesson_21_select_drops::SCENARIO,
    lesson_22_polling::SCENARIO,
];
