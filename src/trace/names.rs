//! One table for each closed list of a trace: the code of an entry in the bytes and its name in the
//! text forms (JSON Lines, `--json`, Parquet).
//!
//! Codes are part of the file format: an entry never gets another code, and new entries go to the end.
//! Names are part of the text forms, and a reader of them accepts no others. The words on the screen
//! are in `insight`, because they depend on the sentence that they are in.

use std::str::FromStr;

use super::{
    Advance, Aspect, CallbackId, ClockKind, Outcome, PollOutcome, ResourceId, ResourceKind,
    ResourceOp, TaskId, TextId, TickPolicy, TimerId, Wait, WakeEffect, WokenBy,
};

/// A name that is not in the list it should be from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of {}", expected.join(", "))]
#[non_exhaustive]
pub struct UnknownName {
    /// The names that would be right.
    pub expected: &'static [&'static str],
}

/// The table of an enum without fields. With `codes`, the place of an entry in the table, which is
/// the order of the enum, is its code.
macro_rules! names {
    (codes $type:ident: $($variant:ident $name:literal),* $(,)?) => {
        names!($type: $($variant $name),*);

        impl $type {
            /// All entries, in the order of their codes.
            const ALL: &'static [$type] = &[$($type::$variant),*];

            /// The code in the bytes of a trace.
            #[inline]
            pub(crate) fn code(self) -> u8 {
                self as u8
            }

            /// The entry with a code.
            #[inline]
            pub(crate) fn from_code(code: u8) -> Option<$type> {
                $type::ALL.get(usize::from(code)).copied()
            }
        }
    };
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

        #[cfg(feature = "formats")]
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "formats")]
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                let name = std::borrow::Cow::<'de, str>::deserialize(from)?;
                name.parse()
                    .map_err(|_| serde::de::Error::unknown_variant(&name, $type::NAMES))
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

/// The table of an enum whose variants may hold the number of a task, a timer …
macro_rules! numbered_names {
    ($type:ident: $($code:literal $variant:ident $(($id:ident))? $name:literal),* $(,)?) => {
        impl $type {
            /// The name in the text forms of a trace, without the number.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($type::$variant { .. } => $name,)*
                }
            }

            /// The number of what it names; `None` for an entry without one.
            pub fn number(self) -> Option<u32> {
                match self {
                    $($type::$variant $(($id(number)))? => None $(.or(Some($id(number).0)))?,)*
                }
            }

            /// The code in the bytes of a trace.
            pub(crate) fn code(self) -> u8 {
                match self {
                    $($type::$variant { .. } => $code,)*
                }
            }

            /// The entry with a code; `number` is ignored by an entry without one.
            pub(crate) fn from_code(code: u8, number: u32) -> Option<$type> {
                Some(match code {
                    $($code => $type::$variant $(($id(number)))?,)*
                    _ => return None,
                })
            }
        }
    };
}

names!(codes Advance: Waited "waited", Jumped "jumped", Worked "worked", Passed "passed");
names!(WakeEffect: Enqueued "enqueued", Redundant "redundant", TooLate "too_late");
names!(PollOutcome: Pending "pending", Ready "ready", Panicked "panicked", Failed "failed",
    Cancelled "cancelled");
names!(codes Outcome: Finished "finished", Deadlock "deadlock", Stalled "stalled", Panicked "panicked",
    Stopped "stopped", Limit "limit");
names!(codes ResourceKind: Channel "channel", Lock "lock", Semaphore "semaphore", Event "event",
    Future "future", Group "group", Listener "listener", Stream "stream", Pool "pool", Io "io",
    Foreign "foreign", Value "value", Scope "scope", Generator "generator",
    RwLock "rwlock", Barrier "barrier", Cell "cell", Child "child", Thread "thread");
names!(codes ResourceOp: Sent "sent", Received "received", Closed "closed", Acquired "acquired",
    Released "released", Set "set", Cleared "cleared", Begun "begun", Ended "ended",
    Abandoned "abandoned", Read "read", Wrote "wrote", Accepted "accepted", Connected "connected",
    Loaded "loaded", Stored "stored", Entered "entered", Left "left", Resumed "resumed",
    Yielded "yielded", SetError "set_error", Tried "tried", Failed "failed", Started "started", Ran "ran",
    Buffered "buffered");
names!(ClockKind: Virtual "virtual", Real "real");
names!(TickPolicy: Snapshot "snapshot", Drain "drain");
names!(Aspect: Queues "queues", Timers "timers", Waits "waits", Wakes "wakes");
numbered_names!(WokenBy: 0 Unknown "unknown", 1 Task(TaskId) "task", 2 Callback(CallbackId) "callback",
    3 Timer(TimerId) "timer", 4 Io "io", 5 Thread(TextId) "thread", 6 Loop "loop");
numbered_names!(Wait: 0 Unknown "unknown", 1 Yield "yield", 2 Timer(TimerId) "timer",
    3 Join(TaskId) "join", 4 Send(ResourceId) "send", 5 Receive(ResourceId) "receive",
    6 Acquire(ResourceId) "acquire", 7 Operation(ResourceId) "operation",
    8 All(ResourceId) "all", 9 Any(ResourceId) "any");

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that each entry is found by its name and by its code.
    macro_rules! check {
        ($($type:ident),*) => {
            $(for (code, entry) in $type::ALL.iter().enumerate() {
                assert_eq!(entry.as_str().parse(), Ok(*entry));
                assert_eq!(usize::from(entry.code()), code);
                assert_eq!($type::from_code(entry.code()), Some(*entry));
            })*
        };
    }

    #[test]
    fn an_entry_is_found_by_its_name_and_its_code() {
        check!(Advance, Outcome, ResourceKind, ResourceOp);
        assert_eq!(Outcome::from_code(6), None);
        let wrong = "sideways".parse::<TickPolicy>().unwrap_err();
        assert_eq!(wrong.to_string(), "not one of snapshot, drain");
    }

    #[test]
    fn an_entry_with_a_number_keeps_it() {
        for code in 0..7 {
            let by = WokenBy::from_code(code, 9).unwrap();
            assert_eq!((by.code(), by.number().unwrap_or(9)), (code, 9));
        }
        for code in 0..10 {
            let on = Wait::from_code(code, 9).unwrap();
            assert_eq!((on.code(), on.number().unwrap_or(9)), (code, 9));
        }
        assert_eq!(WokenBy::from_code(7, 9), None);
    }
}
