//! Where else a trace goes while it grows than to whoever reads along.

use crate::trace::{RingLog, Writer};

use super::{live_trace::LiveTrace, store::Store};

/// A file, and the newest part in memory.
#[derive(Debug, Default)]
pub(in crate::runtime) struct TraceSink {
    /// A file.
    pub(in crate::runtime) store: Option<Store>,
    /// The newest part of it, kept in memory.
    pub(in crate::runtime) tail: Option<RingLog>,
}

impl TraceSink {
    pub(in crate::runtime) fn is_any(&self) -> bool {
        self.store.is_some() || self.tail.is_some()
    }

    /// Hands what was written to all who want it.
    #[cold]
    pub(in crate::runtime) fn drain(&mut self, writer: &mut Writer, live: Option<&LiveTrace>) {
        let mut block = self.store.as_ref().map_or_else(Vec::new, Store::block);
        writer.drain_into(&mut block);
        if let Some(live) = live {
            live.give(|to| to.extend_from_slice(&block));
        }
        if let Some(tail) = &mut self.tail {
            tail.push(&block);
        }
        if let Some(store) = &self.store {
            // Where it cannot be written any more, the run goes on all the same.
            store.give(block);
        }
    }
}
