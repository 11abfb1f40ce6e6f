//! Handing a trace over to another thread while the run is under way.

use std::{
    io, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::trace::{Moment, TaskId};

use super::store::{Store, StoreHandle};

/// The reading end of a run: the records since the last [`take`](LiveTrace::take), and the state of
/// the loop.
///
/// Clones share their state. On a real clock the loop publishes its records at every poll. While a
/// poll does not return, a reader can therefore see everything that led to it.
///
/// ```
/// use loopscope::{Builder, runtime::LiveTrace};
///
/// let live = LiveTrace::new();
/// let run = Builder::new().live_trace(live.clone()).run(async { 7 });
/// assert!(run.log.bytes.is_empty() && live.is_ended());
/// assert!(!live.take().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct LiveTrace {
    shared: Arc<LiveShared>,
}

/// Two locks, in this order: `recording`, then `pending`. The screen's thread takes only `pending`,
/// to [`take`](LiveTrace::take) the records, so `pending` is never held while something waits for a
/// disk. A push to a file may wait, with `recording` held.
#[derive(Debug, Default)]
struct LiveShared {
    recording: Mutex<LiveRecording>,
    pending: Mutex<PendingRecords>,
    /// The number of the task being polled, plus one; 0 if none is.
    polling: AtomicU32,
    /// How many polls have started. The number stays the same while one poll lasts.
    polls: AtomicU64,
    paused: AtomicBool,
    ended: AtomicBool,
    /// While a loop on a real clock is parked: the loop time at which it parked, and the system
    /// time of that moment.
    parked: Mutex<Option<(Moment, Instant)>>,
}

#[derive(Debug, Default)]
struct PendingRecords {
    /// Records that were not taken yet.
    records: Vec<u8>,
    /// Whether the next push goes to the file, too.
    is_recorded: bool,
}

/// The file of [`LiveTrace::record`]. It has all records that were taken, and gets all that are
/// pushed.
#[derive(Debug, Default)]
struct LiveRecording {
    store: Option<Store>,
    /// The buffer of a push, kept for its allocation.
    block: Vec<u8>,
}

/// The poll that a loop is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// The task being polled.
    pub task: TaskId,
    /// The number of the poll. It differs from that of the next poll of the same task.
    pub number: u64,
}

impl LiveTrace {
    /// A live trace that no loop writes to yet.
    pub fn new() -> LiveTrace {
        LiveTrace::default()
    }

    /// Takes the records since the last call.
    pub fn take(&self) -> Vec<u8> {
        mem::take(&mut self.pending().records)
    }

    /// Writes the run to a file as well: first `taken`, which has to be everything that was ever
    /// [taken](LiveTrace::take), then the records that were not taken yet and all that follow. A
    /// file from an earlier call is ended. If the run is over, the file is ended, too.
    ///
    /// # Errors
    ///
    /// If the records so far cannot be written.
    pub fn record(&self, store: Store, taken: &[u8]) -> io::Result<StoreHandle> {
        let handle = store.handle();
        store.push(|to| to.extend_from_slice(taken));
        // The records that were not taken are copied, and the file is marked to get each later
        // push, under one lock: no record is missing, and none is there twice.
        let mut recording = self.recording();
        let mut pending = self.pending();
        let not_taken = pending.records.clone();
        pending.is_recorded = true;
        drop(pending);
        store.push(|to| to.extend_from_slice(&not_taken));
        let before = recording.store.replace(store);
        drop(recording);
        drop(before);
        if self.is_ended() {
            self.end_recording();
        } else {
            handle.flush()?;
        }
        handle.error().map_or(Ok(handle), Err)
    }

    /// Ends the file of [`LiveTrace::record`], if there is one, and waits until the file is
    /// written.
    pub fn end_recording(&self) {
        let store = {
            let mut recording = self.recording();
            self.pending().is_recorded = false;
            recording.store.take()
        };
        if let Some(store) = store {
            // An error needs no report here: the store's handle has it, and the file shows that it
            // is unfinished.
            let _ = store.finish();
        }
    }

    /// Whether the run is being written to a file since [`LiveTrace::record`].
    pub fn is_recorded(&self) -> bool {
        self.pending().is_recorded
    }

