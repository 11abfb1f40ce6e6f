//! The flight recorder: a log of the newest records, in a limited amount of memory.

use std::collections::VecDeque;

use super::{Cursor, Event, gap_context::GapContext};

/// Keeps the newest records of a trace, and the context of the discarded ones.
///
/// Records are added and discarded in blocks. [`RingLog::into_records`] puts a [gap](Event::Gap) in
/// place of the discarded events, so the result is a trace like any other.
#[derive(Debug, Default)]
pub struct RingLog {
    /// About how many bytes are kept.
    limit: usize,
    blocks: VecDeque<Vec<u8>>,
    bytes: usize,
    /// The place at which the first block begins.
    start: Cursor,
    /// How many events have been discarded.
    dropped: u64,
    context: GapContext,
}

/// Small pieces are joined into blocks of at most this size.
const BLOCK: usize = 1 << 16;

impl RingLog {
    /// Keeps about `limit` bytes, and at least the last block that was added.
    pub fn new(limit: usize) -> RingLog {
        RingLog {
            limit,
            ..RingLog::default()
        }
    }

    /// How many events have been discarded.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds whole records, and discards the oldest blocks beyond the limit.
    pub fn push(&mut self, records: &[u8]) {
        self.bytes += records.len();
        match self.blocks.back_mut() {
            Some(last) if last.len() + records.len() <= BLOCK => last.extend_from_slice(records),
            _ => self.blocks.push_back(records.to_vec()),
        }
        while self.bytes > self.limit && self.blocks.len() > 1 {
            if let Some(block) = self.blocks.pop_front() {
                self.bytes -= block.len();
                self.discard(&block);
            }
        }
    }

    /// Reads over a block that precedes all that are kept, for the context and the count of a gap.
    pub(crate) fn discard(&mut self, block: &[u8]) {
        self.start.offset = 0;
        loop {
            if self.start.next_frequent(block).is_some() {
                self.dropped = self.dropped.saturating_add(1);
            } else if let Some(event) = self.start.next_rare(block) {
                // A gap among the discarded records stands for all of its events.
                let events = if let Event::Gap { events } = event {
                    events
                } else {
                    1
                };
                self.dropped = self.dropped.saturating_add(events);
                self.context.add_event(&event);
            } else if let Some(definition) = self.start.next_definition(block) {
                self.context.add_definition(&definition);
            } else {
                break;
            }
        }
    }

    /// The kept records as one trace, with a gap in front if events were discarded.
    pub fn into_records(self) -> Vec<u8> {
        let mut records = Vec::with_capacity(self.bytes);
        if self.dropped > 0 {
            self.context
                .write_gap(&Cursor::START, &self.start, self.dropped, &mut records);
        }
        for block in self.blocks {
            records.extend(block);
        }
        records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{LocationId, PollOutcome, Writer};

    #[test]
    fn the_newest_part_is_left_with_a_gap_in_front() {
        let mut writer = Writer::new();
        let mut ring = RingLog::new(100_000);
        let mut all = Vec::new();
        for round in 0..2_000_u32 {
            let name = writer.intern(&format!("task {}", round / 10));
            let task = writer.spawn(name, LocationId::UNKNOWN, false);
            for _ in 0..100 {
                writer.poll_start(task);
                writer.poll_end(PollOutcome::Pending, 1000);
            }
            let records = writer.take();
            ring.push(&records);
            all.extend(records);
        }
        assert!(ring.bytes() <= 100_000 && ring.dropped() > 100_000);
        let gone = ring.dropped();
        let left = ring.into_records();
        let events = |bytes: &[u8]| {
            let mut cursor = Cursor::START;
            let mut events = Vec::new();
            while let Some(event) = cursor.next_event(bytes) {
                events.push((event, cursor.now));
            }
            assert_eq!(cursor.offset, bytes.len());
            events
        };
        let (all, left) = (events(&all), events(&left));
        assert_eq!(left[0].0, Event::Gap { events: gone });
        assert_eq!(left[1..], all[usize::try_from(gone).unwrap()..]);
    }
}
