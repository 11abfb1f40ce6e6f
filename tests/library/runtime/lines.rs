//! The line of a poll that lasts long.

use std::{
    env,
    hint::black_box,
    panic::Location,
    pin::Pin,
    process::Command,
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use async_signal::{Signal, Signals};
use futures::FutureExt as _;
use loopscope::{
    replay::Replay,
    sleep, spawn,
    trace::{Event, LocationId, PollSample, TaskEvent, Wait},
};

use super::{events, ms, replay, run_real};

/// Set in a child process: it is the program of a test.
const IS_CHILD: &str = "LOOPSCOPE_TEST_CHILD";

/// How often a long poll is repeated until its line is seen. On a machine that is busy, the thread that looks
/// may get no processor while a poll lasts.
const ATTEMPTS: u32 = 40;

/// Blocks its thread. Returns the line at which it does.
#[inline(never)]
fn block() -> u32 {
    thread::sleep(Duration::from_millis(150));
    line!() - 1
}

/// Computes for a while. Returns its first and its last line.
#[inline(never)]
fn compute() -> (u32, u32) {
    let first = line!();
    let begin = Instant::now();
    let mut number = 1_u64;
    while begin.elapsed() < Duration::from_millis(150) {
        for _ in 0..100_000 {
            number = black_box(number).wrapping_mul(6_364_136_223_846_793_005);
        }
    }
    black_box(number);
    (first, line!())
}

/// Whether lines are known on this system.
#[expect(clippy::print_stderr, reason = "says what is not tested")]
fn is_known() -> bool {
    let is_known = cfg!(all(
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ));
    if !is_known {
        eprintln!("skipped: the line of a long poll is known on Linux with glibc only");
    }
    is_known
}

/// What was seen of the polls of a trace.
fn samples(replay: &Replay) -> Vec<PollSample> {
    let samples = (0..100).filter_map(|poll| replay.tables().poll_sample(poll));
    samples.collect()
}

/// What was seen of a poll at a line of this file, with that line: the first in several runs of a task.
fn seen(task: fn()) -> Option<(u32, PollSample)> {
    (0..ATTEMPTS).find_map(|_| {
        let run = run_real(async move {
            let other = spawn(sleep(ms(1)));
            spawn(async move { task() }).await;
            other.await;
        });
        let replay = replay(run);
        samples(&replay).into_iter().find_map(|sample| {
            let at = replay.tables().location(sample.at)?;
            let is_here = replay.tables().text(at.file) == Location::caller().file();
            is_here.then_some((at.line, sample))
        })
    })
}

#[test]
fn a_poll_that_blocks_has_its_line() {
    if is_known() {
        let (line, _) = seen(|| _ = block()).expect("a sample");
        assert_eq!(line, block());
    }
}

#[test]
fn a_poll_that_computes_has_its_line_and_its_time_on_the_processor() {
    if is_known() {
        let (line, sample) = seen(|| _ = compute()).expect("a sample");
        let (first, last) = compute();
        assert!((first..=last).contains(&line), "{line}");
        let is_told = std::path::Path::new("/proc/self/schedstat").exists();
        assert_eq!(sample.processor.is_some(), is_told);
        assert!(sample.processor.is_none_or(|time| time.0 > 0));
    }
}

#[test]
fn a_program_with_a_handler_of_its_own_is_not_interrupted() {
    if env::var_os(IS_CHILD).is_some() {
        let mut signals = Signals::new([Signal::Urg]).unwrap();
        let run = run_real(async {
            for _ in 0..4 {
                spawn(async { block() }).await;
            }
        });
        let lines = samples(&replay(run));
        assert!(lines.iter().all(|sample| sample.at == LocationId::UNKNOWN));
        let interrupted = futures::StreamExt::next(&mut signals).now_or_never();
        assert!(interrupted.is_none(), "the handler was called");
        return;
    }
    let name = "runtime::lines::a_program_with_a_handler_of_its_own_is_not_interrupted";
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name])
        .env(IS_CHILD, "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

/// A future that was written by hand. It is ready in its third poll, after two calls of `wake`.
struct ByHand {
    polls: u32,
    wake: fn(&Waker),
}

/// Where the first poll of [`ByHand`] clones its waker.
const CLONED: u32 = line!() + 9;

impl Future for ByHand {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.polls += 1;
        match self.polls {
            1 => {
                let waker = cx.waker().clone();
                let wake = self.wake;
                thread::spawn(move || wake(&waker));
                Poll::Pending
            }
            2 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

/// Where the second poll of [`ByHand`] wakes itself.
const WOKEN: u32 = CLONED + 6;

#[test]
fn a_wait_that_is_not_declared_has_the_line_of_the_waker() {
    if !is_known() {
        return;
    }
    let lines = || {
        let run = run_real(async {
            let wake = |waker: &Waker| waker.wake_by_ref();
            spawn(ByHand { polls: 0, wake }).await;
        });
        let replay = replay(run);
        let lines = events(&replay).into_iter().filter_map(|event| match event {
            Event::Task(TaskEvent::Wait {
                on: Wait::Unknown,
                at,
                ..
            }) => {
                let at = replay.tables().location(at)?;
                assert_eq!(replay.tables().text(at.file), Location::caller().file());
                Some(at.line)
            }
            _ => None,
        });
        lines.collect::<Vec<u32>>()
    };
    // A run does not wait for ever until the debug information of the process was read.
    let found = (0..ATTEMPTS).find_map(|_| {
        block();
        Some(lines()).filter(|lines| lines.len() > 1)
    });
    assert_eq!(found, Some(vec![CLONED, WOKEN]));
}
