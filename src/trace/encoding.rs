//! The one table of how records lie in bytes. The writer, the cursor and the columns of a file read
//! it, and `docs/trace-format.md` shows it.
//!
//! A record is a tag byte and its operands. The tag holds the kind of the record in its upper five
//! bits and a *small number* in its lower three. Where the small number counts something, 7
//! ([`FOLLOWS`]) means that the number follows as a varint.
//!
//! Three rules keep most records at one or two bytes:
//!
//! * A task is written as the zigzag difference to the task that was polled last.
//! * A moment is written as the time since the moment before.
//! * What the order of the records tells is not written. The actor of a wake and the parent of a
//!   spawn are the task whose poll is open; new tasks, texts and locations count up from 0.
//!
//! Definitions (`DEFINE`, two forms of `RESOURCE` and one of `MORE`) are records, but not events: they fill the
//! [`Tables`](super::Tables) or set the actor of the next events.

use super::varint::{Reader, put};

/// How one operand of a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    /// A varint of nanoseconds. Columns keep these apart, because they are as good as random.
    Nanos,
    /// Any other varint.
    Number,
    /// A varint that is present only if this bit of the small number is set.
    Flagged(u8),
    /// One byte.
    Byte,
    /// As many bytes as the number before says.
    Text,
}

/// What the small number of a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SmallNumber {
    /// It is 0 and not looked at.
    Unused,
    /// It tells records of the same kind apart: this record has this one.
    Form(u8),
    /// An entry of a closed list. All eight values are entries; 7 does not mean that a varint
    /// follows.
    Code,
    /// The bits of [`Operand::Flagged`]. All three bits at once would read as "a varint follows",
    /// so a varint of 7 does follow.
    Flags,
    /// The first operand: a number.
    Number,
    /// The first operand: nanoseconds.
    Nanos,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordLayout {
    kind: u8,
    small: SmallNumber,
    operands: &'static [Operand],
    /// The name in `docs/trace-format.md`, and what the small number and the operands mean.
    #[cfg(test)]
    words: (&'static str, &'static str, &'static [&'static str]),
}

macro_rules! records {
    ($($record:ident $name:literal = $kind:literal $small:ident $(($form:literal))? $meaning:literal
        [$($operand:ident $(($bit:literal))? $word:literal),*];)*) => {
        /// All kinds of records, each with the form of its operands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Record {
            $($record,)*
        }

        /// The table, in the order of [`Record`].
        const LAYOUTS: &[RecordLayout] = &[$(RecordLayout {
            kind: $kind,
            small: SmallNumber::$small $(($form))?,
            operands: &[$(Operand::$operand $(($bit))?),*],
            #[cfg(test)]
            words: ($name, $meaning, &[$($word),*]),
        },)*];

        const ALL: &[Record] = &[$(Record::$record),*];
    };
}

