//! Notices that a program which is only recorded hangs, so that it can be stopped and checked.
//!
//! A program that waits for ever records nothing. Once nothing has come for some time, what is recorded
//! is searched. The program hangs if the trace proves that no task can run again. If its loop is idle
//! without such a proof, the process itself is asked: with one thread and no child process, nothing
//! is left that could wake a task. Threads that wait for a lock are those of an idle pool, and smol's
//! thread may wait for I/O in the place of the loop; an idle loop beside them hangs if it stays idle
//! for long.
//!
//! Four more programs would never end:
//!
//! * The main task has ended, and a task that it has cancelled continues.
//! * A poll never ends. It still records what it does; or nothing is recorded any longer, and the process
//!   computes all the time, or waits for a lock of threads that no running thread has.
//! * The main task waits for tasks that wait for each other, while other tasks continue.
//! * Tasks wait for each other, no other one runs, and the loop waits for I/O that could start one.
//!
//! A program is also stopped if its main task waits for bytes of a connection without a limit, nothing else
//! can wake a task, and the peer is silent for long. Whether it hangs is not known.

use std::{
    fs,
    time::{Duration, Instant},
};

use loopscope::{
    insight::{Findings, Hang, ignores_cancellation, main_waits_in_a_circle},
    replay::{Replay, Running, State},
};

/// How long nothing is recorded before what is recorded is searched.
const QUIET: Duration = Duration::from_secs(2);

/// How long a poll may compute, or wait for a lock of threads.
const LONG: Duration = Duration::from_secs(10);

/// How long an idle loop beside idle threads is waited for, and tasks that wait for each other.
const IDLE: Duration = Duration::from_secs(5);

/// How long a program may wait for its peer alone, or for threads that do something else than wait for locks.
const SILENT: Duration = Duration::from_secs(20);

/// How long one poll may last while it still records.
const ONE_POLL: Duration = Duration::from_secs(20);

/// Why a program is stopped that waits beside a thread which runs.
const BESIDE_THREAD: &str = "no task has run for 20 s, and only another thread could wake one";

/// How often the state of a program that still records is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Looks at what is recorded of a program from time to time.
#[derive(Debug)]
pub(crate) struct HangWatch {
    started: Instant,
    limit: Option<Duration>,
    /// How much was recorded, and since when no more has come.
    length: u64,
    since: Instant,
    /// What was found when nothing had come for [`QUIET`]; `None` until then.
    search: Option<HangSearch>,
    /// When the state was last looked at.
    looked: Instant,
    /// How many polls had begun at that time, and since when none has begun.
    polls: (u64, Instant),
    /// Since when the main task waits for tasks that wait for each other.
    circle: Option<Instant>,
    /// Why the program had to be stopped, and how long its loop had waited then.
    hang: Option<(Hang, Duration)>,
}

/// What is known of a program that records nothing.
#[derive(Clone, Copy, Debug)]
struct HangSearch {
    /// Whether what is recorded shows a hang.
    found: Option<Hang>,
    /// The processor time of the process at the search.
    processor: u64,
    /// The context switches of its main thread before the search; `None` if it did not sleep.
    switches: Option<u64>,
}

impl HangWatch {
    /// A watch of a program that starts now, and may run for this many seconds.
    pub(crate) fn new(limit: Option<f64>) -> HangWatch {
        let now = now();
        HangWatch {
            started: now,
            limit: limit.and_then(|limit| Duration::try_from_secs_f64(limit).ok()),
            length: 0,
            since: now,
            search: None,
            looked: now,
            polls: (0, now),
            circle: None,
            hang: None,
        }
    }

    /// Why the program had to be stopped, if its loop hung, and how long that had waited then.
    pub(crate) fn hang(&self) -> Option<(Hang, Duration)> {
        self.hang
    }

