//! Writing a trace to a file while the run is under way.
//!
//! ```text
//!   loop's thread                 StoreShared                 thread "recording"
//!   Store::send ── copies ───> ByteQueue ───────────────────┐
//!   Store::push ── appends ──> records, at most MAX_WAITING ─┴ takes all ──> FileWriter ──> file
//! ```
//!
//! There are two ways into a store, and each store is used in one of them. A loop whose trace has no
//! other receiver sends its records through a [`byte_queue`], without a lock, because it does so at
//! every poll. All others append to a buffer under a mutex.
//!
//! Neither touches the file, so a slow disk costs the loop nothing until queue or buffer are full;
//! then the loop waits. The recording thread takes the records when there is a block's worth, and on a
//! real clock at least every 250 ms while there are any. Records that were taken are written and flushed
//! at the latest 750 ms later. A program that is killed therefore loses at most about a second of its
//! trace, whether the loop is busy, waits, or is in a poll that does not return.
//!
//! What is flushed is in the cache of the system, and survives the end of the program. To survive a
//! crash of the machine, it has to be on the disk: a [`RecordFile`] is synced at its end, and every
//! few seconds if that was asked for.

mod medium;
mod recording_thread;

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread::{Builder, JoinHandle},
};

use crate::trace::{Meta, Writer};

use super::{
    byte_queue::{ByteSender, byte_queue},
    record_file::RecordFile,
};
use medium::{Medium, Unsynced};
use recording_thread::{BLOCK, EndGuard, Request, StoreShared, ThreadState, wait};

/// The loop waits while the buffer holds this many bytes. This bounds the memory, and slows a loop
/// down to the speed of the disk.
const MAX_WAITING: usize = 1 << 20;

/// How many bytes the queue of [`Store::send`] holds. The loop waits while it is full.
const QUEUE: usize = 1 << 19;

/// The loop removes what it has sent from its own buffer when there are this many bytes.
const MAX_SENT: usize = 1 << 12;

/// A file that a trace is written to while the run is under way.
///
/// A full disk, or any other error, ends the recording but not the run. [`StoreHandle::error`] and
/// [`Store::finish`] then return the error. The part that was written before can be opened.
pub struct Store {
    shared: Arc<StoreShared>,
    sender: ByteSender,
    /// `None` once the thread is joined.
    thread: Option<JoinHandle<()>>,
}

/// Observes, flushes and ends a recording whose [`Store`] belongs to a loop.
#[derive(Clone)]
pub struct StoreHandle {
    shared: Arc<StoreShared>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreHandle").finish_non_exhaustive()
    }
}

impl Store {
    /// Begins a file, and starts the thread that writes it.
    ///
    /// ```
    /// use loopscope::{runtime::Store, trace::Meta};
    ///
    /// let file = std::io::sink(); // or a `File`
    /// let store = Store::new(file, &Meta::default())?;
    /// store.finish()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If no thread can be started. Errors of writing come later, from [`StoreHandle::error`] or
    /// [`Store::finish`].
    pub fn new(to: impl Write + Send + 'static, meta: &Meta) -> io::Result<Store> {
        Store::reporting(to, meta, |_| {})
    }

    /// Like [`Store::new`]. If writing fails, `report` is called with the error at once, on the
    /// recording thread.
    ///
    /// # Errors
    ///
    /// If no thread can be started.
    pub fn reporting(
        to: impl Write + Send + 'static,
        meta: &Meta,
        report: impl FnOnce(&io::Error) + Send + 'static,
    ) -> io::Result<Store> {
        Store::start(Unsynced(to), meta, report)
    }

    /// Like [`Store::reporting`], into a [`RecordFile`], which is synced at its end.
    ///
    /// # Errors
    ///
    /// If no thread can be started.
    pub fn to_file(
        file: RecordFile,
        meta: &Meta,
        report: impl FnOnce(&io::Error) + Send + 'static,
    ) -> io::Result<Store> {
        Store::start(file, meta, report)
    }

    fn start(
        to: impl Medium + Send + 'static,
        meta: &Meta,
        report: impl FnOnce(&io::Error) + Send + 'static,
    ) -> io::Result<Store> {
        let shared = Arc::new(StoreShared {
            state: Mutex::default(),
            notify_at: AtomicU64::new(u64::MAX),
            filled: Condvar::new(),
            done: Condvar::new(),
        });
        let (meta, theirs) = (meta.clone(), Arc::clone(&shared));
        let (sender, receiver) = byte_queue(QUEUE);
        let thread = Builder::new().name("recording".into()).spawn(move || {
            let _end = EndGuard(&theirs);
            if let Err(error) = theirs.write(to, &meta, receiver) {
                report(&error);
                theirs.lock().error = Some(error);
            }
        })?;
        Ok(Store {
            shared,
            sender,
            thread: Some(thread),
        })
    }

