//! Notices that a program which is only recorded hangs, so that it can be stopped and checked.
//!
//! A program that waits for ever records nothing. Once nothing has come for some time, what is recorded
//! is searched. The program hangs if the trace proves that no task can run again. If its loop is idle
//! without such a proof, the process itself is asked: with one thread and no child process, nothing
//! is left that could wake a task.

use std::{
    fs,
    time::{Duration, Instant},
};

use loopscope::{
    insight::{Findings, Hang, Limits},
    replay::Replay,
};

/// How long nothing is recorded before what is recorded is searched.
const QUIET: Duration = Duration::from_secs(2);

/// Looks at what is recorded of a program from time to time.
#[derive(Debug)]
pub(crate) struct HangWatch {
    started: Instant,
    limit: Option<Duration>,
    /// How much was recorded, and since when no more has come.
    length: u64,
    since: Instant,
    looked: bool,
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
            looked: false,
        }
    }

    /// Why the program of this process must be stopped; `None` as long as it may run. `length` is how
    /// much is recorded, and `replay` reads it.
    pub(crate) fn must_stop(
        &mut self,
        process: u32,
        length: u64,
        replay: impl FnOnce() -> Option<Hang>,
    ) -> Option<&'static str> {
        let now = now();
        if self.limit.is_some_and(|limit| now - self.started >= limit) {
            return Some("it has run for as long as `--until` allows");
        }
        if length != self.length {
            (self.length, self.since, self.looked) = (length, now, false);
        }
        if self.looked || length == 0 || now - self.since < QUIET {
            return None;
        }
        self.looked = true;
        match replay()? {
            Hang::Proven => Some("it hangs: no task can run again"),
            Hang::Idle if is_alone(process) => {
                Some("it hangs: nothing is left that could wake a task")
            }
            Hang::Idle => None,
        }
    }
}

/// Whether a run hangs at its present end.
pub(crate) fn hang(replay: &Replay) -> Option<Hang> {
    Hang::of(replay, &Findings::of(replay, &Limits::default()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time of a child process, which no loop of this program has"
)]
fn now() -> Instant {
    Instant::now()
}

/// Whether a process has one thread and no child process. `false` where the system does not tell.
fn is_alone(process: u32) -> bool {
    let folder = format!("/proc/{process}/task");
    let Ok(threads) = fs::read_dir(&folder) else {
        return false;
    };
    let children = fs::read_to_string(format!("{folder}/{process}/children"));
    threads.count() == 1 && children.is_ok_and(|children| children.trim().is_empty())
}
