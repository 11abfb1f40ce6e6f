//! Where a trace goes besides the screen: a file, and a ring in memory.

use crate::trace::{RingLog, Writer};

use super::{live_trace::LiveTrace, store::Store};

/// The sinks of a trace that need not be read by anybody.
#[derive(Debug, Default)]
pub(super) struct TraceSink {
    pub(super) store: Option<Store>,
    /// Keeps the newest part of the trace in memory.
    pub(super) ring: Option<RingLog>,
    /// Emptied at every hand-over, and kept for its memory.
    block: Vec<u8>,
}

impl TraceSink {
    pub(super) fn new(store: Option<Store>, ring: Option<RingLog>) -> TraceSink {
        TraceSink {
            store,
            ring,
            block: Vec::new(),
        }
    }

    pub(super) fn is_any(&self) -> bool {
        self.store.is_some() || self.ring.is_some()
    }

    /// Hands what was recorded to all that want it. A file that cannot be written is no reason to stop the run.
    pub(super) fn drain(&mut self, writer: &mut Writer, live: Option<&LiveTrace>) {
        if let (Some(store), None, None) = (&self.store, &self.ring, live) {
            store.push(|to| writer.drain_into(to));
            return;
        }
        self.block.clear();
        writer.drain_into(&mut self.block);
        if let Some(live) = live {
            live.push(|to| to.extend_from_slice(&self.block));
        }
        if let Some(ring) = &mut self.ring {
            ring.push(&self.block);
        }
        if let Some(store) = &self.store {
            store.push(|to| to.extend_from_slice(&self.block));
        }
    }
}
