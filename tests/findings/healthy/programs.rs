//! Healthy programs in Rust that look bad. `tests/findings/README.md` tells how they are made.

use std::{pin::Pin, time::Duration};

use loopscope::trace::ClockKind;

/// A healthy program.
#[derive(Clone, Copy)]
pub(crate) struct Healthy {
    /// The name of its file.
    pub(crate) name: &'static str,
    pub(crate) clock: ClockKind,
    pub(crate) program: fn() -> Pin<Box<dyn Future<Output = ()>>>,
}

macro_rules! healthy {
    (@clock) => { ClockKind::Virtual };
    (@clock real) => { ClockKind::Real };
    ($($name:ident $($clock:ident)?),* $(,)?) => {
        $(mod $name;)*

        pub(crate) const HEALTHY: &[Healthy] = &[$(Healthy {
            name: stringify!($name),
            clock: healthy!(@clock $($clock)?),
            program: || Box::pin($name::healthy()),
        }),*];
    };
}

healthy! {
    barrier_rounds,
    bounded_pipeline,
    broadcast,
    burst_and_drain,
    cancel_and_await,
    chunked_work,
    echo_server real,
    gather_by_position,
    graceful_shutdown,
    long_poll,
    periodic_jitter,
    permits_in_turn,
    rate_limit,
    retry_with_backoff,
    short_sections,
    start_up,
    supervised_failures,
    timeout_by_design,
    try_lock,
    watchers_at_exit,
}

/// A time in milliseconds.
pub(crate) fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}
