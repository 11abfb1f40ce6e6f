//! Reading a file, chunk by chunk.
//!
//! A recording knows its *place*: the cursor behind the records that it has returned, and the
//! number of events up to there. The next chunk of the index either begins at that place, and is
//! returned as it is, or it begins later, because a chunk between them is damaged. Then a gap leads
//! from the place to that chunk, as [`gap_context`](crate::trace::gap_context) tells.
//!
//! # Very long recordings
//!
//! A replay keeps all records in memory, and an index of about as many bytes. So a recording of more
//! than [`MAX_EVENTS`] events is not returned as a whole: [`Recording::open`] leaves out the chunks
//! in its middle, and a gap of as many events takes their place. [`Recording::leave_out`] chooses
//! another part. A chunk that is left out is not read, so the beginning and the end of a file open
//! as quickly as a short file does, however long it is.

use std::{
    io::{self, Read, Seek},
    ops::Range,
};

use super::{
    Damage, FileError, MAGIC, VERSION,
    chunk::{ChunkSource, FIXED, kind},
    part::Part,
    payload::{ChunkIndex, ChunkRange, IndexEntry, MOST_META, decode_meta, decode_schedule},
};
use crate::trace::{Cursor, Meta, Moment, gap_context::GapContext};

/// The offset of the first chunk.
const START: u64 = MAGIC.len() as u64 + 4;

/// The length of an `END` chunk.
const END: u64 = FIXED as u64 + 8;

/// How many texts and locations all gaps of a file together may define, and `TABLES` may contain, in
/// addition to one for each byte of the file. A gap repeats what its headers count, so without a
/// limit a few bytes could request all of the memory.
const MAX_DEFINITIONS: u64 = 1 << 18;

/// The most events of a file that [`Recording::open`] does not leave out: with their index they take
/// up to 1.6 GB.
pub const MAX_EVENTS: u64 = 1 << 28;

/// A file that is being read. Opening it reads only its two ends.
#[derive(Debug)]
pub struct Recording<R> {
    source: ChunkSource<R>,
    meta: Meta,
    damage: Damage,
    index: ChunkIndex,
    /// The events whose chunks were removed from the index, so that they are not read. The ranges do
    /// not overlap.
    left_out: Vec<Range<u64>>,
    /// A part of the file was asked for, and all of it is read: what is left out is no damage.
    is_chosen: bool,
    /// The entry of the index whose chunk is read next.
    next: usize,
    /// How many events precede the place.
    events: u64,
    /// The cursor behind the records that were returned.
    place: Cursor,
    /// The offset behind the last chunk that was read: chunks do not overlap.
    read_to: u64,
    /// How many texts and locations the gaps so far have defined.
    defined: u64,
    /// The content of the `TABLES` chunk, read for the first gap.
    context: Option<GapContext>,
}

/// The size of a run, known before its records are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overview {
    /// How many events it has.
    pub events: u64,
    /// Loop time at its end.
    pub until: Moment,
    /// How many ticks it has.
    pub ticks: u64,
    /// How many polls it has.
    pub polls: u64,
}

