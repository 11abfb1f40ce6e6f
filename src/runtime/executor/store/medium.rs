//! What a recording is written to, and when it is synced.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use crate::runtime::executor::record_file::RecordFile;

/// What a trace is written to.
pub(super) trait Medium: Write {
    /// Waits until what was written survives a crash of the machine.
    fn sync(&mut self) -> io::Result<()>;
    /// How often to do so; `None` for only at the end.
    fn sync_every(&self) -> Option<Duration>;
}

impl Medium for RecordFile {
    fn sync(&mut self) -> io::Result<()> {
        RecordFile::sync(self)
    }

    fn sync_every(&self) -> Option<Duration> {
        RecordFile::sync_every(self)
    }
}

/// A writer without a sync: it is not a file, or its caller syncs it.
pub(super) struct Unsynced<W>(pub(super) W);

impl<W: Write> Write for Unsynced<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write> Medium for Unsynced<W> {
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync_every(&self) -> Option<Duration> {
        None
    }
}

/// Says when a file has to be synced.
///
/// `since` is when the oldest bytes that are not synced were taken; `None` if all are, or if the
/// file is synced only at its end.
pub(super) struct SyncClock {
    every: Option<Duration>,
    pub(super) since: Option<Instant>,
}

impl SyncClock {
    pub(super) fn new(to: &impl Medium) -> SyncClock {
        SyncClock {
            every: to.sync_every(),
            since: None,
        }
    }

    /// Notes that records were taken.
    pub(super) fn written(&mut self) {
        if self.every.is_some() {
            self.since.get_or_insert_with(now);
        }
    }

    /// Whether to sync now. The caller does so.
    pub(super) fn is_due(&mut self) -> bool {
        let (Some(every), Some(since)) = (self.every, self.since) else {
            return false;
        };
        let is_due = now() - since >= every;
        if is_due {
            self.since = None;
        }
        is_due
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long records have waited is no matter of loop time"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
