//! Records taken apart into columns, so that what is alike lies together.
//!
//! Most of a real run's records are the same few tags over and over, with clock stamps between them that are as good as
//! random. LZ4 finds long repetitions, but only where nothing interrupts them. Tags, stamps and everything else in columns
//! of their own, a chunk of 65,536 events becomes, in bytes per event (sizes of four real runs, measured when the format was
//! chosen):
//!
//! | | as recorded | LZ4 | zstd 1 | columns, LZ4 | columns, zstd 1 |
//! |---|---|---|---|---|---|
//! | yields | 1.34 | 0.47 | 0.25 | **0.28** | 0.15 |
//! | spawns | 1.34 | 0.44 | 0.23 | **0.24** | 0.14 |
//! | channel | 1.57 | 0.38 | 0.09 | **0.17** | 0.10 |
//! | timers | 3.48 | 3.46 | 3.03 | **2.51** | 2.40 |
//!
//! So columns and LZ4, which is small, quick and Rust throughout, do nearly what zstd does; that is C code of half a
//! megabyte.

use super::number::Bytes;
use crate::trace::encoding::{FOLLOWS, kind};

const COLUMNS: usize = 3;
const TAGS: usize = 0;
const STAMPS: usize = 1;
const OTHERS: usize = 2;

/// The columns of records, each with its length (u32) in front; `None` if the bytes are no whole records of kinds that are
/// known here.
pub(super) fn split(records: &[u8]) -> Option<Vec<u8>> {
    let mut columns: [Vec<u8>; COLUMNS] = Default::default();
    columns[TAGS].reserve(records.len());
    columns[STAMPS].reserve(records.len() / 2);
    let mut rest = Bytes(records);
    while let Some(tag) = rest.byte() {
        columns[TAGS].push(tag);
        if is_bare(tag) {
            continue;
        }
        let (stamps, others) = columns.split_at_mut(OTHERS);
        let (stamps, others) = (&mut stamps[STAMPS], &mut others[0]);
        operands(tag, &mut |part| match part {
            Operand::Stamp => varint(&mut rest, stamps),
            Operand::Number => varint(&mut rest, others),
            Operand::Bytes(count) => {
                others.extend_from_slice(rest.take(usize::try_from(count).ok()?)?);
                Some(count)
            }
        })?;
    }
    let mut joined = Vec::with_capacity(records.len() + 4 * COLUMNS);
    for column in &columns {
        joined.extend(u32::try_from(column.len()).ok()?.to_le_bytes());
        joined.extend_from_slice(column);
    }
    Some(joined)
}

/// The records that were split; `None` if they were not split by [`split`].
pub(super) fn join(columns: &[u8]) -> Option<Vec<u8>> {
    let mut all = Bytes(columns);
    let mut records = Vec::with_capacity(columns.len());
    let mut column = || {
        let length = all.u32()? as usize;
        all.take(length).map(Bytes)
    };
    let (mut tags, mut stamps, mut others) = (column()?, column()?, column()?);
    while let Some(tag) = tags.byte() {
        records.push(tag);
        if is_bare(tag) {
            continue;
        }
        operands(tag, &mut |part| match part {
            Operand::Stamp => varint(&mut stamps, &mut records),
            Operand::Number => varint(&mut others, &mut records),
            Operand::Bytes(count) => {
                records.extend_from_slice(others.take(usize::try_from(count).ok()?)?);
                Some(count)
            }
        })?;
    }
    (stamps.0.is_empty() && others.0.is_empty() && all.0.is_empty()).then_some(records)
}

/// Whether a record is of those that are most of a trace, and has nothing after its tag. [`operands`] says the same.
#[inline]
fn is_bare(tag: u8) -> bool {
    matches!(
        tag >> 3,
        kind::WAKE | kind::POLL_START | kind::POLL_PENDING | kind::POLL_READY
    ) && tag & 7 != FOLLOWS
}

