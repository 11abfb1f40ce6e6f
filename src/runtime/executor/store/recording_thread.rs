//! The recording thread, and what it shares with the loop and the handles.

use std::{
    io, mem,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering, fence},
    },
    time::Duration,
};

use crate::{
    runtime::executor::byte_queue::ByteReceiver,
    trace::{ClockKind, Meta, file::FileWriter},
};

use super::medium::{Medium, SyncClock, now};

/// The recording thread takes the buffer when it holds this many bytes.
pub(super) const BLOCK: usize = 1 << 14;

/// On a real clock, records are in the buffer no longer than this.
const TAKE_EVERY: Duration = Duration::from_millis(250);

/// On a real clock, records wait no longer than this for their chunk to be full. On a virtual clock
/// only the number of events ends a chunk, so that the same run gives the same file.
const FLUSH_AFTER: Duration = Duration::from_millis(500);

pub(super) struct StoreShared {
    pub(super) state: Mutex<StoreState>,
    /// The recording thread waits until this many bytes were sent in all. `u64::MAX` while it does not
    /// wait.
    pub(super) notify_at: AtomicU64,
    /// The recording thread waits here for records.
    pub(super) filled: Condvar,
    /// Notified when the buffer was taken and when a request was carried out. The loop waits for
    /// the former, the handles for the latter.
    pub(super) done: Condvar,
}

#[derive(Default)]
pub(super) struct StoreState {
    /// Whole records that the recording thread has not taken.
    pub(super) records: Vec<u8>,
    pub(super) thread: ThreadState,
    /// The loop waits until the records that it has sent are taken.
    pub(super) is_full: bool,
    pub(super) request: Option<Request>,
    /// The error that ended the recording.
    pub(super) error: Option<io::Error>,
}

/// The state of the recording thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ThreadState {
    #[default]
    Writing,
    /// The thread waits until the buffer holds a block; on a real clock at most [`TAKE_EVERY`]. A
    /// `push` notifies the thread only when the block is full.
    WaitsForBlock,
    /// The thread waits for the first record, without a time limit, and any `push` notifies it.
    /// Used on a real clock, when neither the buffer nor the unfinished chunk has records.
    WaitsForAny,
    /// The thread has ended: the file is complete, or an error occurred.
    Ended,
}

/// A request to the recording thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Write everything and flush the file.
    Flush,
    /// Write everything and end the file.
    Close,
}

/// Marks the recording thread as ended when dropped, also by a panic, so that nothing waits for it
/// forever.
pub(super) struct EndGuard<'a>(pub(super) &'a StoreShared);

impl Drop for EndGuard<'_> {
    fn drop(&mut self) {
        self.0.lock().thread = ThreadState::Ended;
        self.0.done.notify_all();
    }
}

impl StoreShared {
    pub(super) fn lock(&self) -> MutexGuard<'_, StoreState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notifies the recording thread that it has what it waits for.
    #[cold]
    pub(super) fn notify(&self) {
        let mut state = self.lock();
        self.notify_at.store(u64::MAX, Ordering::Relaxed);
        if state.thread != ThreadState::Ended {
            state.thread = ThreadState::Writing;
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Makes a request, and waits until the recording thread has carried it out or has ended.
    pub(super) fn request(&self, request: Request) {
        let mut state = self.lock();
        if state.thread == ThreadState::Ended {
            return;
        }
        // A file that is being closed needs no flush.
        if state.request != Some(Request::Close) {
            state.request = Some(request);
        }
        self.filled.notify_one();
        while state.request.is_some() && state.thread != ThreadState::Ended {
            state = wait(&self.done, state);
        }
    }

    /// Writes the file, on the recording thread, until a request to close arrives.
    pub(super) fn write(
        &self,
        to: impl Medium,
        meta: &Meta,
        mut sent: ByteReceiver,
    ) -> io::Result<()> {
        let mut sync = SyncClock::new(&to);
        let mut file = FileWriter::new(to, meta)?;
        let is_real = meta.clock == ClockKind::Real;
        // When the oldest record that is in no chunk yet was taken.
        let mut oldest = None;
        let mut block = Vec::new();
        loop {
            let has_work = oldest.is_some() || sync.since.is_some();
            let request = self.take(&mut block, &mut sent, is_real, has_work);
            if !block.is_empty() {
                sync.written();
            }
            file.records(&block)?;
            block.clear();
            // Records that do not fill a chunk are kept back for more records. On a real clock they
            // are flushed after `FLUSH_AFTER`.
            if file.pending() == 0 {
                oldest = None;
            } else if is_real && now() - *oldest.get_or_insert_with(now) >= FLUSH_AFTER {
                file.flush()?;
                oldest = None;
            }
            // On a virtual clock nothing is flushed that is not a whole chunk.
            if sync.is_due() {
                if is_real {
                    file.flush()?;
                    oldest = None;
                }
                file.get_mut().sync()?;
            }
            match request {
                None => {}
                Some(Request::Close) => return file.finish()?.sync(),
                Some(Request::Flush) => {
                    file.flush()?;
                    oldest = None;
                    self.lock()
                        .request
                        .take_if(|request| *request == Request::Flush);
                    self.done.notify_all();
                }
            }
        }
    }

    /// Waits until there is something to do, and takes all records into `block`, which is empty.
    /// `has_work` says that records wait for their chunk to be full, or for the disk.
    ///
    /// A loop that sends does not lock, so it may miss that this thread has begun to wait. By the time
    /// that a wait of [`TAKE_EVERY`] has passed, each sees what the other has stored. Therefore the
    /// first wait is never longer.
    fn take(
        &self,
        block: &mut Vec<u8>,
        sent: &mut ByteReceiver,
        is_real: bool,
        has_work: bool,
    ) -> Option<Request> {
        let mut state = self.lock();
        let mut has_waited = false;
        loop {
            let waiting = state.records.len() + sent.waiting();
            let has_some = is_real && (has_work || waiting > 0);
            let is_block = waiting >= BLOCK || state.is_full;
            if is_block || state.request.is_some() || has_some && has_waited {
                break;
            }
            let enough = if is_real && !has_some {
                state.thread = ThreadState::WaitsForAny;
                1
            } else {
                state.thread = ThreadState::WaitsForBlock;
                BLOCK as u64
            };
            let at = sent.taken() + enough;
            if self.notify_at.swap(at, Ordering::SeqCst) != at {
                fence(Ordering::SeqCst);
                continue;
            }
            if has_waited {
                state = wait(&self.filled, state);
                has_waited = false;
            } else {
                let waited = self.filled.wait_timeout(state, TAKE_EVERY);
                let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                state = after;
                has_waited = timeout.timed_out();
            }
        }
        state.thread = ThreadState::Writing;
        self.notify_at.store(u64::MAX, Ordering::Relaxed);
        mem::swap(&mut state.records, block);
        sent.take(block);
        state.is_full = false;
        let request = state.request;
        drop(state);
        self.done.notify_all();
        request
    }
}

pub(super) fn wait<'a>(
    condvar: &Condvar,
    state: MutexGuard<'a, StoreState>,
) -> MutexGuard<'a, StoreState> {
    condvar.wait(state).unwrap_or_else(PoisonError::into_inner)
}