records! {
    TickStart "TICK_START" = 0 Unused "" [];
    TickEnd "TICK_END" = 1 Unused "" [];
    Park "PARK" = 2 Form(0) "no deadline" [];
    ParkUntil "PARK" = 2 Form(1) "a deadline" [Nanos "from now"];
    Advance "ADVANCE" = 3 Code "0 waited, 1 jumped, 2 worked, 3 passed" [Nanos "by how much"];
    Timers "TIMERS" = 4 Number "how many are due" [];
    Run "RUN" = 5 Number "length of the ready queue" [];
    Gap "GAP" = 6 Number "how many events" [];
    Spawn "SPAWN" = 7 Flags "bits: 1 other name, 2 other location, 4 no parent"
        [Flagged(1) "name", Flagged(2) "location + 1"];
    Wake "WAKE" = 8 Number "task" [];
    WakeRedundant "WAKE_REDUNDANT" = 9 Number "task" [];
    WakeLate "WAKE_LATE" = 10 Number "task" [];
    PollStart "POLL_START" = 11 Number "task" [];
    PollPending "POLL_PENDING" = 12 Nanos "how long it took" [];
    PollReady "POLL_READY" = 13 Nanos "how long it took" [];
    PollPanicked "POLL_PANICKED" = 14 Nanos "how long it took" [];
    PollCancelled "POLL_CANCELLED" = 15 Nanos "how long it took" [];
    Wait "WAIT" = 16 Code "what for" [Number "its number", Number "location + 1"];
    WaitAlso "WAIT_ALSO" = 17 Code "what for" [Number "its number", Number "location + 1"];
    Failed "FAILED" = 18 Number "text" [];
    CancelRequested "CANCEL_REQUESTED" = 19 Number "task" [];
    CancelDelivered "CANCEL_DELIVERED" = 20 Number "task" [];
    TimerSet "TIMER_SET" = 21 Number "slot" [Nanos "deadline, from now"];
    TimerFired "TIMER_FIRED" = 22 Number "slot" [];
    TimerCancelled "TIMER_CANCELLED" = 23 Number "slot" [];
    ResourceCreated "RESOURCE" = 24 Form(0) "created"
        [Number "slot", Byte "kind", Number "name", Number "location + 1", Number "limit"];
    ResourceDropped "RESOURCE" = 24 Form(1) "dropped" [Number "slot"];
    WakesFrom "RESOURCE" = 24 Form(2) "thread of the next wakes" [Number "text + 1; 0 for I/O"];
    Actor "RESOURCE" = 24 Form(3) "actor of the next events" [Byte "code", Number "its number"];
    ResourceMember "RESOURCE" = 24 Form(4) "member of a group" [Number "slot", Number "task"];
    ResourceBytes "RESOURCE" = 24 Form(5) "bytes that were read or written"
        [Number "slot", Number "text"];
    ResourceFirstUsed "RESOURCE" = 24 Form(6) "first used, created before"
        [Number "slot", Byte "kind", Number "name", Number "location + 1", Number "limit"];
    Op "OP" = 25 Number "slot" [Byte "operation", Number "value"];
    CallbackScheduled "CALLBACK" = 26 Form(0) "scheduled" [Number "number", Number "name"];
    CallbackStart "CALLBACK" = 26 Form(1) "start" [Number "number"];
    CallbackEnd "CALLBACK" = 26 Form(2) "end" [Number "number", Nanos "how long it took"];
    Output "OUTPUT" = 27 Number "text" [];
    End "END" = 28 Code "outcome" [];
    Text "DEFINE" = 29 Form(0) "text" [Number "length", Text "UTF-8"];
    Location "DEFINE" = 29 Form(1) "location" [Number "file", Number "line", Number "column"];
    Name "DEFINE" = 29 Form(2) "name of a task" [Number "task", Number "text"];
    Resume "DEFINE" = 29 Form(3) "resume behind a gap"
        [Number "time", Number "polls", Number "ticks", Number "task polled last", Number "tasks",
            Number "texts", Number "locations", Number "name of the last spawn",
            Number "location of the last spawn", Number "actor", Number "its number"];
    UnseenTasks "DEFINE" = 29 Form(4) "tasks of a gap"
        [Number "how many", Number "name + 1", Number "location + 1", Number "parent + 1"];
    GapLocation "DEFINE" = 29 Form(5) "location of a gap"
        [Number "file + 1", Number "line", Number "column"];
    Frame "DEFINE" = 29 Form(6) "location of an await chain"
        [Number "file", Number "line", Number "function + 1", Number "location that awaits it + 1"];
    PollFailed "MORE" = 30 Form(0) "poll that returned an error" [Nanos "how long it took"];
    HandleDropped "MORE" = 30 Form(1) "cancelled by the drop of its handle" [Number "task"];
    OtherWait "MORE" = 30 Form(2) "any other wait"
        [Byte "what for", Byte "bits: 1 also, 2 at the creation", Number "its number",
            Number "location + 1"];
    Joined "MORE" = 30 Form(3) "await of a task that has ended"
        [Number "task", Number "location + 1"];
    OutputAt "MORE" = 30 Form(4) "output with its location" [Number "text", Number "location + 1"];
    PollSample "MORE" = 30 Form(5) "where the open poll was"
        [Number "location + 1", Number "processor time + 1 (ns)"];
}

/// The small number that says "a varint follows".
pub(crate) const FOLLOWS: u8 = 7;

impl Record {
    #[inline]
    pub(crate) const fn layout(self) -> RecordLayout {
        LAYOUTS[self as usize]
    }

    /// The upper five bits of the tag.
    #[inline]
    pub(crate) const fn kind(self) -> u8 {
        self.layout().kind
    }

    #[inline]
    pub(crate) const fn small(self) -> SmallNumber {
        self.layout().small
    }

    /// The operands behind the tag, without the small number.
    #[inline]
    pub(crate) const fn operands(self) -> &'static [Operand] {
        self.layout().operands
    }

    /// The record that a tag begins; `None` for a tag that no record has.
    #[inline]
    pub(crate) fn of_tag(tag: u8) -> Option<Record> {
        BY_TAG[usize::from(tag)]
    }
}

/// For each tag, the record that it begins.
const BY_TAG: [Option<Record>; 256] = {
    let mut table = [None; 256];
    let mut at = 0;
    while at < LAYOUTS.len() {
        let mut small = 0;
        while small < 8 {
            let begins = match LAYOUTS[at].small {
                SmallNumber::Form(form) => form == small,
                SmallNumber::Unused
                | SmallNumber::Code
                | SmallNumber::Flags
                | SmallNumber::Number
                | SmallNumber::Nanos => true,
            };
            if begins {
                table[(LAYOUTS[at].kind << 3 | small) as usize] = Some(ALL[at]);
            }
            small += 1;
        }
        at += 1;
    }
    table
};

