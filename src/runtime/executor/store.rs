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
//! real clock at least every [`TAKE_EVERY`] while there are any. Records that were taken are written and flushed at the latest [`FLUSH_AFTER`]
//! and one more [`TAKE_EVERY`] later. A program that is killed therefore loses at most about a
//! second of its trace, whether the loop is busy, waits, or is in a poll that does not return.
//!
//! What is flushed is in the cache of the system, and survives the end of the program. To survive a
//! crash of the machine, it has to be on the disk: a [`RecordFile`] is synced at its end, and every
//! few seconds if that was asked for ([`SyncClock`]).

use std::{
    fmt,
    io::{self, Write},
    mem,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering, fence},
    },
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

use crate::trace::{ClockKind, Meta, Writer, file::FileWriter};

use super::{
    byte_queue::{ByteReceiver, ByteSender, byte_queue},
    record_file::RecordFile,
};

/// The recording thread takes the buffer when it holds this many bytes.
const BLOCK: usize = 1 << 14;

/// The loop waits while the buffer holds this many bytes. This bounds the memory, and slows a loop
/// down to the speed of the disk.
const MAX_WAITING: usize = 1 << 20;

/// How many bytes the queue of [`Store::send`] holds. The loop waits while it is full.
const QUEUE: usize = 1 << 19;

/// The loop removes what it has sent from its own buffer when there are this many bytes.
const MAX_SENT: usize = 1 << 12;

/// On a real clock, records are in the buffer no longer than this.
const TAKE_EVERY: Duration = Duration::from_millis(250);

/// On a real clock, records wait no longer than this for their chunk to be full. On a virtual clock
/// only the number of events ends a chunk, so that the same run gives the same file.
const FLUSH_AFTER: Duration = Duration::from_millis(500);

/// What a trace is written to.
trait Medium: Write {
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
struct Unsynced<W>(W);

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

struct StoreShared {
    state: Mutex<StoreState>,
    /// The recording thread waits until this many bytes were sent in all. `u64::MAX` while it does not
    /// wait.
    notify_at: AtomicU64,
    /// The recording thread waits here for records.
    filled: Condvar,
    /// Notified when the buffer was taken and when a request was carried out. The loop waits for
    /// the former, the handles for the latter.
    done: Condvar,
}

#[derive(Default)]
struct StoreState {
    /// Whole records that the recording thread has not taken.
    records: Vec<u8>,
    thread: ThreadState,
    /// The loop waits until the records that it has sent are taken.
    is_full: bool,
    request: Option<Request>,
    /// The error that ended the recording.
    error: Option<io::Error>,
}

/// The state of the recording thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ThreadState {
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
enum Request {
    /// Write everything and flush the file.
    Flush,
    /// Write everything and end the file.
    Close,
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

/// Marks the recording thread as ended when dropped, also by a panic, so that nothing waits for it
/// forever.
struct EndGuard<'a>(&'a StoreShared);

impl Drop for EndGuard<'_> {
    fn drop(&mut self) {
        self.0.lock().thread = ThreadState::Ended;
        self.0.done.notify_all();
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

impl StoreShared {
    fn lock(&self) -> MutexGuard<'_, StoreState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notifies the recording thread that it has what it waits for.
    #[cold]
    fn notify(&self) {
        let mut state = self.lock();
        self.notify_at.store(u64::MAX, Ordering::Relaxed);
        if state.thread != ThreadState::Ended {
            state.thread = ThreadState::Writing;
        }
        drop(state);
        self.filled.notify_one();
    }

    /// Makes a request, and waits until the recording thread has carried it out or has ended.
    fn request(&self, request: Request) {
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
    fn write(&self, to: impl Medium, meta: &Meta, mut sent: ByteReceiver) -> io::Result<()> {
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

/// Says when a file has to be synced.
///
/// `since` is when the oldest bytes that are not synced were taken; `None` if all are, or if the
/// file is synced only at its end.
struct SyncClock {
    every: Option<Duration>,
    since: Option<Instant>,
}

impl SyncClock {
    fn new(to: &impl Medium) -> SyncClock {
        SyncClock {
            every: to.sync_every(),
            since: None,
        }
    }

    /// Notes that records were taken.
    fn written(&mut self) {
        if self.every.is_some() {
            self.since.get_or_insert_with(now);
        }
    }

    /// Whether to sync now. The caller does so.
    fn is_due(&mut self) -> bool {
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

fn wait<'a>(condvar: &Condvar, state: MutexGuard<'a, StoreState>) -> MutexGuard<'a, StoreState> {
    condvar.wait(state).unwrap_or_else(PoisonError::into_inner)
}

/// A copy of an error, which is not `Clone`. The original stays for the handles.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long records have waited is no matter of loop time"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{TaskId, Writer, file};

    /// A disk with room for `room` bytes.
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
            for part in all.chunks(10_000) {
                store.push(|to| to.extend_from_slice(part));
            }
            let error = store.handle().flush().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(
                !store.push(|to| to.push(0)),
                "a failed recording takes records"
            );
            let error = store.finish().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
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
