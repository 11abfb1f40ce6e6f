//! The catalogue: every scenario, in the order in which they are listed.

#![allow(
    clippy::unused_async,
    reason = "some scenarios are about async functions that never wait"
)]

use loopscope::scenario::Scenario;

mod world;

/// Declares the modules of the scenarios, and lists the scenarios in the same order.
macro_rules! catalogue {
    ($($name:ident)+) => {
        $(mod $name;)+

        /// All scenarios.
        pub static ALL: &[Scenario] = &[$($name::SCENARIO),+];
    };
}

catalogue! {
    say_after
    factorial
    producer_consumer
    echo_server
    use_files
    file_reads
    lazy_futures
    compute_sum
    callbacks
    futures
    await_twice
    gather
    probe_domains
    flag_downloads
    offload
    blocking_call
    send_updates
    generators
    two_requests
    transaction
    async_iteration
    why_server
    int_stream
    http_headers
    finder_server
    spinner
    lesson_01_await_is_not_concurrent
    lesson_02_spawn_and_await
    lesson_03_call_is_not_run
    lesson_04_spawn_starts_nothing
    lesson_05_ready_await
    lesson_06_block
    lesson_07_cpu_work
    lesson_08_late_sleep
    lesson_09_gather_order
    lesson_10_siblings_run_on
    lesson_11_silent_failure
    lesson_12_outlives_main
    lesson_13_dropped_handle
    lesson_14_cancel_is_asked
    lesson_15_late_timeout
    lesson_16_lost_update
    lesson_17_own_semaphore
    lesson_18_lock_twice
    lesson_19_queue_depth
    lesson_20_snapshot
    lesson_21_select_drops
    lesson_22_polling
}