impl<R: Read + Seek> Recording<R> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not a trace, or has no description of its run.
    pub fn open(from: R) -> Result<Recording<R>, FileError> {
        Recording::open_part(from, Part::Whole)
    }

    /// Opens a file of which a part is read.
    ///
    /// # Errors
    ///
    /// Those of [`Recording::open`].
    pub fn open_part(from: R, part: Part) -> Result<Recording<R>, FileError> {
        let mut recording = Recording {
            source: ChunkSource::new(from)?,
            meta: Meta::default(),
            damage: Damage::default(),
            index: ChunkIndex::default(),
            left_out: Vec::new(),
            is_chosen: false,
            next: 0,
            events: 0,
            place: Cursor::START,
            read_to: 0,
            defined: 0,
            context: None,
        };
        let head = recording.source.bytes(0, START)?;
        let version = head.strip_prefix(MAGIC).ok_or(FileError::NotATrace)?;
        let version = version.try_into().map(u32::from_le_bytes);
        match version.map_err(|_| FileError::Damaged)? {
            VERSION => recording.read_ends()?,
            other => return Err(FileError::Version(other)),
        }
        recording.choose(part);
        Ok(recording)
    }

    fn read_ends(&mut self) -> Result<(), FileError> {
        let header = self.source.header(START)?.ok_or(FileError::Damaged)?;
        let after = START + header.total();
        if header.unpacked() > MOST_META {
            return Err(FileError::Description(header.unpacked()));
        }
        let meta = self.source.payload(START, kind::META)?;
        let meta = meta.as_deref().and_then(decode_meta);
        self.meta = meta.ok_or(FileError::Damaged)?;
        self.meta.limit();
        let next = self.source.header(after)?;
        if next.is_some_and(|next| next.unpacked() <= MOST_META)
            && let Some(schedule) = self.source.payload(after, kind::SCHEDULE)?
        {
            self.meta.schedule = decode_schedule(&schedule);
        }
        self.index = match self.index()? {
            Some(index) => index,
            None => self.rebuild_index(after)?,
        };
        Ok(())
    }

    /// Leaves out what is not in the part, and the middle of a part that is too long.
    fn choose(&mut self, part: Part) {
        let all = self.index.events;
        let Range { start, end } = part.of(all);
        if end - start > MAX_EVENTS && part != Part::All {
            self.leave_out(start + MAX_EVENTS / 2..end - MAX_EVENTS / 2);
        } else {
            self.is_chosen = !matches!(part, Part::Whole | Part::All);
        }
        self.leave_out(0..start);
        self.leave_out(end..all);
    }

    /// Does not return the chunks whose events all lie in this range. A gap takes their place. For
    /// chunks that were returned it is too late.
    pub fn leave_out(&mut self, events: Range<u64>) {
        // A chunk without events lies in an empty range, too.
        if events.is_empty() {
            return;
        }
        let lies_inside = |entry: &IndexEntry| {
            events.start <= entry.range.first && entry.range.end() <= events.end
        };
        let from = self
            .index
            .entries
            .partition_point(|entry| entry.range.first < events.start);
        let inside = self.index.entries[from..]
            .iter()
            .take_while(|entry| lies_inside(entry));
        let until = from + inside.count();
        let Some(removed) = self.index.entries.get(from.max(self.next)..until) else {
            return;
        };
        if let (Some(first), Some(last)) = (removed.first(), removed.last()) {
            let new = first.range.first..last.range.end();
            // What was left out between these chunks is part of the new range.
            self.left_out
                .retain(|old| old.end <= new.start || new.end <= old.start);
            self.left_out.push(new);
            self.index.entries.drain(from.max(self.next)..until);
        }
    }

    /// The description of the run.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The description of the run, by value.
    pub fn into_meta(self) -> Meta {
        self.meta
    }

    /// The damage found so far. It is complete when [`Recording::next_records`] has returned
    /// `None`.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// The length of the file.
    pub fn length(&self) -> u64 {
        self.source.length
    }

    /// The size of the run.
    pub fn overview(&self) -> Overview {
        Overview {
            events: self.index.events,
            until: self.index.end.now,
            ticks: self.index.end.ticks,
            polls: self.index.end.polls,
        }
    }

    /// How many events the records to be returned have. One event, the gap, takes the place of those
    /// that are left out.
    pub fn shown_events(&self) -> u64 {
        let left_out = self.left_out.iter().map(|range| range.end - range.start);
        let gaps = self.left_out.len() as u64;
        (self.index.events + gaps).saturating_sub(left_out.sum())
    }

    /// The records of the next chunk, or a gap in place of damaged ones; `None` at the end.
    ///
    /// # Errors
    ///
    /// If the file cannot be read. Damage is not an error.
    pub fn next_records(&mut self) -> io::Result<Option<Vec<u8>>> {
        while let Some(entry) = self.index.entries.get(self.next).cloned() {
            let is_next = self.place.defines_same_as(&entry.range.start);
            if entry.range.first > self.events || !is_next {
                return self.gap(entry.range.first, &entry.range.start);
            }
            self.next += 1;
            // The size of a gap is known only at the next intact chunk, so a damaged one is skipped
            // here.
            if let Some(records) = self.records(&entry)? {
                self.advance_past(&entry.range, &records);
                return Ok(Some(records));
            }
        }
        if self.events < self.index.events {
            let end = self.index.end;
            return self.gap(self.index.events, &end);
        }
        Ok(None)
    }

    /// The records of a chunk; `None` if the chunk is damaged.
    ///
    /// The header is compared first: a payload costs much more than a header, and an index may name
    /// the same bytes many times.
    fn records(&mut self, entry: &IndexEntry) -> io::Result<Option<Vec<u8>>> {
        let header = self.source.header(entry.offset)?;
        let header = header
            .filter(|header| entry.offset >= self.read_to && header.extra == entry.range.encode());
        let Some(header) = header else {
            return Ok(None);
        };
        self.read_to = entry.offset + header.total();
        self.source.payload(entry.offset, kind::RECORDS)
    }

    /// Moves the place behind a chunk that is returned.
    fn advance_past(&mut self, range: &ChunkRange, records: &[u8]) {
        self.events = range.end();
        let next = self.index.entries.get(self.next);
        self.place = if let Some(next) = next.filter(|next| next.range.first == range.end()) {
            next.range.start
        } else {
            let mut place = range.start;
            while place.next_event(records).is_some() {}
            place
        };
    }

    /// The records of a gap from the current place to the event `until`, where the cursor is `to`.
    ///
    /// Both numbers are claims of the file. The gap is refused, and the file ends here, if all gaps
    /// together would define more texts and locations than the file can have lost. Tasks are
    /// declared in runs, which cost nothing to write; a cursor limits their number.
    fn gap(&mut self, until: u64, to: &Cursor) -> io::Result<Option<Vec<u8>>> {
        if let (Some(tables), None) = (self.index.tables, &self.context) {
            let tables = self.source.payload(tables, kind::TABLES)?;
            let most = self.most_definitions();
            self.context = tables.map(|tables| GapContext::decode(&tables, most));
        }
        let (from, missing) = (self.place, until - self.events);
        let left_out = self.left_out_in(self.events..until);
        let damaged = missing.saturating_sub(left_out);
        if !self.is_chosen {
            self.damage.left_out = self.damage.left_out.saturating_add(left_out);
        }
        self.damage.places += u32::from(damaged > 0 || left_out == 0);
        self.damage.missing = self.damage.missing.saturating_add(damaged);
        (self.events, self.place) = (until, *to);
        self.defined = self
            .defined
            .saturating_add(from.gap_size_to(to).unwrap_or(u64::MAX));
        let is_plausible = self.defined <= self.most_definitions();
        if !is_plausible {
            // Without the gap nothing behind it can be read.
            (self.next, self.index.events) = (self.index.entries.len(), 0);
            return Ok(None);
        }
        let mut records = Vec::new();
        let context = self.context.get_or_insert_default();
        context.write_gap(&from, to, missing, &mut records);
        Ok(Some(records))
    }

    fn most_definitions(&self) -> u64 {
        self.source.length.saturating_add(MAX_DEFINITIONS)
    }

    /// How many events of a range were left out.
    fn left_out_in(&self, events: Range<u64>) -> u64 {
        let overlaps = self.left_out.iter().map(|left_out| {
            let (start, end) = (
                left_out.start.max(events.start),
                left_out.end.min(events.end),
            );
            end.saturating_sub(start)
        });
        overlaps.sum()
    }

    /// The index at the end of the file, if it is intact.
    fn index(&mut self) -> io::Result<Option<ChunkIndex>> {
        let Some(end) = self.source.length.checked_sub(END) else {
            return Ok(None);
        };
        let end = self.source.header(end)?;
        let extra = end.filter(|header| header.kind == kind::END);
        let offset = extra.and_then(|header| header.extra.try_into().ok());
        let Some(offset) = offset.map(u64::from_le_bytes) else {
            return Ok(None);
        };
        let index = self.source.payload(offset, kind::INDEX)?;
        Ok(index.as_deref().and_then(ChunkIndex::decode))
    }

    /// The index of a file that has none, made by going from header to header.
    fn rebuild_index(&mut self, start: u64) -> io::Result<ChunkIndex> {
        let mut index = ChunkIndex::default();
        let mut offset = start;
        self.damage.unfinished = true;
        while offset < self.source.length {
            let Some(header) = self.source.header(offset)? else {
                offset = self.source.next_header(offset + 1)?;
                continue;
            };
            if offset + header.total() > self.source.length {
                break;
            }
            match header.kind {
                kind::RECORDS => index.add(offset, &header.extra),
                kind::TABLES => index.tables = Some(offset),
                kind::END => self.damage.unfinished = false,
                _ => {}
            }
            offset += header.total();
        }
        Ok(index)
    }
}

impl ChunkIndex {
    /// Adds a chunk, unless its events overlap with those before.
    fn add(&mut self, offset: u64, extra: &[u8]) {
        if let Some(range) = ChunkRange::decode(extra).filter(|range| range.first >= self.events) {
            self.events = range.end();
            self.end = range.start;
            self.end.now = range.until;
            self.entries.push(IndexEntry { offset, range });
        }
    }
}
