//! How long a thread has computed and waited for a processor.
//!
//! A thread that computes on a busy machine waits for a processor. That is not being blocked.

use std::{fs, time::Instant};

/// A poll that takes less time, in nanoseconds, is short.
const SHORT: u64 = 100_000_000;

/// How long a thread had computed and waited for a processor, at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThreadTimes {
    at: Instant,
    /// `None` where the system does not tell.
    times: Option<(u64, u64)>,
}

/// What a thread did between two moments.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProcessorUse {
    /// For how long it computed or waited for a processor, in nanoseconds; `None` if that is unknown.
    pub(super) time: Option<u64>,
    /// Most of the time it waited for a processor, and the rest is short.
    pub(super) has_waited: bool,
}

/// The file in which the system tells the times of a thread.
#[derive(Debug)]
pub(super) struct ThreadStatistics(String);

impl ThreadStatistics {
    /// The statistics of a thread of this process.
    pub(super) fn of(thread: u32) -> ThreadStatistics {
        ThreadStatistics(format!("/proc/self/task/{thread}/schedstat"))
    }

    /// The times until now.
    #[expect(
        clippy::disallowed_methods,
        reason = "at each look of the watchdog, and at the end of a long poll"
    )]
    pub(super) fn read(&self) -> ThreadTimes {
        ThreadTimes {
            at: Instant::now(),
            times: times(&self.0),
        }
    }
}

/// The time on a processor and the time of waiting for one, in nanoseconds.
fn times(statistics: &str) -> Option<(u64, u64)> {
    let text = fs::read_to_string(statistics).ok()?;
    let mut numbers = text.split_whitespace();
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

impl ThreadTimes {
    /// What the thread did from this moment to a later one.
    pub(super) fn until(self, later: ThreadTimes) -> ProcessorUse {
        let Some((before, after)) = self.times.zip(later.times) else {
            return ProcessorUse {
                time: None,
                has_waited: false,
            };
        };
        let computed = after.0.saturating_sub(before.0);
        let waited = after.1.saturating_sub(before.1);
        let took = later.at.saturating_duration_since(self.at);
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        ProcessorUse {
            time: Some(computed + waited),
            has_waited: took.saturating_sub(waited) < SHORT && waited > took / 2,
        }
    }
}

/// The number that the system has for this thread, if it tells.
pub(super) fn this_thread() -> Option<u32> {
    let link = fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok()
}
