//! What events a chunk holds: said in its header, and once more in the index.

use super::number::Bytes;
use crate::trace::{Cursor, Moment};

/// The events of one chunk of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChunkRange {
    /// How many events come before it.
    pub(super) first: u64,
    /// How many it holds.
    pub(super) count: u32,
    /// Loop time after its last event.
    pub(super) until: Moment,
    /// The place where it begins, without its offset.
    pub(super) start: Cursor,
}

impl ChunkRange {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut to = Vec::new();
        to.extend(self.first.to_le_bytes());
        to.extend(self.count.to_le_bytes());
        to.extend(self.until.0.to_le_bytes());
        self.start.encode(&mut to);
        to
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<ChunkRange> {
        let mut rest = Bytes(bytes);
        Some(ChunkRange {
            first: rest.u64()?,
            count: rest.u32()?,
            until: Moment(rest.u64()?),
            start: Cursor::decode(rest.0)?,
        })
    }

    /// The event after its last.
    pub(super) fn end(&self) -> u64 {
        self.first.saturating_add(self.count.into())
    }
}

/// A chunk of records and where it begins in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexEntry {
    pub(super) offset: u64,
    pub(super) range: ChunkRange,
}

/// What the last chunks say of the whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChunkIndex {
    /// The chunks of records, in their order.
    pub(super) entries: Vec<IndexEntry>,
    /// Where the tables are.
    pub(super) tables: Option<u64>,
    /// How many events there are.
    pub(super) events: u64,
    /// The place after the last of them.
    pub(super) end: Cursor,
}

impl ChunkIndex {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut to = Vec::new();
        to.extend(self.events.to_le_bytes());
        to.extend(self.tables.unwrap_or_default().to_le_bytes());
        put_part(&mut to, |part| self.end.encode(part));
        for entry in &self.entries {
            to.extend(entry.offset.to_le_bytes());
            put_part(&mut to, |part| part.extend(entry.range.encode()));
        }
        to
    }

    /// Reads an index; `None` if it is not in order.
    pub(super) fn decode(bytes: &[u8]) -> Option<ChunkIndex> {
        let mut rest = Bytes(bytes);
        let events = rest.u64()?;
        let tables = Some(rest.u64()?).filter(|offset| *offset > 0);
        let end = Cursor::decode(part(&mut rest)?)?;
        let mut entries: Vec<IndexEntry> = Vec::new();
        while !rest.0.is_empty() {
            let entry = IndexEntry {
                offset: rest.u64()?,
                range: ChunkRange::decode(part(&mut rest)?)?,
            };
            if let Some(last) = entries.last()
                && (last.offset >= entry.offset || last.range.end() != entry.range.first)
            {
                return None;
            }
            entries.push(entry);
        }
        Some(ChunkIndex {
            entries,
            tables,
            events,
            end,
        })
    }
}

fn put_part(to: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let mut part = Vec::new();
    write(&mut part);
    to.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
    to.extend(part);
}

fn part<'a>(rest: &mut Bytes<'a>) -> Option<&'a [u8]> {
    let length = rest.byte()?.into();
    rest.take(length)
}