    /// Hands over the records of a writer, which is the only one that this store gets records from.
    /// Waits first if the queue is full. The writer may keep records that were sent; all that it has
    /// count as sent.
    #[expect(
        clippy::inline_always,
        reason = "called at every poll: a call would save and restore registers"
    )]
    #[inline(always)]
    pub(super) fn send(&mut self, writer: &mut Writer) {
        let Some(sent) = self.sender.send(writer.pending_bytes()) else {
            return self.send_slowly(writer);
        };
        // A thread that has begun to wait just now may be missed here: it looks once more before it
        // waits for long.
        if sent >= self.shared.notify_at.load(Ordering::Relaxed) {
            self.shared.notify();
        }
        if writer.pending() >= MAX_SENT {
            self.forget(writer);
        }
    }

    /// Removes what was sent from the writer.
    #[inline(never)]
    fn forget(&mut self, writer: &mut Writer) {
        writer.forget(self.sender.forget());
    }

    /// Sends the records as far as there is space, again and again. If the recording has ended,
    /// discards them.
    #[cold]
    fn send_slowly(&mut self, writer: &mut Writer) {
        loop {
            let end = self.sender.space().min(writer.pending());
            let is_all = end == writer.pending();
            let sent = self
                .sender
                .send(writer.pending_bytes().get(..end).unwrap_or_default());
            let mut state = self.shared.lock();
            if state.thread == ThreadState::Ended {
                drop(state);
                self.sender.discard();
                drop(writer.take());
                return;
            }
            self.shared.notify_at.store(u64::MAX, Ordering::Relaxed);
            self.shared.filled.notify_one();
            if is_all && sent.is_some() {
                return;
            }
            state.is_full = true;
            while state.is_full && state.thread != ThreadState::Ended {
                state = wait(&self.shared.done, state);
            }
        }
    }

    /// A handle for another part of the program.
    pub fn handle(&self) -> StoreHandle {
        StoreHandle {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Appends whole records with `fill`. Waits first if the buffer is full. Returns `false` if the
    /// recording has ended; the records are then discarded.
    ///
    /// ```
    /// use loopscope::{runtime::Store, trace::Meta};
    ///
    /// let store = Store::new(std::io::sink(), &Meta::default())?;
    /// let records: &[u8] = &[];
    /// assert!(store.push(|buffer| buffer.extend_from_slice(records)));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn push(&self, fill: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut state = self.shared.lock();
        while state.records.len() >= MAX_WAITING && state.thread != ThreadState::Ended {
            state = wait(&self.shared.done, state);
        }
        fill(&mut state.records);
        match state.thread {
            ThreadState::Ended => {
                state.records.clear();
                return false;
            }
            ThreadState::WaitsForAny => {}
            ThreadState::WaitsForBlock if state.records.len() >= BLOCK => {}
            ThreadState::WaitsForBlock | ThreadState::Writing => return true,
        }
        // Mark the thread as woken, so that the next `push` does not notify it once more.
        state.thread = ThreadState::Writing;
        drop(state);
        self.shared.filled.notify_one();
        true
    }

    /// Writes the remaining records and ends the file.
    ///
    /// # Errors
    ///
    /// What went wrong while writing, now or before.
    pub fn finish(mut self) -> io::Result<()> {
        self.shared.request(Request::Close);
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            return Err(io::Error::other("the recording thread panicked"));
        }
        self.shared
            .lock()
            .error
            .as_ref()
            .map_or(Ok(()), |error| Err(copy(error)))
    }
}

/// Ends the file without waiting until it is written. [`Store::finish`] waits.
impl Drop for Store {
    fn drop(&mut self) {
        self.shared.lock().request = Some(Request::Close);
        self.shared.filled.notify_one();
    }
}

impl StoreHandle {
    /// The error that ended the recording before the run ended, if there was one.
    pub fn error(&self) -> Option<io::Error> {
        self.shared.lock().error.as_ref().map(copy)
    }

    /// Writes everything that was handed over so far to the file, and waits until that is done.
    ///
    /// # Errors
    ///
    /// What went wrong while writing, now or before.
    pub fn flush(&self) -> io::Result<()> {
        self.shared.request(Request::Flush);
        self.error().map_or(Ok(()), Err)
    }

    /// Ends the file with the records that were handed over so far, and waits until the file is
    /// written. Later records are not in the file. Meant for a loop whose poll does not return.
    pub fn close(&self) {
        self.shared.request(Request::Close);
    }
}

/// A copy of an error, which is not `Clone`. The original stays for the handles.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests;
