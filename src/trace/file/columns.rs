//! Records split into columns, so that equal things are next to each other.
//!
//! Most records of a real run are the same few tags again and again, with nanoseconds between them
//! that are as good as random. LZ4 finds long repetitions, but only where nothing interrupts them.
//! So tags, nanoseconds and all other operands get a column each. In bytes per event, for chunks of
//! 65,536 events of four real runs (measured when the format was chosen):
//!
//! | | as recorded | LZ4 | zstd 1 | columns, LZ4 | columns, zstd 1 |
//! |---|---|---|---|---|---|
//! | yields | 1.34 | 0.47 | 0.25 | **0.28** | 0.15 |
//! | spawns | 1.34 | 0.44 | 0.23 | **0.24** | 0.14 |
//! | channel | 1.57 | 0.38 | 0.09 | **0.17** | 0.10 |
//! | timers | 3.48 | 3.46 | 3.03 | **2.51** | 2.40 |
//!
//! Columns with LZ4, which is small, fast and written in Rust, come close to zstd, which is half a
//! megabyte of C code.

use super::payload::FieldReader;
use crate::trace::{
    encoding::{FOLLOWS, Operand, Record, SmallNumber},
    varint::Reader,
};

/// Records split into columns, which grow record by record.
#[derive(Debug, Default)]
pub(super) struct Columns {
    tags: Vec<u8>,
    nanos: Vec<u8>,
    others: Vec<u8>,
}

impl Columns {
    /// Adds a whole record of one of the kinds that
    /// [`next_frequent`](crate::trace::Cursor::next_frequent) reads. Those have nanoseconds alone
    /// behind their tag, or none, so the operands need not be read once more.
    #[inline]
    pub(super) fn push_frequent(&mut self, record: &[u8]) {
        const POLL_PENDING: u8 = Record::PollPending.kind();
        const POLL_READY: u8 = Record::PollReady.kind();
        let Some((&tag, operands)) = record.split_first() else {
            return;
        };
        self.tags.push(tag);
        if operands.is_empty() {
            return;
        }
        let column = if matches!(tag >> 3, POLL_PENDING | POLL_READY) {
            &mut self.nanos
        } else {
            &mut self.others
        };
        // A few bytes, for which a call of `memcpy` takes longer.
        for &byte in operands {
            column.push(byte);
        }
    }

    /// Adds the next record, of any kind; `None` if it is not whole or its kind is not in the table.
    pub(super) fn push(&mut self, rest: &mut Reader<'_>) -> Option<()> {
        let tag = rest.byte()?;
        self.tags.push(tag);
        move_operands(tag, &mut |piece| match piece {
            Piece::Nanos => copy_varint(rest, &mut self.nanos),
            Piece::Number => copy_varint(rest, &mut self.others),
            Piece::Bytes(count) => copy_bytes(rest, &mut self.others, count),
        })
    }

    /// The columns, each with its length (u32) in front. `None` if one is too long for that.
    pub(super) fn joined(&self) -> Option<Vec<u8>> {
        let columns = [&self.tags, &self.nanos, &self.others];
        let length: usize = columns.iter().map(|column| column.len() + 4).sum();
        let mut joined = Vec::with_capacity(length);
        for column in columns {
            joined.extend(u32::try_from(column.len()).ok()?.to_le_bytes());
            joined.extend_from_slice(column);
        }
        Some(joined)
    }

    /// Removes all records.
    pub(super) fn clear(&mut self) {
        self.tags.clear();
        self.nanos.clear();
        self.others.clear();
    }
}

/// The columns of whole records; `None` if the bytes are not.
#[cfg(test)]
pub(super) fn split(records: &[u8]) -> Option<Vec<u8>> {
    let (mut columns, mut rest) = (Columns::default(), Reader::new(records));
    while !rest.is_at_end() {
        columns.push(&mut rest)?;
    }
    columns.joined()
}

/// The records that were split; `None` if the bytes are not what
/// [`Columns::joined`] makes.
pub(super) fn join(columns: &[u8]) -> Option<Vec<u8>> {
    let mut all = FieldReader(columns);
    let mut records = Vec::with_capacity(columns.len());
    let mut column = || {
        let length = all.u32()? as usize;
        all.take(length).map(Reader::new)
    };
    let (mut tags, mut nanos, mut others) = (column()?, column()?, column()?);
    while let Some(tag) = tags.byte() {
        records.push(tag);
        if is_bare(tag) {
            continue;
        }
        move_operands(tag, &mut |piece| match piece {
            Piece::Nanos => copy_varint(&mut nanos, &mut records),
            Piece::Number => copy_varint(&mut others, &mut records),
            Piece::Bytes(count) => copy_bytes(&mut others, &mut records, count),
        })?;
    }
    (nanos.is_at_end() && others.is_at_end() && all.0.is_empty()).then_some(records)
}

