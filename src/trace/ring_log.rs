//! The newest part of a trace: a flight recorder.

use std::collections::VecDeque;

use super::{Cursor, Event, gap_context::GapContext};

/// Keeps the newest records of a trace, in about so many bytes, and of what came before who is who.
///
/// Records come in blocks and go in blocks. What has gone is a [gap](super::Event::Gap) with its count at the start of what is
/// left, so what is left is a trace like any other.
#[derive(Debug, Default)]
pub struct RingLog {
    /// How many bytes are kept.
    most: usize,
    blocks: VecDeque<Vec<u8>>,
    bytes: usize,
    /// The place where the first block begins.
    start: Cursor,
    /// How many events have gone.
    dropped: u32,
    known: GapContext,
}

/// Small pieces are put together into blocks of this size.
const BLOCK: usize = 1 << 16;

impl RingLog {
    /// Keeps about `most` bytes, and never less than the last block that came in.
    pub fn new(most: usize) -> RingLog {
        RingLog {
            most,
            ..RingLog::default()
        }
    }

    /// How many events have gone.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds whole records.
    pub fn push(&mut self, records: &[u8]) {
        self.bytes += records.len();
        match self.blocks.back_mut() {
            Some(last) if last.len() + records.len() <= BLOCK => last.extend_from_slice(records),
            _ => self.blocks.push_back(records.to_vec()),
        }
        while self.bytes > self.most && self.blocks.len() > 1 {
            if let Some(block) = self.blocks.pop_front() {
                self.bytes -= block.len();
                self.discard(&block);
            }
        }
    }

    /// Goes on behind a block that is thrown away: whole records, from before all that are kept.
    pub(crate) fn discard(&mut self, block: &[u8]) {
        self.start.offset = 0;
        loop {
            if self.start.next_frequent(block).is_some() {
                self.dropped = self.dropped.saturating_add(1);
            } else if let Some(event) = self.start.next_rare(block) {
                // What was missing before is still missing.
                let events = match event {
                    Event::Gap { events } => events,
                    Event::Loop(_)
                    | Event::Task(_)
                    | Event::Timer(_)
                    | Event::Resource(_)
                    | Event::Callback(_)
                    | Event::Output { .. } => 1,
                };
                self.dropped = self.dropped.saturating_add(events);
                self.known.note(&event);
            } else if let Some(definition) = self.start.next_definition(block) {
                self.known.define(&definition);
            } else {
                break;
            }
        }
    }

    /// What is left, as one trace.
    pub fn into_records(self) -> Vec<u8> {
        let mut records = Vec::with_capacity(self.bytes);
        if self.dropped > 0 {
            self.known
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
        let mut tail = RingLog::new(100_000);
        let mut all = Vec::new();
        for round in 0..2_000_u32 {
            let name = writer.intern(&format!("task {}", round / 10));
            let task = writer.spawn(name, LocationId::UNKNOWN, false);
            for _ in 0..100 {
                writer.poll_start(task);
                writer.poll_end(PollOutcome::Pending, 1000);
            }
            let records = writer.take();
            tail.push(&records);
            all.extend(records);
        }
        assert!(tail.bytes() <= 100_000 && tail.dropped() > 100_000);
        let gone = tail.dropped();
        let left = tail.into_records();
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
        assert_eq!(left[1..], all[gone as usize..]);
    }
}
