//! What a loop and the watchdog tell each other.

use std::{
    mem,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    line::DebugLine,
    thread_times::{ThreadStatistics, ThreadTimes},
};

/// No poll is open: the loop waits, is paused, or does not run.
const WAITING: u64 = 0;
/// The loop does something, and no poll has begun since it waited.
const AWAKE: u64 = u64::MAX;

/// The watchdog has seen no shorter poll twice, in nanoseconds.
pub(in crate::runtime::executor) const SHORTEST: u64 = 15_000_000;

/// How long the end of a poll waits for the line that was seen, if the poll took [`LONG`]. The debug information is
/// read when the first line is looked for, so that a program without long polls pays nothing. That takes up to half a
/// second, and every line after that a millisecond or less. So it is the first long poll that waits, which may be
/// the only one of the program. Loop time does not pass meanwhile. A wait in vain is not repeated until a line
/// is found.
const PATIENCE: Duration = Duration::from_millis(500);

/// The end of a poll that takes less time, in nanoseconds, does not wait: by itself it is no fault.
const LONG: u64 = 90_000_000;

/// A loop, as the watchdog knows it.
#[derive(Debug, Default)]
pub(super) struct SampledLoop {
    /// The number of the open poll, or [`WAITING`], or [`AWAKE`].
    poll: AtomicU64,
    /// The watchdog has it in its list.
    is_known: AtomicBool,
    /// The thread that the loop is on.
    thread: Mutex<Option<u32>>,
    sight: Mutex<Sight>,
    /// A line was found, or it was found that there is none.
    has_found: Condvar,
    /// The last wait for a line was in vain.
    is_impatient: AtomicBool,
}

/// What the watchdog has seen of a poll.
#[derive(Debug, Default)]
struct Sight {
    /// The number of the poll.
    poll: u64,
    /// The times of the thread before the poll.
    before: Option<ThreadTimes>,
    /// The lines at which the thread was, with how often.
    lines: Vec<(DebugLine, u32)>,
    /// The watchdog is looking for a line.
    is_searching: bool,
}

/// What was seen of a poll that has ended.
#[derive(Debug)]
pub(in crate::runtime::executor) struct SeenPoll {
    /// The line at which its thread was most often; `None` if it has waited for a processor most of the time.
    pub(in crate::runtime::executor) line: Option<DebugLine>,
    /// For how long its thread has computed or waited for a processor, in nanoseconds.
    pub(in crate::runtime::executor) processor: Option<u64>,
}

impl SampledLoop {
    /// Whether the watchdog has the loop in its list. From now on it has.
    pub(super) fn is_known(&self) -> bool {
        self.is_known.swap(true, Ordering::Relaxed)
    }

    /// The loop is on another thread from now on.
    pub(super) fn set_thread(&self, thread: Option<u32>) {
        *lock(&self.thread) = thread;
    }

    /// The thread that the loop is on.
    pub(super) fn thread(&self) -> Option<u32> {
        *lock(&self.thread)
    }

    /// A poll begins.
    #[inline]
    pub(super) fn poll_starts(&self, number: u64) {
        self.poll.store(number, Ordering::Relaxed);
    }

    /// No poll is open, and none begins soon.
    pub(super) fn waits(&self) {
        self.poll.store(WAITING, Ordering::SeqCst);
    }

    /// Polls may begin.
    pub(super) fn continues(&self) {
        self.poll.store(AWAKE, Ordering::SeqCst);
    }

    /// Whether no poll begins until the watchdog is woken.
    pub(super) fn is_waiting(&self) -> bool {
        self.poll.load(Ordering::SeqCst) == WAITING
    }

    /// The number of the open poll. A poll that is not long may have ended.
    pub(super) fn open_poll(&self) -> Option<u64> {
        let poll = self.poll.load(Ordering::Relaxed);
        (poll != WAITING && poll != AWAKE).then_some(poll)
    }

    /// The watchdog begins to look for the line of a poll, before which its thread had these times.
    pub(super) fn searches(&self, poll: u64, before: ThreadTimes) {
        let mut sight = lock(&self.sight);
        if sight.poll != poll {
            *sight = Sight {
                poll,
                before: Some(before),
                ..Sight::default()
            };
        }
        sight.is_searching = true;
    }

    /// The watchdog has found the line, or that there is none. `weight` tells how many looks it stands for.
    pub(super) fn found(&self, poll: u64, line: Option<DebugLine>, weight: u32) {
        let mut sight = lock(&self.sight);
        if sight.poll != poll {
            return;
        }
        sight.is_searching = false;
        self.is_impatient.store(false, Ordering::Relaxed);
        if let Some(line) = line {
            let is_same = |known: &&mut (DebugLine, u32)| {
                known.0.line == line.line && known.0.file == line.file
            };
            match sight.lines.iter_mut().find(is_same) {
                Some((_, times)) => *times += weight,
                None => sight.lines.push((line, weight)),
            }
        }
        drop(sight);
        self.has_found.notify_one();
    }

    /// What was seen of the poll that ends, which took that many nanoseconds. Called by the loop.
    pub(super) fn take(&self, took: u64) -> Option<SeenPoll> {
        let poll = self.open_poll()?;
        let sight = lock(&self.sight);
        if sight.poll != poll {
            return None;
        }
        let sight = self.wait(sight, took >= LONG);
        // The watchdog need not look at what comes between this poll and the next one.
        self.poll.store(AWAKE, Ordering::Relaxed);
        let now = ThreadStatistics::of(self.thread()?).read();
        let used = sight.before?.until(now);
        let line = sight
            .lines
            .into_iter()
            .rev()
            .max_by_key(|(_, times)| *times);
        match line {
            _ if used.has_waited => Some(SeenPoll {
                line: None,
                processor: used.time,
            }),
            Some((line, _)) => Some(SeenPoll {
                line: Some(line),
                processor: used.time,
            }),
            None => None,
        }
    }

    /// Waits for the line that the watchdog looks for, unless one was found before, or the poll is not long.
    fn wait(&self, mut sight: MutexGuard<'_, Sight>, is_long: bool) -> Sight {
        if !is_long || self.is_impatient.load(Ordering::Relaxed) {
            return mem::take(&mut *sight);
        }
        let is_open = |sight: &mut Sight| sight.lines.is_empty() && sight.is_searching;
        let waited = self.has_found.wait_timeout_while(sight, PATIENCE, is_open);
        let (mut sight, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            self.is_impatient.store(true, Ordering::Relaxed);
        }
        mem::take(&mut *sight)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
