//! The catalogue: every scenario, in the order in which they are listed.

#![allow(
    clippy::unused_async,
    reason = "some scenarios are about async functions that never wait"
)]

use loopscope::scenario::Scenario;

mod world;

/// Scenarios on one subject.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioGroup {
    /// The subject, as a heading.
    pub title: &'static str,
    /// The scenarios, in the order in which they are listed.
    pub scenarios: &'static [Scenario],
}

/// The title of the group of the lessons.
pub const LESSON_GROUP: &str = "Lessons";

/// Declares the modules of the scenarios, and lists the scenarios in the same order: by group, and
/// all in one list.
macro_rules! catalogue {
    ($($title:expr => { $($name:ident)+ })+) => {
        $($(mod $name;)+)+

        /// All scenarios, group by group.
        pub static ALL: &[Scenario] = &[$($($name::SCENARIO),+),+];

        /// The groups, in the order in which they are listed.
        pub static GROUPS: &[ScenarioGroup] = &[$(
            ScenarioGroup { title: $title, scenarios: &[$($name::SCENARIO),+] }
        ),+];
    };
}

catalogue! {
    "Basics" => {
        say_after
        factorial
        lazy_futures
        compute_sum
        await_twice
        futures
        callbacks
        generators
        async_iteration
    }
    "Many tasks" => {
        gather
        producer_consumer
        flag_downloads
        probe_domains
        two_requests
        send_updates
        spinner
        transaction
    }
    "Blocking, threads and files" => {
        blocking_call
        offload
        use_files
        file_reads
    }
    "Servers and sockets" => {
        echo_server
        why_server
        finder_server
        int_stream
        http_headers
    }
    LESSON_GROUP => {
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
}

/// The title of the group of a scenario; empty if the catalogue does not contain the scenario.
pub fn group_of(name: &str) -> &'static str {
    let holds = |group: &&ScenarioGroup| group.scenarios.iter().any(|known| known.name == name);
    GROUPS.iter().find(holds).map_or("", |group| group.title)
}
