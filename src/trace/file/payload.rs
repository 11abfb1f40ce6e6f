//! The content of the chunks that are not records: the description of the run, the range of events
//! in a chunk, and the index.
//!
//! Fields are little-endian numbers of a fixed width; texts and lists have their length in front.

use crate::trace::{ClockKind, Cursor, Meta, Moment, Schedule, log::MOST_PAIRS, sanitized};

/// The maximum length of an unpacked `META` or `SCHEDULE` payload.
pub(super) const MOST_META: u32 = 1 << 24;

/// A description with more parameters or source files than this is broken.
const MOST_CLAIMED: usize = 1 << 16;

/// The payload of a `META` chunk. Parameters and source files beyond the limits are left out.
pub(super) fn encode_meta(meta: &Meta) -> Vec<u8> {
    let mut to = Vec::new();
    for text in [&meta.scenario, &meta.variant, &meta.title] {
        put_text(&mut to, text);
    }
    put_text(&mut to, meta.clock.as_str());
    to.extend(meta.seed.to_le_bytes());
    for pairs in [&meta.params, &meta.sources] {
        let mut left = (MOST_META as usize / 2).saturating_sub(to.len() / 2);
        let fits = |(key, value): &&(String, String)| {
            let length = key.len() + value.len() + 8;
            let fits = length <= left;
            left = left.saturating_sub(length);
            fits
        };
        let pairs: Vec<_> = pairs.iter().take(MOST_PAIRS).filter(fits).collect();
        put_length(&mut to, pairs.len());
        for (key, value) in pairs {
            put_text(&mut to, key);
            put_text(&mut to, value);
        }
    }
    put_text(&mut to, meta.tick_policy.as_str());
    to
}

/// Reads the payload of a `META` chunk; `None` if it is cut off.
pub(super) fn decode_meta(payload: &[u8]) -> Option<Meta> {
    let mut rest = FieldReader(payload);
    Some(Meta {
        scenario: rest.text()?,
        variant: rest.text()?,
        title: rest.text()?,
        clock: rest.text()?.parse().unwrap_or(ClockKind::Real),
        seed: rest.u64()?,
        params: rest.pairs()?,
        sources: rest.pairs()?,
        schedule: Schedule::default(),
        unknown: Vec::new(),
        tick_policy: rest
            .text()
            .and_then(|name| name.parse().ok())
            .unwrap_or_default(),
    })
}

/// Reads the payload of a `SCHEDULE` chunk. A broken one is ignored: the schedule explains the
/// order of the polls, but the events have that order without it.
pub(super) fn decode_schedule(payload: &[u8]) -> Schedule {
    let text = String::from_utf8_lossy(payload);
    text.parse().unwrap_or_default()
}

/// The events of one chunk of records. It is written twice: in the header of the chunk, and in the
/// index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChunkRange {
    /// How many events precede the chunk.
    pub(super) first: u64,
    /// How many events the chunk has.
    pub(super) count: u32,
    /// Loop time after its last event.
    pub(super) until: Moment,
    /// The state of a cursor at the start of the chunk, without its offset.
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
        let mut rest = FieldReader(bytes);
        Some(ChunkRange {
            first: rest.u64()?,
            count: rest.u32()?,
            until: Moment(rest.u64()?),
            start: Cursor::decode(rest.0)?,
        })
    }

    /// How many events precede the next chunk.
    pub(super) fn end(&self) -> u64 {
        self.first.saturating_add(self.count.into())
    }
}

/// A chunk of records and its offset in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexEntry {
    pub(super) offset: u64,
    pub(super) range: ChunkRange,
}

/// The content of the `INDEX` chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChunkIndex {
    /// The chunks of records, in order.
    pub(super) entries: Vec<IndexEntry>,
    /// The offset of the `TABLES` chunk, if there is one.
    pub(super) tables: Option<u64>,
    /// How many events the file has.
    pub(super) events: u64,
    /// The state of a cursor behind the last event.
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

    /// Reads an index; `None` if it is cut off, or if its entries are not one after the other.
    pub(super) fn decode(bytes: &[u8]) -> Option<ChunkIndex> {
        let mut rest = FieldReader(bytes);
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

fn part<'a>(rest: &mut FieldReader<'a>) -> Option<&'a [u8]> {
    let length = rest.byte()?.into();
    rest.take(length)
}

fn put_length(to: &mut Vec<u8>, length: usize) {
    to.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(to: &mut Vec<u8>, text: &str) {
    put_length(to, text.len());
    to.extend_from_slice(text.as_bytes());
}

/// Reads fixed-width fields from the front of bytes. Every method returns `None`, and takes
/// nothing, if there are too few.
pub(super) struct FieldReader<'a>(pub(super) &'a [u8]);

impl<'a> FieldReader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A text. Except for line breaks and tabs, characters that are not safe to show become U+FFFD.
    pub(super) fn text(&mut self) -> Option<String> {
        let length = self.u32()? as usize;
        let text = String::from_utf8_lossy(self.take(length)?);
        Some(sanitized(&text, "\n\t"))
    }

    pub(super) fn pairs(&mut self) -> Option<Vec<(String, String)>> {
        let count = self.u32()?;
        if count as usize > MOST_CLAIMED {
            return None;
        }
        (0..count)
            .map(|_| Some((self.text()?, self.text()?)))
            .collect()
    }
}