    /// The current poll of the loop; `None` between polls.
    pub fn polling(&self) -> Option<Polling> {
        let task = self.shared.polling.load(Ordering::Relaxed).checked_sub(1)?;
        Some(Polling {
            task: TaskId(task),
            number: self.shared.polls.load(Ordering::Relaxed),
        })
    }

    /// How many polls have started.
    pub fn polls(&self) -> u64 {
        self.shared.polls.load(Ordering::Relaxed)
    }

    /// The current loop time while a loop on a real clock is parked, when time passes although
    /// nothing is recorded; otherwise `None`.
    pub fn parked_now(&self) -> Option<Moment> {
        let parked = *self.parked();
        parked.map(|(at, since)| at + since.elapsed())
    }

    /// Whether the loop is paused at its gate. If it is, [`take`](Self::take) returns all events
    /// before the pause.
    pub fn is_paused(&self) -> bool {
        self.shared.paused.load(Ordering::Acquire)
    }

    /// Whether the run is over. Its last records may still have to be taken.
    pub fn is_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Whether the run is over and all records were taken.
    pub fn is_drained(&self) -> bool {
        self.is_ended() && self.pending().records.is_empty()
    }

    /// Waits until the run is over, checking every few milliseconds.
    pub async fn ended(&self) {
        while !self.is_ended() {
            async_io::Timer::after(Duration::from_millis(2)).await;
        }
    }

    fn pending(&self) -> MutexGuard<'_, PendingRecords> {
        let pending = self.shared.pending.lock();
        pending.unwrap_or_else(PoisonError::into_inner)
    }

    fn recording(&self) -> MutexGuard<'_, LiveRecording> {
        let recording = self.shared.recording.lock();
        recording.unwrap_or_else(PoisonError::into_inner)
    }

    fn parked(&self) -> MutexGuard<'_, Option<(Moment, Instant)>> {
        let parked = self.shared.parked.lock();
        parked.unwrap_or_else(PoisonError::into_inner)
    }

    // ---- the loop's side

    /// Appends records with `fill`. If the run is being written to a file that takes no more at the
    /// moment, waits for the file.
    pub(super) fn push(&self, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut pending = self.pending();
        if pending.is_recorded {
            drop(pending);
            self.push_recorded(fill);
        } else {
            fill(&mut pending.records);
        }
    }

    #[cold]
    fn push_recorded(&self, fill: impl FnOnce(&mut Vec<u8>)) {
        let mut recording = self.recording();
        let LiveRecording { store, block } = &mut *recording;
        block.clear();
        fill(block);
        self.pending().records.extend_from_slice(block);
        if let Some(store) = store {
            store.push(|to| to.extend_from_slice(block));
        }
    }

    /// Appends records of a loop that this crate does not run, such as one in another process.
    pub fn append(&self, records: &[u8]) {
        if !records.is_empty() {
            self.push(|to| to.extend_from_slice(records));
        }
    }

    /// Says whether a loop that this crate does not run is paused.
    pub fn show_paused(&self, paused: bool) {
        self.set_paused(paused);
    }

    /// Says since which moment a loop that this crate does not run is parked.
    pub fn show_parked(&self, at: Option<Moment>) {
        self.set_parked(at);
    }

    /// Ends the run of a loop that this crate does not run. Later calls do nothing.
    pub fn finish(&self) {
        if !self.is_ended() {
            self.end();
        }
    }

    #[inline]
    pub(super) fn poll_starts(&self, task: TaskId) {
        self.shared.polls.fetch_add(1, Ordering::Relaxed);
        self.shared.polling.store(task.0 + 1, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn poll_ends(&self) {
        self.shared.polling.store(0, Ordering::Relaxed);
    }

    pub(super) fn set_paused(&self, paused: bool) {
        self.shared.paused.store(paused, Ordering::Release);
    }

    /// The loop parks at this loop time, or is no longer parked.
    pub(super) fn set_parked(&self, at: Option<Moment>) {
        #[expect(
            clippy::disallowed_methods,
            reason = "for a reader on another thread, which has no access to the loop's clock"
        )]
        let parked = at.map(|at| (at, Instant::now()));
        *self.parked() = parked;
    }

    /// Ends the file, if there is one, and then marks the run as over. A reader that sees the mark
    /// finds the file complete.
    pub(super) fn end(&self) {
        self.end_recording();
        self.shared.ended.store(true, Ordering::Release);
    }
}
