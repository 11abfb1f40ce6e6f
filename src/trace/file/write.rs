//! Writing a file while the run is in progress.

use std::io::{self, Write};

use super::{
    MAGIC, VERSION,
    chunk::{self, kind},
    columns::Columns,
    payload::{ChunkIndex, ChunkRange, IndexEntry, encode_meta},
};
use crate::trace::{Cursor, Meta, gap_context::GapContext, varint::Reader};

/// The most events in a chunk, and so the most that a damaged chunk costs.
pub const CHUNK_EVENTS: u32 = 1 << 15;

/// The most bytes of records in a chunk. A single longer record gets a chunk of its own.
const CHUNK_BYTES: usize = 1 << 20;

/// Writes a trace into a file piece by piece.
///
/// A chunk ends after [`CHUNK_EVENTS`] events, in whatever pieces the records arrive, so the same
/// run gives the same file. Only [`FileWriter::flush`] ends a chunk earlier.
#[derive(Debug)]
pub struct FileWriter<W: Write> {
    to: W,
    /// How many bytes have been written.
    offset: u64,
    /// Records that are not in a chunk yet.
    waiting: Vec<u8>,
    /// The place up to which they have been decoded.
    cursor: Cursor,
    /// The place at which the next chunk begins.
    start: Cursor,
    /// How many events that chunk has so far.
    count: u32,
    context: GapContext,
    /// The records of that chunk, in columns. They are split while they are decoded.
    columns: Columns,
    index: ChunkIndex,
}

impl<W: Write> FileWriter<W> {
    /// Begins a file: magic, version, and the description of the run.
    pub fn new(mut to: W, meta: &Meta) -> io::Result<FileWriter<W>> {
        to.write_all(MAGIC)?;
        to.write_all(&VERSION.to_le_bytes())?;
        let mut file = FileWriter {
            to,
            offset: MAGIC.len() as u64 + 4,
            waiting: Vec::new(),
            cursor: Cursor::START,
            start: Cursor::START,
            count: 0,
            context: GapContext::default(),
            columns: Columns::default(),
            index: ChunkIndex::default(),
        };
        file.chunk(kind::META, &[], &encode_meta(meta))?;
        if !meta.schedule.is_empty() {
            file.chunk(kind::SCHEDULE, &[], meta.schedule.to_string().as_bytes())?;
        }
        file.to.flush()?;
        Ok(file)
    }

    /// Adds records. The end of `bytes` need not be the end of a record.
    pub fn records(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.waiting.extend_from_slice(bytes);
        while self.decode_chunk() {
            self.cut()?;
        }
        self.waiting.drain(..self.start.offset);
        self.cursor.offset -= self.start.offset;
        self.start.offset = 0;
        Ok(())
    }

    /// Decodes the waiting records up to the end of the chunk. Returns whether the chunk is
    /// complete.
    fn decode_chunk(&mut self) -> bool {
        // A chunk ends behind an event: definitions stay with the event after them, because losses
        // are counted in events.
        let last = self.start.offset + CHUNK_BYTES;
        // The compiler keeps these copies in registers.
        let (mut cursor, mut count) = (self.cursor, self.count);
        let (waiting, columns) = (self.waiting.as_slice(), &mut self.columns);
        let is_full = loop {
            if (count >= CHUNK_EVENTS || cursor.offset >= last) && count > 0 {
                break true;
            }
            let from = cursor.offset;
            if cursor.next_frequent(waiting).is_some() {
                count += 1;
                columns.push_frequent(&waiting[from..cursor.offset]);
                continue;
            }
            if let Some(event) = cursor.next_rare(waiting) {
                count += 1;
                self.context.add_event(&event);
            } else if let Some(definition) = cursor.next_definition(waiting) {
                self.context.add_definition(&definition);
            } else {
                break false;
            }
            // What the cursor can read is in the table.
            let split = columns.push(&mut Reader::new(&waiting[from..cursor.offset]));
            debug_assert!(split.is_some());
        };
        (self.cursor, self.count) = (cursor, count);
        is_full
    }

    /// What the file is written to.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.to
    }

    /// How many events are not in a chunk yet.
    pub fn pending(&self) -> u32 {
        self.count
    }

    /// The length of the file so far.
    pub fn written(&self) -> u64 {
        self.offset
    }

    /// Ends the chunk that is growing, and flushes the file.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.count > 0 {
            self.cut()?;
        }
        self.to.flush()
    }

    /// Ends the file with the tables, the index and the end chunk. Bytes that are not records are
    /// kept in a chunk of their own.
    pub fn finish(mut self) -> io::Result<W> {
        self.cut()?;
        let nonsense = self.waiting.split_off(self.cursor.offset);
        if !nonsense.is_empty() {
            self.records_chunk(&nonsense, None)?;
        }
        let tables = self.context.encode();
        self.index.tables = Some(self.offset);
        self.chunk(kind::TABLES, &[], &tables)?;
        self.index.end = self.cursor;
        let index = self.index.encode();
        let at = self.offset;
        self.chunk(kind::INDEX, &[], &index)?;
        self.chunk(kind::END, &at.to_le_bytes(), &[])?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn length(&self) -> usize {
        self.cursor.offset - self.start.offset
    }

    /// Writes the chunk that is growing, unless it is empty.
    fn cut(&mut self) -> io::Result<()> {
        if self.length() == 0 {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let records = waiting.get(self.start.offset..self.cursor.offset);
        let columns = self.columns.joined();
        self.columns.clear();
        let result = self.records_chunk(records.unwrap_or_default(), columns.as_deref());
        self.waiting = waiting;
        self.start = self.cursor;
        self.count = 0;
        result
    }

    fn records_chunk(&mut self, records: &[u8], columns: Option<&[u8]>) -> io::Result<()> {
        let range = ChunkRange {
            first: self.index.events,
            count: self.count,
            until: self.cursor.now,
            start: self.start,
        };
        let extra = range.encode();
        let offset = self.offset;
        self.offset += chunk::write_records(&mut self.to, &extra, records, columns)?;
        self.index.events += u64::from(range.count);
        self.index.entries.push(IndexEntry { offset, range });
        Ok(())
    }

    fn chunk(&mut self, kind: u8, extra: &[u8], payload: &[u8]) -> io::Result<()> {
        self.offset += chunk::write(&mut self.to, kind, extra, payload)?;
        Ok(())
    }
}
