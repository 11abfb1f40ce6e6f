//! Writing a trace to a file while the run goes on, on a thread of its own: the loop only hands over blocks of bytes.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender},
    },
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

use crate::trace::{ClockKind, Meta, file::FileWriter};

/// How many blocks may wait to be written. Whoever has one more waits: memory is bounded, at the speed of the disk.
const MOST_WAITING: usize = 64;

/// What was handed over is in the file after this at the latest, so that a kill costs less than a second. On a virtual
/// clock chunks are cut by their events alone: the same run is to give the same file.
const LATEST: Duration = Duration::from_millis(500);

/// The writing end of a file that a trace goes into as it grows.
///
/// A disk that is full, or any other error, ends the recording and nothing else: [`Store::give`] then says so, and
/// [`Store::finish`] says why. What was written before can be opened.
pub struct Store {
    blocks: SyncSender<Vec<u8>>,
    /// Emptied blocks come back, to be filled again.
    emptied: Receiver<Vec<u8>>,
    error: Arc<Mutex<Option<String>>>,
    thread: JoinHandle<io::Result<()>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Begins a file. Errors of writing come later; this one is that no thread can be started.
    pub fn new(to: impl Write + Send + 'static, meta: &Meta) -> io::Result<Store> {
        let (blocks, waiting) = mpsc::sync_channel(MOST_WAITING);
        let (back, emptied) = mpsc::channel();
        let error = Arc::new(Mutex::new(None));
        let (meta, failed) = (meta.clone(), Arc::clone(&error));
        let thread = Builder::new().name("recording".into()).spawn(move || {
            let result = write(to, &meta, &waiting, &back);
            if let Err(error) = &result {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
            }
            result
        })?;
        Ok(Store {
            blocks,
            emptied,
            error,
            thread,
        })
    }

    /// Hands over whole records. Returns whether they will be written: if not, the recording has ended before.
    pub fn give(&self, records: Vec<u8>) -> bool {
        records.is_empty() || self.blocks.send(records).is_ok()
    }

    /// An empty block to be filled: one that was given before, if it has been written.
    pub fn block(&self) -> Vec<u8> {
        self.emptied.try_recv().unwrap_or_default()
    }

    /// Why the recording has ended before the run, if it has.
    pub fn error(&self) -> Option<String> {
        self.error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Writes what is left and ends the file.
    ///
    /// # Errors
    ///
    /// What went wrong, now or before.
    pub fn finish(self) -> io::Result<()> {
        drop(self.blocks);
        self.thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the recording thread failed")))
    }
}

/// Takes blocks until nobody has any more.
fn write(
    to: impl Write,
    meta: &Meta,
    blocks: &Receiver<Vec<u8>>,
    emptied: &Sender<Vec<u8>>,
) -> io::Result<()> {
    let mut file = FileWriter::new(to, meta)?;
    let mut flushed = now();
    let is_real = meta.clock == ClockKind::Real;
    loop {
        let left = LATEST.saturating_sub(now() - flushed);
        let wait = if is_real && file.pending() > 0 {
            blocks.recv_timeout(left)
        } else {
            blocks.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match wait {
            Ok(mut block) => {
                if file.pending() == 0 {
                    flushed = now();
                }
                file.records(&block)?;
                block.clear();
                // Nobody may want it back.
                let _ = emptied.send(block);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return file.finish().map(drop),
        }
        if is_real && now() - flushed >= LATEST {
            file.flush()?;
            flushed = now();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how old what is not yet in the file is, is no matter of loop time"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{TaskId, Writer, file};

    /// A disk with room for so many bytes.
    struct Disk {
        room: usize,
        held: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room);
            if count == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= count;
            self.held.lock().unwrap().extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn records(polls: u32) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(1);
        let mut writer = Writer::new();
        let name = writer.intern("main");
        writer.spawn(name, crate::trace::LocationId::UNKNOWN, false);
        for _ in 0..polls {
            writer.poll_start(TaskId(0));
            writer.poll_end(crate::trace::PollOutcome::Pending, random.u64(..));
        }
        writer.take()
    }

    #[test]
    fn a_full_disk_ends_the_recording_and_what_was_written_opens() {
        let all = records(200_000);
        for room in [0, 10, 5_000, 400_000] {
            let held = Arc::default();
            let disk = Disk {
                room,
                held: Arc::clone(&held),
            };
            let store = Store::new(disk, &Meta::default()).unwrap();
            let all_written = all.chunks(10_000).all(|part| store.give(part.to_vec()));
            let error = store.finish().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(!all_written || room < 10, "nobody was told");
            let held = held.lock().unwrap();
            if room > 4_000 {
                let (log, damage) = file::read(held.as_slice()).unwrap();
                assert!(all.starts_with(&log.bytes));
                assert!(damage.unwrap().unfinished);
                assert_eq!(log.bytes.is_empty(), room < 100_000);
            }
        }
    }
}
