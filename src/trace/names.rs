//! The names of the closed lists, as the text forms of a trace (JSON Lines, `--json`, Parquet) write them.

use std::str::FromStr;

use super::{
    Advance, Aspect, ClockKind, Outcome, PollOutcome, ResourceKind, ResourceOp, TickPolicy,
    WakeEffect,
};

/// A name that is not in the list it should be from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of {}", expected.join(", "))]
pub struct UnknownName {
    /// The names that would be right.
    pub expected: &'static [&'static str],
}

/// Gives each variant of an enum without fields its name, and finds the variant by its name.
macro_rules! names {
    ($type:ident: $($variant:ident $name:literal),* $(,)?) => {
        impl $type {
            /// All names, in the order of the list.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name in the text forms of a trace.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($type::$variant => $name,)*
                }
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<$type, UnknownName> {
                match name {
                    $($name => Ok($type::$variant),)*
                    _ => Err(UnknownName { expected: $type::NAMES }),
                }
            }
        }
    };
}

names!(Advance: Waited "waited", Jumped "jumped", Worked "worked", Passed "passed");
names!(WakeEffect: Enqueued "enqueued", Redundant "redundant", TooLate "too_late");
names!(PollOutcome: Pending "pending", Ready "ready", Panicked "panicked", Failed "failed",
    Cancelled "cancelled");
names!(Outcome: Finished "finished", Deadlock "deadlock", Stalled "stalled", Panicked "panicked",
    Stopped "stopped", Limit "limit");
names!(ResourceKind: Channel "channel", Lock "lock", Semaphore "semaphore", Event "event",
    Future "future", Group "group", Listener "listener", Stream "stream", Pool "pool", Io "io",
    Foreign "foreign", Value "value");
names!(ResourceOp: Sent "sent", Received "received", Closed "closed", Acquired "acquired",
    Released "released", Set "set", Cleared "cleared", Begun "begun", Ended "ended",
    Abandoned "abandoned", Read "read", Wrote "wrote", Accepted "accepted", Connected "connected",
    Loaded "loaded", Stored "stored");
names!(ClockKind: Virtual "virtual", Real "real");
names!(TickPolicy: Snapshot "snapshot", Drain "drain");
names!(Aspect: Queues "queues", Timers "timers", Waits "waits", Wakes "wakes");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_variant() {
        for name in ResourceOp::NAMES {
            assert_eq!(name.parse().map(ResourceOp::as_str), Ok(*name));
        }
        for (code, name) in ResourceKind::NAMES.iter().enumerate() {
            let kind: ResourceKind = name.parse().unwrap();
            assert_eq!((kind.as_str(), usize::from(kind.code())), (*name, code));
        }
        let wrong = "sideways".parse::<TickPolicy>().unwrap_err();
        assert_eq!(wrong.to_string(), "not one of snapshot, drain");
    }
}