/// A part of a record after its tag.
#[derive(Clone, Copy)]
enum Operand {
    /// A varint of nanoseconds.
    Stamp,
    /// Any other varint.
    Number,
    /// So many bytes as they are.
    Bytes(u64),
}

/// Moves the parts of a record from here to there, in their order; `each` moves one and says what number it was.
///
/// `None` if it fails, or the kind is unknown. See the table of [`encoding`](crate::trace::encoding).
#[inline]
fn operands(tag: u8, each: &mut impl FnMut(Operand) -> Option<u64>) -> Option<()> {
    let small = tag & 7;
    match tag >> 3 {
        kind::POLL_PENDING..=kind::POLL_CANCELLED => {
            if small == FOLLOWS {
                each(Operand::Stamp)?;
            }
        }
        kind::TICK_START | kind::TICK_END | kind::END => {}
        kind::PARK if small != 1 => {}
        kind::PARK | kind::ADVANCE => {
            each(Operand::Stamp)?;
        }
        kind::SPAWN => {
            let flags = if small == FOLLOWS {
                each(Operand::Number)?
            } else {
                small.into()
            };
            for _ in 0..(flags & 1) + (flags >> 1 & 1) {
                each(Operand::Number)?;
            }
        }
        kind::TIMER_SET => {
            number(small, each)?;
            each(Operand::Stamp)?;
        }
        kind::WAIT | kind::WAIT_ALSO => {
            each(Operand::Number)?;
            each(Operand::Number)?;
        }
        kind::RESOURCE..=kind::CALLBACK | kind::DEFINE | kind::MORE => rare(tag >> 3, small, each)?,
        0..kind::RESOURCE | kind::OUTPUT => number(small, each)?,
        _ => return None,
    }
    Some(())
}

/// The records whose parts depend on more than their kind.
fn rare(kind: u8, small: u8, each: &mut impl FnMut(Operand) -> Option<u64>) -> Option<()> {
    match (kind, small) {
        (kind::USE, _) => {
            number(small, each)?;
            each(Operand::Bytes(1))?;
            each(Operand::Number)?;
        }
        (kind::RESOURCE, 0) => {
            each(Operand::Number)?;
            each(Operand::Bytes(1))?;
            for _ in 0..3 {
                each(Operand::Number)?;
            }
        }
        (kind::RESOURCE, 1 | 2) | (kind::CALLBACK | kind::MORE, 1) => {
            each(Operand::Number)?;
        }
        (kind::RESOURCE, 3) => {
            each(Operand::Bytes(1))?;
            each(Operand::Number)?;
        }
        (kind::MORE, 0) => {
            each(Operand::Stamp)?;
        }
        (kind::CALLBACK, 0) => {
            each(Operand::Number)?;
            each(Operand::Number)?;
        }
        (kind::CALLBACK, 2) => {
            each(Operand::Number)?;
            each(Operand::Stamp)?;
        }
        (kind::DEFINE, 0) => {
            let length = each(Operand::Number)?;
            each(Operand::Bytes(length))?;
        }
        (kind::DEFINE, _) => {
            let parts = [0, 3, 2, 11, 4, 3, 0, 0][usize::from(small)];
            for _ in 0..parts {
                each(Operand::Number)?;
            }
        }
        _ => return None,
    }
    Some(())
}

#[inline]
fn number(small: u8, each: &mut impl FnMut(Operand) -> Option<u64>) -> Option<()> {
    if small == FOLLOWS {
        each(Operand::Number)?;
    }
    Some(())
}

/// Copies a varint as it stands, and says what it is.
#[inline]
fn varint(from: &mut Bytes<'_>, to: &mut Vec<u8>) -> Option<u64> {
    if let Some((&byte, rest)) = from.0.split_first().filter(|(byte, _)| **byte < 0x80) {
        from.0 = rest;
        to.push(byte);
        return Some(byte.into());
    }
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = from.byte()?;
        to.push(byte);
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}