/// Appends a record. `small` is the entry of a code, the flags, or the number in the tag; the bytes
/// of a [`Operand::Text`] are left to the caller.
#[expect(
    clippy::inline_always,
    reason = "with a constant record nothing of the table is left at run time"
)]
#[inline(always)]
pub(crate) fn put_record<const N: usize>(
    to: &mut Vec<u8>,
    record: Record,
    small: u64,
    operands: [u64; N],
) {
    let tag = record.kind() << 3;
    let low = low_byte(small);
    match record.small() {
        SmallNumber::Unused => to.push(tag),
        SmallNumber::Form(form) => to.push(tag | form),
        SmallNumber::Code => to.push(tag | low),
        SmallNumber::Flags | SmallNumber::Number | SmallNumber::Nanos => {
            if small < u64::from(FOLLOWS) {
                to.push(tag | low);
            } else if record.small() == SmallNumber::Nanos && small < 0x80 {
                to.extend_from_slice(&[tag | FOLLOWS, low]);
            } else {
                to.push(tag | FOLLOWS);
                put(to, small);
            }
        }
    }
    for (operand, value) in record.operands().iter().zip(operands) {
        match *operand {
            Operand::Nanos | Operand::Number => put(to, value),
            Operand::Flagged(bit) => {
                if low & bit != 0 {
                    put(to, value);
                }
            }
            Operand::Byte => to.push(low_byte(value)),
            Operand::Text => {}
        }
    }
}

#[inline]
fn low_byte(number: u64) -> u8 {
    number.to_le_bytes()[0]
}

/// How a number is written that may be unknown: one higher, and 0 for unknown.
#[inline]
pub(crate) fn plus_one(number: u32) -> u64 {
    number.wrapping_add(1).into()
}

impl Reader<'_> {
    /// The number that a tag holds in its small number, or that follows it.
    #[inline]
    pub(super) fn in_tag(&mut self, small: u8) -> Option<u32> {
        if small == FOLLOWS {
            self.u32()
        } else {
            Some(u32::from(small))
        }
    }

    /// The same for a number that may need 64 bits: nanoseconds, or the events of a gap.
    #[inline]
    pub(super) fn u64_in_tag(&mut self, small: u8) -> Option<u64> {
        if small == FOLLOWS {
            self.varint()
        } else {
            Some(u64::from(small))
        }
    }

    /// All operands of a record that are numbers; 0 for one that its flag says is absent.
    #[expect(clippy::inline_always, reason = "as for `put_record`")]
    #[inline(always)]
    pub(super) fn operands<const N: usize>(
        &mut self,
        record: Record,
        flags: u8,
    ) -> Option<[u64; N]> {
        let mut values = [0; N];
        for (value, operand) in values.iter_mut().zip(record.operands()) {
            *value = match *operand {
                Operand::Flagged(bit) if flags & bit == 0 => continue,
                Operand::Text => continue,
                Operand::Nanos | Operand::Number | Operand::Flagged(_) => self.varint()?,
                Operand::Byte => self.byte()?.into(),
            };
        }
        Some(values)
    }
}

/// Makes small differences small numbers: 0, -1, 1, -2 … become 0, 1, 2, 3 …
#[inline]
pub(crate) fn zigzag(difference: i32) -> u32 {
    (difference.cast_unsigned() << 1) ^ (difference >> 31).cast_unsigned()
}

/// The inverse of [`zigzag`].
#[inline]
pub(crate) fn unzigzag(number: u32) -> i32 {
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

    /// The rows of the table in `docs/trace-format.md`.
    fn rows() -> String {
        let row = |layout: &RecordLayout| {
            let (name, meaning, words) = layout.words;
            let small = match layout.small {
                SmallNumber::Unused => "0".to_owned(),
                SmallNumber::Form(form) => format!("{form}: {meaning}"),
                SmallNumber::Code | SmallNumber::Flags => meaning.to_owned(),
                SmallNumber::Number => format!("*{meaning}*"),
                SmallNumber::Nanos => format!("*{meaning}* (ns)"),
            };
            let operands = layout.operands.iter().zip(words);
            let operands = operands.map(|(operand, word)| match operand {
                Operand::Nanos => format!("{word} (ns)"),
                Operand::Number => (*word).to_owned(),
                Operand::Flagged(bit) => format!("{word} (if bit {bit})"),
                Operand::Byte => format!("{word} (byte)"),
                Operand::Text => format!("{word} (bytes)"),
            });
            let operands = operands.collect::<Vec<_>>().join(", ");
            format!("| {} | `{name}` | {small} | {operands} |\n", layout.kind)
        };
        LAYOUTS.iter().map(row).collect()
    }

    #[test]
    fn the_document_has_this_table() {
        let document = include_str!("../../docs/trace-format.md");
        let rows = rows();
        assert!(
            document.contains(&rows),
            "docs/trace-format.md wants:\n{rows}"
        );
    }

    #[test]
    fn no_two_records_share_a_tag() {
        for (at, record) in ALL.iter().enumerate() {
            assert_eq!(*record as usize, at);
            let small = match record.small() {
                SmallNumber::Form(form) => form,
                SmallNumber::Unused
                | SmallNumber::Code
                | SmallNumber::Flags
                | SmallNumber::Number
                | SmallNumber::Nanos => 0,
            };
            assert_eq!(Record::of_tag(record.kind() << 3 | small), Some(*record));
        }
        assert_eq!(Record::of_tag(31 << 3), None);
    }
}