    /// Why the program of this process must be stopped; `None` as long as it may run. `length` is how
    /// much is recorded, and `hang` tells whether that shows a hang.
    ///
    /// `is_in_asyncio` says that a loop of asyncio has not ended. Its thread waits for a lock only inside a
    /// poll; in a program of smol another thread may wait for the I/O of the loop.
    pub(crate) fn must_stop(
        &mut self,
        process: u32,
        is_in_asyncio: bool,
        length: u64,
        hang: impl FnOnce() -> Option<Hang>,
    ) -> Option<&'static str> {
        let now = now();
        if self.limit.is_some_and(|limit| now - self.started >= limit) {
            return Some("it has run for as long as `--until` allows");
        }
        if length != self.length {
            (self.length, self.since, self.search) = (length, now, None);
        }
        let quiet = now - self.since;
        if length == 0 || quiet < QUIET {
            return None;
        }
        let search = *self.search.get_or_insert_with(|| {
            let switches = switches_asleep(process);
            HangSearch {
                found: hang(),
                processor: processor_time(process),
                switches,
            }
        });
        let searched = quiet.saturating_sub(QUIET);
        let has_slept = || search.switches.is_some() && search.switches == switches_asleep(process);
        let stop = match search.found {
            // A trace does not tell what threads do that it does not know of.
            Some(Hang::Proven)
                if is_alone(process, is_helper)
                    || (quiet >= IDLE && is_alone(process, is_idle_thread)) =>
            {
                Some("it hangs: no task can run again")
            }
            Some(Hang::Circle) if quiet >= IDLE => {
                Some("it hangs: tasks wait for each other, and no other one has run for 5 s")
            }
            Some(Hang::Idle) if is_alone(process, |_, _| false) => {
                Some("it hangs: nothing is left that could wake a task")
            }
            Some(Hang::Idle) if quiet >= IDLE && is_alone(process, is_idle_thread) => {
                Some("it hangs: its loop is idle, and so are its other threads")
            }
            Some(Hang::Proven | Hang::Idle) if quiet >= SILENT => Some(BESIDE_THREAD),
            None if quiet >= LONG && computes(process, search.processor, searched) => {
                Some("it hangs: one poll has computed for 10 s")
            }
            None if quiet >= LONG
                && is_in_asyncio
                && waits_for_lock(process)
                && has_slept()
                && is_alone(process, is_idle_thread) =>
            {
                Some("it hangs: one poll has waited for a lock of threads for 10 s")
            }
            Some(Hang::Silent) if quiet >= SILENT => {
                Some("it waits for its peer alone, which has been silent for 20 s")
            }
            Some(Hang::Proven | Hang::Circle | Hang::Idle | Hang::BesideThread | Hang::Silent)
            | None => None,
        };
        // A thread may have woken the loop and ended since the search, and what the loop does next is not
        // recorded yet. So the main thread must sleep, and must not have run since the search.
        let is_idle = search.found == Some(Hang::Idle) && stop.is_some();
        if is_idle && !has_slept() {
            (self.since, self.search) = (now, None);
            return None;
        }
        let found = search.found.filter(|_| stop.is_some());
        let found = found.map(|hang| match hang {
            Hang::Idle if stop == Some(BESIDE_THREAD) => Hang::BesideThread,
            Hang::Proven | Hang::Circle | Hang::Idle | Hang::BesideThread | Hang::Silent => hang,
        });
        self.hang = self.hang.or(found.map(|hang| (hang, quiet)));
        stop
    }

    /// Why a program that still records must be stopped.
    pub(crate) fn must_stop_running(&mut self, state: &State) -> Option<&'static str> {
        let now = now();
        if now - self.looked < LOOK {
            return None;
        }
        self.looked = now;
        let polls = state.cursor.polls();
        if polls != self.polls.0 || !matches!(state.running, Running::Task(_)) {
            self.polls = (polls, now);
        } else if now - self.polls.1 >= ONE_POLL {
            return Some("it does not end: one poll has lasted for 20 s");
        }
        if ignores_cancellation(state) {
            return Some("it does not end: a task continues although it was cancelled");
        }
        if !main_waits_in_a_circle(state) {
            self.circle = None;
            return None;
        }
        // Another task may cancel one of them.
        (now - *self.circle.get_or_insert(now) >= LONG)
            .then_some("it hangs: its main task waits for tasks that wait for each other")
    }
}

/// The weakest reason for which the loops of a program hang, if each hangs that has not ended.
pub(crate) fn hang_of_all<'a>(loops: impl Iterator<Item = &'a Replay>) -> Option<Hang> {
    let mut weakest = None;
    for replay in loops.filter(|replay| replay.index().head().outcome.is_none()) {
        weakest = weakest.max(Some(Findings::hang(replay)?));
    }
    weakest
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time of a child process, which no loop of this program has"
)]
fn now() -> Instant {
    Instant::now()
}

