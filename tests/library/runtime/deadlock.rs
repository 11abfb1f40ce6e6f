//! Deadlocks, stalls and limits.

use std::{cell::RefCell, future::pending, task::Poll};

use loopscope::{
    channel,
    lock::Mutex,
    sleep, spawn,
    trace::{Moment, Outcome, TaskId},
};

use super::{ms, replay, run};

#[test]
fn taking_a_lock_twice_ends_as_a_deadlock() {
    let run = run(async {
        let lock = Mutex::new(());
        let _first = lock.lock().await;
        let _second = lock.lock().await;
    });
    assert_eq!(run.outcome, Outcome::Deadlock);
    let replay = replay(run);
    let state = replay.index().head();
    assert_eq!(state.outcome, Some(Outcome::Deadlock));
    assert!(
        !state.tasks.get(TaskId(0)).unwrap().phase.ended(),
        "what hangs is not cancelled in the picture"
    );
}

#[test]
fn two_tasks_that_wait_for_each_other_are_a_deadlock() {
    let run = run(async {
        let (to_main, from_task) = channel::bounded::<()>(1);
        let (to_task, from_main) = channel::bounded::<()>(1);
        let task = spawn(async move {
            from_main.recv().await.unwrap();
            to_main.send(()).await.unwrap();
        });
        from_task.recv().await.unwrap();
        to_task.send(()).await.unwrap();
        task.await;
    });
    assert_eq!(run.outcome, Outcome::Deadlock);
}

#[test]
fn an_unknown_future_is_no_proof_of_a_deadlock() {
    let run = run(pending::<()>());
    assert_eq!(run.outcome, Outcome::Stalled);
}

#[test]
fn a_foreign_waker_is_no_proof_of_a_deadlock() {
    // A future that keeps a waker unknown to the loop, joined with a lock that is never free.
    let kept = RefCell::new(None);
    let run = run(async {
        let lock = Mutex::new(());
        let _held = lock.lock().await;
        let foreign = std::future::poll_fn(|cx| {
            *kept.borrow_mut() = Some(cx.waker().clone());
            Poll::<()>::Pending
        });
        drop(loopscope::future::zip(lock.lock(), foreign).await);
    });
    assert_eq!(run.outcome, Outcome::Stalled);
}

/// The queue of a channel keeps no clone of the task's waker, so the clone of the foreign future is
/// the only one.
#[test]
fn a_foreign_waker_beside_a_channel_is_no_proof_of_a_deadlock() {
    let kept = RefCell::new(None);
    let run = run(async {
        let (_to, from) = channel::bounded::<()>(1);
        let foreign = std::future::poll_fn(|cx| {
            *kept.borrow_mut() = Some(cx.waker().clone());
            Poll::<()>::Pending
        });
        let _ = loopscope::future::zip(from.recv(), foreign).await;
    });
    assert_eq!(run.outcome, Outcome::Stalled);
}

#[test]
fn until_ends_a_run_at_its_moment() {
    let ended = loopscope::Builder::new()
        .clock(loopscope::trace::ClockKind::Virtual)
        .record(true)
        .until(Moment::from_seconds(2.5))
        .run(async {
            loop {
                sleep(ms(1000)).await;
            }
        });
    assert_eq!(ended.outcome, Outcome::Stopped);
    assert_eq!(
        replay(ended).index().head().now(),
        Moment::from_seconds(2.5)
    );
}

/// Once, only a loop that waited checked the time.
#[test]
fn until_ends_a_run_that_is_never_idle() {
    let ended = loopscope::Builder::new()
        .clock(loopscope::trace::ClockKind::Virtual)
        .record(true)
        .until(Moment::from_seconds(2.5))
        .max_events(10_000)
        .run(async {
            loop {
                loopscope::block_for(ms(1000));
                loopscope::future::yield_now().await;
            }
        });
    assert_eq!(ended.outcome, Outcome::Stopped);
    assert_eq!(
        replay(ended).index().head().now(),
        Moment::from_seconds(3.0)
    );
}

#[test]
fn a_limit_ends_an_endless_program() {
    let ended = loopscope::Builder::new()
        .clock(loopscope::trace::ClockKind::Virtual)
        .record(true)
        .max_events(1000)
        .run(async {
            loop {
                loopscope::future::yield_now().await;
            }
        });
    assert_eq!(ended.outcome, Outcome::Limit);
    let events = replay(ended).end().0;
    assert!((1000..1010).contains(&events), "{events} events");
}
