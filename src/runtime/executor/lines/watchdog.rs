//! The thread that looks whether a poll lasts long.
//!
//! There is one for all loops of the process. While all of them wait it sleeps without an end, and the loop
//! that continues first wakes it. While a loop is busy, it looks every 20 ms.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use super::{
    THREAD_NAME,
    sampled_loop::SampledLoop,
    stack,
    thread_times::{ThreadStatistics, ThreadTimes},
};

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(20);

/// The loops that are watched from now on, until the thread takes them over.
static NEW: Mutex<Vec<Weak<SampledLoop>>> = Mutex::new(Vec::new());
/// The thread, once it was started; `None` if the system has refused it.
static THREAD: OnceLock<Option<Thread>> = OnceLock::new();
/// The thread sleeps until it is woken.
static IS_ASLEEP: AtomicBool = AtomicBool::new(false);

/// Watches a loop. The first call starts the thread.
pub(super) fn watch(watched: &Arc<SampledLoop>) {
    if watched.is_known() {
        return;
    }
    new_loops().push(Arc::downgrade(watched));
    THREAD.get_or_init(|| {
        let builder = thread::Builder::new().name(THREAD_NAME.to_owned());
        let started = builder.spawn(run).ok()?;
        Some(started.thread().clone())
    });
}

/// Lets the thread look, after a loop has begun to do something.
pub(super) fn wake() {
    if IS_ASLEEP.load(Ordering::SeqCst)
        && IS_ASLEEP.swap(false, Ordering::SeqCst)
        && let Some(Some(thread)) = THREAD.get()
    {
        thread.unpark();
    }
}

fn new_loops() -> MutexGuard<'static, Vec<Weak<SampledLoop>>> {
    NEW.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the thread of the watchdog, on which no loop runs"
)]
fn run() {
    let mut loops: Vec<Looks> = Vec::new();
    loop {
        loops.extend(mem::take(&mut *new_loops()).into_iter().map(Looks::at));
        loops.retain(|looks| looks.watched.strong_count() > 0);
        if loops.iter().all(Looks::is_waiting) {
            sleep(&loops);
        } else {
            thread::sleep(PERIOD);
            loops.iter_mut().for_each(Looks::look);
        }
    }
}

/// Sleeps until a loop continues.
fn sleep(loops: &[Looks]) {
    IS_ASLEEP.store(true, Ordering::SeqCst);
    // A loop that has continued before it could see that.
    let is_idle = loops.iter().all(Looks::is_waiting) && new_loops().is_empty();
    if is_idle {
        while IS_ASLEEP.load(Ordering::SeqCst) {
            thread::park();
        }
    }
    IS_ASLEEP.store(false, Ordering::SeqCst);
}

/// The looks at one loop.
#[derive(Debug)]
struct Looks {
    watched: Weak<SampledLoop>,
    /// The poll that was open at the last look.
    poll: Option<u64>,
    /// How often it was seen after the first time.
    again: u32,
    /// The times of the thread before the poll was first seen, and at the last look.
    before: Option<ThreadTimes>,
    last: Option<ThreadTimes>,
    /// The thread of the loop.
    thread: Option<(u32, ThreadStatistics)>,
}

impl Looks {
    fn at(watched: Weak<SampledLoop>) -> Looks {
        Looks {
            watched,
            poll: None,
            again: 0,
            before: None,
            last: None,
            thread: None,
        }
    }

    fn is_waiting(&self) -> bool {
        let watched = self.watched.upgrade();
        watched.is_none_or(|watched| watched.is_waiting())
    }

    fn look(&mut self) {
        let Some(watched) = self.watched.upgrade() else {
            return;
        };
        self.follow(watched.thread());
        let poll = watched.open_poll();
        let is_same = poll.is_some() && poll == self.poll;
        if !is_same {
            (self.poll, self.again, self.before) = (poll, 0, self.last);
        }
        if let (true, Some(poll), Some(before), Some((thread, _))) =
            (is_same, poll, self.before, &self.thread)
        {
            self.again = self.again.saturating_add(1);
            search(&watched, poll, before, *thread, self.again);
        }
        // Last, because the poll may have ended meanwhile.
        self.last = self.thread.as_ref().map(|(_, times)| times.read());
    }

    /// Notes on which thread the loop is.
    fn follow(&mut self, thread: Option<u32>) {
        if thread != self.thread.as_ref().map(|(thread, _)| *thread) {
            self.thread = thread.map(|thread| (thread, ThreadStatistics::of(thread)));
            self.last = self.thread.as_ref().map(|(_, times)| times.read());
            self.poll = None;
        }
    }
}

/// Looks for the line of a poll, which was seen `again` times after the first.
///
/// A poll that lasts for hours is not interrupted 50 times a second: there are about eight searches until its
/// length has doubled.
fn search(watched: &SampledLoop, poll: u64, before: ThreadTimes, thread: u32, again: u32) {
    let weight = 1 << again.ilog2().saturating_sub(3);
    if !again.is_multiple_of(weight) {
        return;
    }
    watched.searches(poll, before);
    let line = stack::line_of(thread);
    // The next poll may have begun, and the line is that of it.
    let is_open = watched.open_poll() == Some(poll);
    watched.found(poll, line.filter(|_| is_open), weight);
}
