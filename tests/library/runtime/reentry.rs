//! Code of the program that runs where the loop does not expect it: in destructors at the end of a
//! run, in wakers, and on other threads.

use std::{
    cell::Cell,
    future::pending,
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread,
};

use loopscope::{
    FutureExt as _, LocalExecutor, Timer,
    future::yield_now,
    lock::Mutex,
    now,
    runtime::{self, LoopControl},
    sleep, spawn, spawn_local,
    trace::{Event, LoopEvent, Outcome, ResourceEvent, ResourceOp},
};

use super::{events, ms, replay, run};

/// Calls a function when dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn a_destructor_may_spawn_after_the_last_task_was_cancelled() {
    let spawned = Rc::new(Cell::new(false));
    let seen = Rc::clone(&spawned);
    let run = run(async move {
        // The handle outlives the run, so the result is dropped with the loop's slots.
        let task = spawn_local(async move {
            OnDrop(move || {
                spawn(async {}).detach();
                seen.set(true);
            })
        });
        std::mem::forget(task);
        // Leaves free slots behind.
        for _ in 0..3 {
            spawn(async {}).await;
        }
    });
    assert_eq!(run.outcome, Outcome::Finished);
    assert!(spawned.get(), "the spawn in the destructor panicked");
}

#[test]
fn a_stopped_thread_loop_can_be_run_again() {
    let control = LoopControl::new();
    let options = runtime::WatchOptions {
        control: control.clone(),
        ..Default::default()
    };
    assert!(runtime::watch(options));
    for _ in 0..2 {
        let stopped = runtime::block_on(async {
            let _task = spawn(pending::<()>());
            spawn(async {}).await;
            control.stop();
            pending::<()>().await;
        });
        assert_eq!(stopped, None);
    }
}

#[test]
fn nothing_is_recorded_after_the_end_of_a_hung_run() {
    let run = run(async {
        let executor = Rc::new(LocalExecutor::new());
        let spawner = Rc::clone(&executor);
        let _spawns = OnDrop(move || spawner.spawn(async {}).detach());
        let lock = Mutex::new(());
        let _held = lock.lock().await;
        drop(lock.lock().await);
    });
    assert_eq!(run.outcome, Outcome::Deadlock);
    let last = events(&replay(run)).pop();
    assert!(
        matches!(last, Some(Event::Loop(LoopEvent::End { .. }))),
        "{last:?}"
    );
}

/// Spawns a task when its last clone is dropped.
struct SpawnsOnDrop;

impl Wake for SpawnsOnDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for SpawnsOnDrop {
    fn drop(&mut self) {
        spawn(async {}).detach();
    }
}

#[test]
fn a_joining_waker_that_is_replaced_may_spawn() {
    let run = run(async {
        let mut task = pin!(spawn(sleep(ms(10))));
        for _ in 0..2 {
            // The loop has the last clone of the first waker when the second one replaces it.
            let waker = Waker::from(Arc::new(SpawnsOnDrop));
            assert!(
                task.as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
        }
        task.await;
    });
    assert_eq!(run.value, Some(()));
}

/// Once, the loop counted such an operation forever, and its virtual clock did not jump again.
#[test]
fn an_operation_that_a_thread_drops_does_not_stop_the_clock() {
    let run = run(async {
        let mut operation = Box::pin(pending::<()>().io("never"));
        let polled = std::future::poll_fn(|cx| Poll::Ready(operation.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        thread::spawn(move || drop(operation)).join().unwrap();
        sleep(ms(1000)).await;
        now().seconds()
    });
    assert_eq!(run.value, Some(1.0));
    let abandoned = |event: &Event| {
        matches!(
            event,
            Event::Resource(ResourceEvent::Op {
                op: ResourceOp::Abandoned,
                ..
            })
        )
    };
    assert!(events(&replay(run)).iter().any(abandoned));
}

#[test]
fn a_fired_timer_that_is_set_again_fires_at_the_new_time() {
    let run = run(async {
        let mut timer = Timer::after(ms(10));
        let polled = std::future::poll_fn(|cx| {
            Poll::Ready(std::pin::Pin::new(&mut timer).poll(cx).is_ready())
        });
        assert!(!polled.await);
        // The timer fires, and is not polled since.
        sleep(ms(20)).await;
        yield_now().await;
        timer.set_after(ms(100));
        timer.await;
        now().seconds()
    });
    assert_eq!(run.value, Some(0.12));
}
