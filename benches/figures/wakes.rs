//! Wakes from other threads while the loop waits: each wake must cause one poll, and no poll may
//! come without a wake.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::{Poll, Waker},
    thread::{self, Thread},
    time::Duration,
};

use loopscope::{
    Builder,
    replay::Replay,
    runtime::OnIdle,
    spawn,
    trace::{ClockKind, Event, LoopEvent, Position},
};

use crate::measure::{figure, is_asked, now};

const THREADS: usize = 4;
const WAKES: u32 = 25_000;

/// A wake without a poll after this time counts as lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// State that a thread shares with the task that it wakes.
#[derive(Default)]
struct Line {
    /// Set by the thread before it wakes the task, cleared by the task in the poll that follows.
    rung: AtomicBool,
    waker: Mutex<Option<Waker>>,
    thread: Mutex<Option<Thread>>,
    answered: AtomicU32,
    turns: AtomicU32,
    lost: AtomicU32,
}

pub(crate) fn all() {
    if !is_asked("wakes") {
        return;
    }
    let lines: Vec<Arc<Line>> = (0..THREADS).map(|_| Arc::default()).collect();
    let run = thread::scope(|scope| {
        for line in &lines {
            let ringing = scope.spawn(|| ring(line));
            *line.thread.lock().unwrap() = Some(ringing.thread().clone());
        }
        Builder::new()
            .clock(ClockKind::Real)
            .on_idle(OnIdle::Wait)
            .record(true)
            .run(answer_all(lines.clone()))
    });
    assert_eq!(run.value, Some(()));

    let sum = |count: fn(&Line) -> &AtomicU32| -> u32 {
        let counts = lines.iter().map(|line| count(line).load(Ordering::SeqCst));
        counts.sum()
    };
    // The first poll of a task comes from its spawn.
    let first_turns = u32::try_from(THREADS).unwrap();
    let turns = sum(|line| &line.turns) - first_turns;
    let answered = sum(|line| &line.answered);
    let replay = Replay::new(run.log);
    let empty_ticks = replay
        .events_from(Position(0))
        .filter(|(_, event, _)| *event == Event::Loop(LoopEvent::RunPhase { ready: 0 }))
        .count();
    figure("wakes.lost", f64::from(sum(|line| &line.lost)), "wakes");
    figure("wakes.spurious_turns", f64::from(turns - answered), "turns");
    figure("wakes.spurious_ticks", empty_ticks as f64, "ticks");
}

/// Wakes the task again each time it has answered.
fn ring(line: &Line) {
    while line.waker.lock().unwrap().is_none() {
        thread::yield_now();
    }
    for wake in 0..WAKES {
        line.rung.store(true, Ordering::SeqCst);
        let waker = line.waker.lock().unwrap().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
        let mut asked = now();
        while line.answered.load(Ordering::SeqCst) <= wake {
            thread::park_timeout(PATIENCE);
            if line.rung.load(Ordering::SeqCst) && asked.elapsed() >= PATIENCE {
                line.lost.fetch_add(1, Ordering::SeqCst);
                // Wakes it again, so that the run continues.
                if let Some(waker) = line.waker.lock().unwrap().clone() {
                    waker.wake();
                }
                asked = now();
            }
        }
    }
}

async fn answer_all(lines: Vec<Arc<Line>>) {
    let tasks: Vec<_> = lines.into_iter().map(|line| spawn(answer(line))).collect();
    for task in tasks {
        task.await;
    }
}

async fn answer(line: Arc<Line>) {
    poll_fn(|cx| {
        line.turns.fetch_add(1, Ordering::SeqCst);
        let mut waker = line.waker.lock().unwrap();
        if waker.is_none() {
            *waker = Some(cx.waker().clone());
        }
        drop(waker);
        // Read once per poll: a later wake belongs to the next poll.
        if line.rung.swap(false, Ordering::SeqCst) {
            let answered = line.answered.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(thread) = line.thread.lock().unwrap().as_ref() {
                thread.unpark();
            }
            if answered == WAKES {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    })
    .await;
}
