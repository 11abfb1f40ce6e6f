//! Reading a file, chunk by chunk.

use std::io::{self, Read, Seek};

use super::{
    Damage, FileError, MAGIC, VERSION,
    chunk::{FIXED, kind},
    index::{ChunkIndex, ChunkRange, IndexEntry},
    meta,
    source::Source,
};
use crate::trace::{Cursor, Meta, Moment, gap_context::GapContext};

/// Where the first chunk begins.
const START: u64 = MAGIC.len() as u64 + 4;

/// The bytes of the chunk `END`.
const END: u64 = FIXED as u64 + 8;

/// The most texts, places and tasks that a gap in the smallest of files may hide.
const MOST_HIDDEN: u64 = 1 << 18;

/// A file that is being read. Opening it reads its ends only.
#[derive(Debug)]
pub struct Recording<R> {
    source: Source<R>,
    meta: Meta,
    damage: Damage,
    index: ChunkIndex,
    /// The next chunk to be read.
    next: usize,
    /// How many events come before what is handed over next.
    events: u64,
    /// The place behind what was handed over.
    place: Cursor,
    /// What the tables say, once they were needed.
    known: Option<GapContext>,
}

/// What is known of the whole run before it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// How many events there are.
    pub events: u64,
    /// Loop time at the end.
    pub until: Moment,
    /// How many ticks and polls there are.
    pub ticks: u32,
    /// How many polls there are.
    pub polls: u32,
}

impl<R: Read + Seek> Recording<R> {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is no trace, or does not say what run it is of.
    pub fn open(from: R) -> Result<Recording<R>, FileError> {
        let mut recording = Recording {
            source: Source::new(from)?,
            meta: Meta::default(),
            damage: Damage::default(),
            index: ChunkIndex::default(),
            next: 0,
            events: 0,
            place: Cursor::START,
            known: None,
        };
        let head = recording.source.bytes(0, START)?;
        let version = head.strip_prefix(MAGIC).ok_or(FileError::NotATrace)?;
        let version = version.try_into().map(u32::from_le_bytes);
        match version.map_err(|_| FileError::Damaged)? {
            VERSION => recording.read_ends()?,
            other => return Err(FileError::Version(other)),
        }
        Ok(recording)
    }

    fn read_ends(&mut self) -> Result<(), FileError> {
        let header = self.source.header(START)?.ok_or(FileError::Damaged)?;
        let after = START + header.total();
        let meta = self.source.payload(START, kind::META)?;
        let meta = meta.as_deref().and_then(meta::decode);
        self.meta = meta.ok_or(FileError::Damaged)?;
        if let Some(schedule) = self.source.payload(after, kind::SCHEDULE)? {
            self.meta.schedule = meta::schedule(&schedule);
        }
        self.index = match self.index()? {
            Some(index) => index,
            None => self.walk(after)?,
        };
        Ok(())
    }

    /// What run it is of.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// What run it is of, when that is all that is wanted any more.
    pub fn into_meta(self) -> Meta {
        self.meta
    }

    /// What has been found to be wrong so far. It is complete once all was read.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// What is known of the whole run.
    pub fn overview(&self) -> Overview {
        Overview {
            events: self.index.events,
            until: self.index.end.now,
            ticks: self.index.end.ticks,
            polls: self.index.end.polls,
        }
    }

    /// The records of the next chunk, or a gap in place of it; none at the end.
    ///
    /// # Errors
    ///
    /// If the file cannot be read. That it makes no sense is no error.
    pub fn next_records(&mut self) -> io::Result<Option<Vec<u8>>> {
        while let Some(entry) = self.index.entries.get(self.next).cloned() {
            let hidden = self.place.gap_size_to(&entry.range.start);
            if entry.range.first > self.events || hidden != Some(0) {
                return self.gap(entry.range.first, &entry.range.start);
            }
            self.next += 1;
            // What is missing is told when the next whole chunk says how much it is.
            if let Some((header, records)) = self.source.chunk(entry.offset)?
                && header.extra == entry.range.encode()
            {
                self.passed(&entry.range, &records);
                return Ok(Some(records));
            }
        }
        if self.events < self.index.events {
            let end = self.index.end;
            return self.gap(self.index.events, &end);
        }
        Ok(None)
    }

    /// Goes behind a chunk that is handed over.
    fn passed(&mut self, range: &ChunkRange, records: &[u8]) {
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

    /// The records of a gap that goes on to an event, and to a place.
    fn gap(&mut self, until: u64, to: &Cursor) -> io::Result<Option<Vec<u8>>> {
        if let (Some(tables), None) = (self.index.tables, &self.known) {
            let tables = self.source.payload(tables, kind::TABLES)?;
            self.known = tables.as_deref().map(GapContext::decode);
        }
        let (from, missing) = (self.place, until - self.events);
        self.damage.places += 1;
        self.damage.missing = self.damage.missing.saturating_add(missing);
        (self.events, self.place) = (until, *to);
        let most = self.source.length.saturating_mul(255) + MOST_HIDDEN;
        let believable = from.gap_size_to(to).is_some_and(|hidden| hidden <= most);
        let (Ok(missing), true) = (u32::try_from(missing), believable) else {
            // Nothing behind it can be read.
            (self.next, self.index.events) = (self.index.entries.len(), 0);
            return Ok(None);
        };
        let mut records = Vec::new();
        let known = self.known.get_or_insert_default();
        known.write_gap(&from, to, missing, &mut records);
        Ok(Some(records))
    }

    /// The index, if the file has a whole one.
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

    /// What an index would say, from header to header.
    fn walk(&mut self, start: u64) -> io::Result<ChunkIndex> {
        let mut index = ChunkIndex::default();
        let mut offset = start;
        self.damage.unfinished = true;
        while offset < self.source.length {
            let Some(header) = self.source.header(offset)? else {
                offset = self.source.next_marker(offset + 1)?;
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
    /// Adds a chunk that was met on the way, unless it is no continuation of those before.
    fn add(&mut self, offset: u64, extra: &[u8]) {
        if let Some(range) = ChunkRange::decode(extra).filter(|range| range.first >= self.events) {
            self.events = range.end();
            self.end = range.start;
            self.end.now = range.until;
            self.entries.push(IndexEntry { offset, range });
        }
    }
}
