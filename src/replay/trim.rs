//! A trace that must not take more than so much memory: the oldest part of it is thrown away.

use crate::trace::{Log, Position, RingLog};

use super::{BLOCK, Replay};

impl Replay {
    /// From now on [`Replay::trim`] keeps it to about so many bytes, with what is worked out from the trace.
    pub fn limit(&mut self, bytes: usize) {
        self.limit = Some(bytes);
    }

    /// Throws the oldest events away if there is a limit and it is passed: so many that there is room again for a while.
    /// What has gone is a [gap](crate::trace::Event::Gap) with its count at the start.
    ///
    /// Returns by how much all positions are lower now. What was at a position that has gone is at the gap.
    pub fn trim(&mut self) -> u32 {
        let taken = self.log.bytes.len() + self.index.bytes();
        let Some(limit) = self.limit.filter(|limit| taken > *limit) else {
            return 0;
        };
        // A half goes, by the bytes of the records: what is worked out from them takes its share.
        let keep = u128::from(self.log.bytes.len() as u64) * (limit as u128 / 2) / taken as u128;
        let keep = usize::try_from(keep).unwrap_or(0);
        let from = self.log.bytes.len().saturating_sub(keep);
        let bookmarks = &self.index.bookmarks;
        let block = bookmarks.partition_point(|cursor| cursor.offset < from);
        let Some(cut) = bookmarks.get(block).filter(|_| block > 0) else {
            return 0;
        };
        let (gone, kept) = self.log.bytes.split_at(cut.offset);
        let mut tail = RingLog::new(0);
        tail.discard(gone);
        tail.push(kept);
        let here = self.position();
        let limit = self.limit;
        let log = Log {
            bytes: tail.into_records(),
            meta: std::mem::take(&mut self.log.meta),
        };
        *self = Replay::new(log);
        self.limit = limit;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are fewer blocks than events"
        )]
        // The gap is an event itself.
        let lower = block as u32 * BLOCK - 1;
        self.seek(Position(here.0.saturating_sub(lower).max(1)));
        lower
    }
}
