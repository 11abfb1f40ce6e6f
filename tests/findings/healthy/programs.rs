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
    start_up,
    try_lock,
}

/// A time in milliseconds.
pub(crate) fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}
