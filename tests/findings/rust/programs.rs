//! The pairs in Rust. `tests/findings/README.md` tells how they are made.

use std::{pin::Pin, time::Duration};

use loopscope::trace::ClockKind;

/// A program that has not begun to run.
pub(crate) type Program = Pin<Box<dyn Future<Output = ()>>>;

/// A wrong program, and one that looks alike and is right.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    /// The rule that the wrong one breaks, and the name of the file.
    pub(crate) rule: &'static str,
    pub(crate) source: &'static str,
    pub(crate) clock: ClockKind,
    pub(crate) wrong: fn() -> Program,
    pub(crate) right: fn() -> Program,
}

macro_rules! pairs {
    (@clock) => { ClockKind::Virtual };
    (@clock real) => { ClockKind::Real };
    ($($rule:ident $($clock:ident)?),* $(,)?) => {
        $(mod $rule;)*

        pub(crate) const PAIRS: &[Pair] = &[$(Pair {
            rule: stringify!($rule),
            source: include_str!(concat!(stringify!($rule), ".rs")),
            clock: pairs!(@clock $($clock)?),
            wrong: || Box::pin($rule::wrong()),
            right: || Box::pin($rule::right()),
        }),*];
    };
}

pairs! {
    backpressure,
    blocking,
    cancelunsafe,
    chandeadlock,
    convoy,
    deadlock,
    deadtimeout,
    halfopen real,
    handleleak,
    herd,
    interval,
    inversion,
    joincycle,
    latetimer,
    lockorder,
    lostwakeup,
    nestedblock,
    ordering,
    orphan,
    permitleak,
    race,
    retrystorm real,
    selfdeadlock,
    senderalive,
    sequential,
    shutdown,
    stalled,
    starvation,
    taskleak,
    unawaited,
    unbounded,
    unfair,
    unpolled,
    unretrieved,
    wakestorm,
}

/// A time in milliseconds.
pub(crate) fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}
