//! How a trace is laid out in bytes.
//!
//! A record is a tag byte, then whatever the kind asks for. The tag holds the kind in its upper five bits and a
//! small number in its lower three; 7 there means that the number follows as a varint (LEB128, seven bits a byte,
//! lowest first). Tasks are written as a zigzag difference to the task that was last polled, so most take no byte of their
//! own; moments as a difference to the moment before. What the order of the records says is not written: the
//! waker and the parent are the task whose poll is open, new tasks and texts count up from 0.
//!
//! | kind | small number | then |
//! |---|---|---|
//! | `TICK_START`, `TICK_END` | 0 | |
//! | `PARK` | 0 no deadline, 1 deadline | ns from now |
//! | `ADVANCE` | [`Advance`](super::Advance) | ns |
//! | `TIMERS`, `RUN`, `GAP` | how many | |
//! | `SPAWN` | bits: 1 other name, 2 other place, 4 no parent | text, location |
//! | `WAKE` | task | |
//! | `WAKE_REDUNDANT`, `WAKE_LATE` | task | |
//! | `POLL_START` | task | |
//! | `POLL_PENDING`, `POLL_READY`, `POLL_PANICKED`, `POLL_CANCELLED` | ns | |
//! | `WAIT`, `WAIT_ALSO` | what for | its number, location (both varints) |
//! | `FAILED` | text | |
//! | `CANCEL_ASKED`, `CANCEL_DELIVERED` | task | |
//! | `TIMER_SET` | slot | ns from now; the task is the one that runs, or none |
//! | `TIMER_FIRED`, `TIMER_CANCELLED` | slot | |
//! | `RESOURCE` | 0 new, 1 dropped, 2 thread, 3 actor | slot; if new: kind, text, location, limit; thread: text; actor: what, number |
//! | `USE` | slot | operation byte, value |
//! | `CALLBACK` | 0 scheduled, 1 start, 2 end | number; text or ns |
//! | `OUTPUT` | text | |
//! | `END` | [`Outcome`](super::Outcome) | |
//! | `MORE` | 0 poll that ended with an error, 1 cancelled by the drop of its handle | ns; task |
//! | `DEFINE` | 0 text, 1 location, 2 name of a task | length, bytes; file, line, column; task, text |
//! | `DEFINE` | 3 resume | time, polls, ticks, last task, tasks, texts, locations, last name, last place, who is at it and its number |
//! | `DEFINE` | 4 tasks of a gap | how many, text, location, parent (the last three plus 1; 0 for unknown) |
//! | `DEFINE` | 5 location of a gap | file + 1 (0 for unknown), line, column |
//!
//! A `RESOURCE` record of the form "thread" is no event: it names the thread that the wakes after it came from,
//! until the phase ends (text + 1; 0 for I/O). The form "actor" names whoever is at it from here on, where the order of
//! the records does not say so, as in a recording from elsewhere in which polls overlap: a byte (0 not known, 1 task, 2 callback,
//! 3 timer, 4 I/O, 5 thread, 6 loop) and its number or text. A task that is named so is also the one that tasks are
//! written as a difference to, and whose poll ends next. Nor is a `DEFINE` record an event: it fills the
//! [`Tables`](super::Tables).
//! The last three forms of `DEFINE` stand behind a `GAP`: they say what the records after it are relative to.

/// The kinds of records: the upper five bits of a tag.
#[expect(missing_docs, reason = "the table above says what each is")]
pub mod kind {
    pub const TICK_START: u8 = 0;
    pub const TICK_END: u8 = 1;
    pub const PARK: u8 = 2;
    pub const ADVANCE: u8 = 3;
    pub const TIMERS: u8 = 4;
    pub const RUN: u8 = 5;
    pub const GAP: u8 = 6;
    pub const SPAWN: u8 = 7;
    pub const WAKE: u8 = 8;
    pub const WAKE_REDUNDANT: u8 = 9;
    pub const WAKE_LATE: u8 = 10;
    pub const POLL_START: u8 = 11;
    pub const POLL_PENDING: u8 = 12;
    pub const POLL_READY: u8 = 13;
    pub const POLL_PANICKED: u8 = 14;
    pub const POLL_CANCELLED: u8 = 15;
    pub const WAIT: u8 = 16;
    pub const WAIT_ALSO: u8 = 17;
    pub const FAILED: u8 = 18;
    pub const CANCEL_ASKED: u8 = 19;
    pub const CANCEL_DELIVERED: u8 = 20;
    pub const TIMER_SET: u8 = 21;
    pub const TIMER_FIRED: u8 = 22;
    pub const TIMER_CANCELLED: u8 = 23;
    pub const RESOURCE: u8 = 24;
    pub const USE: u8 = 25;
    pub const CALLBACK: u8 = 26;
    pub const OUTPUT: u8 = 27;
    pub const END: u8 = 28;
    pub const DEFINE: u8 = 29;
    pub const MORE: u8 = 30;
}

/// The small number in a `MORE`: [`PollOutcome::Failed`](super::PollOutcome::Failed).
pub const MORE_POLL_FAILED: u8 = 0;

/// The small number in a `MORE`: [`CancelAsked`](super::TaskEvent::CancelRequested) by the drop of a handle.
pub const MORE_DROPPED: u8 = 1;

/// The small number that says "a varint follows".
pub const FOLLOWS: u8 = 7;

/// Makes small differences small numbers: 0, -1, 1, -2 … become 0, 1, 2, 3 …
pub fn zigzag(difference: i32) -> u32 {
    (difference.cast_unsigned() << 1) ^ (difference >> 31).cast_unsigned()
}

/// The inverse of [`zigzag`].
pub fn unzigzag(number: u32) -> i32 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zigzag_goes_there_and_back() {
        for number in [0, 1, -1, 2, -2, i32::MAX, i32::MIN] {
            assert_eq!(unzigzag(zigzag(number)), number);
        }
        assert_eq!((zigzag(0), zigzag(-1), zigzag(1), zigzag(-2)), (0, 1, 2, 3));
    }
}