/// How many context switches the main thread of a process has had; `None` if it does not sleep now, or
/// where the system does not tell.
fn switches_asleep(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/task/{process}/status")).ok()?;
    let field = |name: &str| {
        let mut lines = status.lines();
        lines
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let is_asleep = field("State:")?.starts_with('S');
    let voluntary = field("voluntary_ctxt_switches:")?.parse::<u64>().ok()?;
    let involuntary = field("nonvoluntary_ctxt_switches:")?.parse::<u64>().ok()?;
    is_asleep.then_some(voluntary + involuntary)
}

/// Whether the main thread of a process waits for a lock of threads, or for a thread.
fn waits_for_lock(process: u32) -> bool {
    let place = fs::read_to_string(format!("/proc/{process}/task/{process}/wchan"));
    place.is_ok_and(|place| place.starts_with("futex"))
}

/// The name of the threads of the adapter.
const OWN: &str = "loopscope";

/// Whether a process has one thread, apart from those that are idle, and no child process. `false`
/// where the system does not tell.
fn is_alone(process: u32, is_idle: impl Fn(&str, &str) -> bool) -> bool {
    let folder = format!("/proc/{process}/task");
    let Ok(threads) = fs::read_dir(&folder) else {
        return false;
    };
    let threads = threads.filter_map(|thread| Some(thread.ok()?.path()));
    let others = threads
        .filter(|thread| {
            let is_main = thread.ends_with(process.to_string());
            let name = fs::read_to_string(thread.join("comm")).unwrap_or_default();
            let place = fs::read_to_string(thread.join("wchan")).unwrap_or_default();
            !is_main && name.trim() != OWN && !is_idle(name.trim(), place.trim())
        })
        .count();
    let children = fs::read_to_string(format!("{folder}/{process}/children"));
    others == 0 && children.is_ok_and(|children| children.trim().is_empty())
}

/// The name of the thread on which smol waits for I/O while no loop does. The main thread and this one
/// take turns, so either of them may be found in that wait.
const REACTOR: &str = "async-io";

/// Whether a thread with this name helps a loop of smol, and does nothing by itself: the reactor, the pool for
/// blocking work, whose jobs are recorded, and the one that writes the recording.
fn is_helper(name: &str, _place: &str) -> bool {
    name == REACTOR || name.starts_with("blocking-") || name == "recording"
}

/// Whether a thread with this name waits for a lock, or for the I/O that the loop itself would wait for.
/// `place` is the function of the kernel that it waits in.
fn is_idle_thread(name: &str, place: &str) -> bool {
    let waits_for_io = place.contains("epoll") || place.starts_with("ep_");
    place.starts_with("futex") || (name == REACTOR && waits_for_io)
}

/// The processor time of a process, in ticks of 10 ms; 0 where the system does not tell.
fn processor_time(process: u32) -> u64 {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The fields after the name, which is in parentheses: the 12th and 13th are the times.
    let fields = line.rsplit(')').next().unwrap_or_default();
    let times = fields.split_whitespace().skip(11).take(2);
    times.filter_map(|time| time.parse::<u64>().ok()).sum()
}

/// Whether a process has computed for at least half of a time since it had used `before`.
fn computes(process: u32, before: u64, time: Duration) -> bool {
    let used = processor_time(process).saturating_sub(before);
    u128::from(used) * 10 * 2 >= time.as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread that has just ended may have woken the main thread, which has not run yet.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_main_thread_that_was_woken_is_not_asleep() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("cat is there");
        let (mut input, mut output) = (
            child.stdin.take().expect("its input is a pipe"),
            child.stdout.take().expect("its output is a pipe"),
        );
        let asleep = || loop {
            if let Some(switches) = switches_asleep(child.id()) {
                break switches;
            }
        };
        let mut echoed = [0];
        let mut echo = || {
            std::io::Write::write_all(&mut input, b"x").expect("it reads");
            std::io::Read::read_exact(&mut output, &mut echoed).expect("it writes");
        };
        echo();
        let before = asleep();
        echo();
        assert!((0..1000).any(|_| asleep() > before));
        drop((input, output));
        child.wait().expect("it ends");
    }

    #[test]
    fn a_thread_of_the_program_is_no_helper() {
        assert!(is_helper("blocking-3", "futex_do_wait"));
        assert!(!is_helper("python3", "hrtimer_nanosleep"));
    }

    #[test]
    fn the_thread_that_waits_for_the_io_of_the_loop_is_idle() {
        assert!(is_idle_thread(REACTOR, "do_epoll_wait"));
        assert!(is_idle_thread(REACTOR, "futex_do_wait"));
        assert!(is_idle_thread("pool", "futex_wait_queue"));
        assert!(!is_idle_thread("server", "do_epoll_wait"));
        assert!(!is_idle_thread(REACTOR, "0"));
    }
}
