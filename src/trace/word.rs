//! The words by which traces in text name what a trace in bytes numbers. Who writes such a trace writes these.

use super::{Advance, Outcome, Part, PollOutcome, ResourceKind, Turns, Verb, WakeEffect};

/// A word for each of an enum's variants, and the way back.
macro_rules! words {
    ($type:ident: $($variant:ident $word:literal),* $(,)?) => {
        impl $type {
            /// The words of all, in the order of the list.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word for it in a trace that is written as text.
            pub fn name(self) -> &'static str {
                match self {
                    $($type::$variant => $word,)*
                }
            }

            /// The one with this word.
            pub fn named(word: &str) -> Option<$type> {
                match word {
                    $($word => Some($type::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

words!(Advance: Waited "waited", Jumped "jumped", Worked "worked", Passed "passed");
words!(WakeEffect: Enqueued "enqueued", Redundant "redundant", TooLate "too_late");
words!(PollOutcome: Pending "pending", Ready "ready", Panicked "panicked", Failed "failed",
    Cancelled "cancelled");
words!(Outcome: Finished "finished", Deadlock "deadlock", Stalled "stalled", Panicked "panicked", Stopped "stopped",
    Limit "limit");
words!(ResourceKind: Channel "channel", Lock "lock", Semaphore "semaphore", Event "event", Future "future", Group "group",
    Listener "listener", Stream "stream", Pool "pool", Io "io", Foreign "foreign", Value "value");
words!(Verb: Sent "sent", Received "received", Closed "closed", Acquired "acquired", Released "released", Set "set",
    Cleared "cleared", Begun "begun", Ended "ended", Abandoned "abandoned", Read "read", Wrote "wrote",
    Accepted "accepted", Connected "connected", Loaded "loaded", Stored "stored");
words!(Turns: Snapshot "snapshot", Drain "drain");
words!(Part: Queues "queues", Timers "timers", Waits "waits", Wakes "wakes");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_leads_back_to_what_it_names() {
        for word in Verb::WORDS {
            assert_eq!(Verb::named(word).map(Verb::name), Some(*word));
        }
        for (code, word) in ResourceKind::WORDS.iter().enumerate() {
            let kind = ResourceKind::named(word).unwrap();
            assert_eq!((kind.name(), usize::from(kind.code())), (*word, code));
        }
        assert_eq!(Outcome::Stalled.name(), Outcome::Stalled.word());
        assert_eq!(Turns::named("sideways"), None);
    }
}