/// Whether a record has no bytes after its tag, for the four kinds that make up most of a trace.
/// The table of operands gives the same answer, but more slowly.
#[inline]
fn is_bare(tag: u8) -> bool {
    const WAKE: u8 = Record::Wake.kind();
    const POLL_START: u8 = Record::PollStart.kind();
    const POLL_PENDING: u8 = Record::PollPending.kind();
    const POLL_READY: u8 = Record::PollReady.kind();
    matches!(tag >> 3, WAKE | POLL_START | POLL_PENDING | POLL_READY) && tag & 7 != FOLLOWS
}

/// A piece of a record after its tag.
#[derive(Clone, Copy)]
enum Piece {
    /// A varint of nanoseconds.
    Nanos,
    /// Any other varint.
    Number,
    /// That many bytes.
    Bytes(u64),
}

/// Moves the operands of a record, in their order: `each` moves one and returns it if it is a
/// number.
///
/// `None` if `each` fails, or if no record has this tag.
#[inline]
fn move_operands(tag: u8, each: &mut impl FnMut(Piece) -> Option<u64>) -> Option<()> {
    let record = Record::of_tag(tag)?;
    let mut last = u64::from(tag & 7);
    if tag & 7 == FOLLOWS {
        match record.small() {
            SmallNumber::Number | SmallNumber::Flags => last = each(Piece::Number)?,
            SmallNumber::Nanos => last = each(Piece::Nanos)?,
            SmallNumber::Unused | SmallNumber::Form(_) | SmallNumber::Code => {}
        }
    }
    let flags = last;
    for operand in record.operands() {
        match *operand {
            Operand::Nanos => last = each(Piece::Nanos)?,
            Operand::Flagged(bit) if flags & u64::from(bit) == 0 => {}
            Operand::Number | Operand::Flagged(_) => last = each(Piece::Number)?,
            Operand::Byte => last = each(Piece::Bytes(1))?,
            Operand::Text => last = each(Piece::Bytes(last))?,
        }
    }
    Some(())
}

/// Copies a varint byte by byte, and returns it.
#[inline]
fn copy_varint(from: &mut Reader<'_>, to: &mut Vec<u8>) -> Option<u64> {
    let start = from.at;
    let number = from.varint()?;
    to.extend_from_slice(from.bytes.get(start..from.at)?);
    Some(number)
}

fn copy_bytes(from: &mut Reader<'_>, to: &mut Vec<u8>, count: u64) -> Option<u64> {
    to.extend_from_slice(from.slice(usize::try_from(count).ok()?)?);
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{
        Cursor, LocationId, PollOutcome, ResourceId, ResourceOp, TaskId, WakeEffect, Writer,
    };

    /// The path for frequent records splits them as the table does.
    #[test]
    fn frequent_records_are_split_as_the_table_says() {
        let mut writer = Writer::new();
        let name = writer.intern("task");
        for _ in 0..500 {
            writer.spawn(name, LocationId::UNKNOWN, false);
        }
        let mut mixed = 15_u64;
        for round in 0..5_000_u32 {
            mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ u64::from(round);
            let number = u32::from_le_bytes(*mixed.to_le_bytes().first_chunk().unwrap());
            let task = TaskId(number % 500);
            writer.poll_start(task);
            writer.wake(task, WakeEffect::Enqueued);
            writer.used(
                ResourceId(number % 300),
                ResourceOp::Sent,
                number >> (round % 32),
            );
            let outcome = if round % 3 == 0 {
                PollOutcome::Ready
            } else {
                PollOutcome::Pending
            };
            writer.poll_end(outcome, mixed >> (round % 64));
        }
        let records = writer.take();
        let (mut cursor, mut columns) = (Cursor::START, Columns::default());
        while cursor.offset < records.len() {
            let from = cursor.offset;
            if cursor.next_frequent(&records).is_some() {
                columns.push_frequent(&records[from..cursor.offset]);
            } else {
                let is_event = cursor.next_rare(&records).is_some();
                assert!(is_event || cursor.next_definition(&records).is_some());
                columns
                    .push(&mut Reader::new(&records[from..cursor.offset]))
                    .unwrap();
            }
        }
        assert_eq!(columns.joined(), split(&records));
        assert_eq!(join(&columns.joined().unwrap()), Some(records));
    }
}
