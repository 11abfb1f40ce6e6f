//! Pausing, stepping, stopping.

use std::{
    thread,
    time::{Duration, Instant},
};

use loopscope::{
    Builder,
    future::yield_now,
    gather,
    replay::Replay,
    runtime::{LiveTrace, LoopControl},
    sleep,
    trace::{ClockKind, Log, Outcome},
};

use super::ms;

struct Paused {
    feed: LiveTrace,
    control: LoopControl,
    thread: thread::JoinHandle<Outcome>,
    replay: Replay,
}

impl Paused {
    /// Starts a paused loop on a thread, which will run `main`.
    fn start<F: Future + 'static>(main: fn() -> F) -> Paused {
        let (feed, control) = (LiveTrace::new(), LoopControl::new());
        control.pause();
        let thread = thread::spawn({
            let (feed, control) = (feed.clone(), control.clone());
            move || {
                Builder::new()
                    .clock(ClockKind::Real)
                    .live_trace(feed)
                    .control(control)
                    .run(main())
                    .outcome
            }
        });
        let mut paused = Paused {
            feed,
            control,
            thread,
            replay: Replay::new(Log::default()),
        };
        paused.settle();
        paused
    }

    /// Waits until the loop is paused again, and appends its events.
    fn settle(&mut self) -> (u64, u64) {
        while !self.feed.is_paused() {
            thread::sleep(Duration::from_millis(1));
        }
        self.replay.append(&self.feed.take());
        let state = self.replay.index().head();
        (state.tick(), state.cursor.polls())
    }

    fn stop(self) -> Outcome {
        self.control.stop();
        self.thread.join().unwrap()
    }
}

async fn three_tasks_that_yield() {
    let yielding = || async {
        for _ in 0..1_000_000 {
            yield_now().await;
        }
    };
    gather([yielding(), yielding(), yielding()]).await;
}

/// Requests a step, and waits for its beginning and its end.
fn step(paused: &mut Paused, ask: fn(&LoopControl)) -> (u64, u64) {
    let before = paused.settle();
    ask(&paused.control);
    while paused.settle() == before {}
    // The events seen may be the first half of the step. The loop was resumed before it recorded
    // them, so it is paused again only after the second half.
    paused.settle()
}

#[test]
fn a_paused_loop_steps_by_ticks_and_by_polls() {
    let mut paused = Paused::start(three_tasks_that_yield);
    assert_eq!(paused.settle(), (0, 0));
    assert_eq!(
        step(&mut paused, LoopControl::tick),
        (1, 1),
        "main spawns the three"
    );
    assert_eq!(step(&mut paused, LoopControl::tick), (2, 4));
    assert_eq!(step(&mut paused, LoopControl::poll), (3, 5));
    assert_eq!(step(&mut paused, LoopControl::poll), (3, 6));
    assert_eq!(
        step(&mut paused, LoopControl::tick),
        (3, 7),
        "from the middle of a tick, to its end"
    );
    assert_eq!(step(&mut paused, LoopControl::tick), (4, 10));
    assert_eq!(paused.stop(), Outcome::Stopped);
}

/// Once, a step that was requested before the previous one had begun was lost.
#[test]
fn every_requested_step_is_taken() {
    let mut paused = Paused::start(three_tasks_that_yield);
    let settled_at = |paused: &mut Paused, polls| {
        while paused.settle().1 < polls {}
        paused.settle()
    };
    for _ in 0..5 {
        paused.control.tick();
    }
    assert_eq!(settled_at(&mut paused, 13), (5, 13));
    for _ in 0..4 {
        paused.control.poll();
    }
    assert_eq!(settled_at(&mut paused, 17), (7, 17));
    paused.control.tick();
    paused.control.poll();
    assert_eq!(
        settled_at(&mut paused, 20),
        (8, 20),
        "first to the end of the tick, then one poll"
    );
    assert_eq!(paused.stop(), Outcome::Stopped);
}

#[test]
fn a_pause_takes_no_loop_time() {
    let begun = Instant::now();
    let mut paused = Paused::start(|| async {
        sleep(ms(10)).await;
    });
    step(&mut paused, LoopControl::tick);
    let pause = Instant::now();
    thread::sleep(ms(100));
    let pause = pause.elapsed();
    paused.control.run();
    while !paused.feed.is_ended() {
        thread::sleep(ms(1));
    }
    paused.replay.append(&paused.feed.take());
    // The loop was paused for at least the pause, so its clock shows at most the rest, however slow
    // the machine is.
    let total = Duration::from_nanos(paused.replay.index().head().now().0);
    assert!(total + pause <= begun.elapsed(), "{total:?} and {pause:?}");
}

#[test]
fn stop_ends_a_loop_that_waits() {
    let (feed, control) = (LiveTrace::new(), LoopControl::new());
    let thread = thread::spawn({
        let (feed, control) = (feed.clone(), control.clone());
        move || {
            Builder::new()
                .live_trace(feed)
                .control(control)
                .run(sleep(Duration::from_hours(1)))
                .outcome
        }
    });
    thread::sleep(ms(20));
    control.stop();
    assert_eq!(thread.join().unwrap(), Outcome::Stopped);
    assert!(feed.is_ended());
}
