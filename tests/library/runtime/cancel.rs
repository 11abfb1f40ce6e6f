//! The ends of tasks: completion, cancellation, panics, the end of main.

use std::{cell::Cell, rc::Rc};

use loopscope::{
    FutureExt as _, TaskGroup,
    future::yield_now,
    gather,
    lock::Mutex,
    println, sleep, spawn, spawn_local, timeout,
    trace::{Event, LoopEvent, Outcome, PollOutcome, TaskEvent, TaskId, TimerEvent},
};

use super::{events, lines, ms, printed, replay, run};

/// Prints when it is dropped.
struct Says(&'static str);

impl Drop for Says {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

#[test]
fn cancellation_is_delivered_after_the_request() {
    let replay = replay(run(async {
        let task = spawn(async {
            let _guard = Says("dropped");
            sleep(ms(1000)).await;
        });
        yield_now().await;
        println!("asking");
        assert_eq!(task.cancel().await, None);
        println!("told");
    }));
    assert_eq!(
        printed(&replay),
        lines(&[(0, "asking"), (0, "dropped"), (0, "told")])
    );
    let kinds = events(&replay);
    let place = |wanted: Event| kinds.iter().position(|event| *event == wanted).unwrap();
    let asked = place(Event::Task(TaskEvent::CancelRequested {
        task: TaskId(1),
        dropped: false,
    }));
    let delivered = place(Event::Task(TaskEvent::CancelDelivered { task: TaskId(1) }));
    assert!(
        kinds[asked..delivered].contains(&Event::Loop(LoopEvent::TickStart)),
        "in one tick"
    );
    assert!(
        kinds[delivered..]
            .iter()
            .any(|event| matches!(event, Event::Timer(TimerEvent::Cancelled { .. })))
    );
}

#[test]
fn dropping_cancels_and_detaching_does_not() {
    let replay = replay(run(async {
        drop(spawn(async { println!("dropped handle") }));
        spawn(async { println!("detached") }).detach();
        sleep(ms(1)).await;
    }));
    assert_eq!(printed(&replay), lines(&[(0, "detached")]));
}

#[test]
fn a_task_done_before_its_cancellation_keeps_its_result() {
    let run = run(async {
        let task = spawn(async { 7 });
        yield_now().await;
        task.cancel().await
    });
    assert_eq!(run.value, Some(Some(7)));
}

#[test]
fn a_panic_reaches_the_awaiting_task() {
    let run = run(async {
        let bystander = spawn(async {
            sleep(ms(10)).await;
            println!("still here");
        });
        let task = spawn(async { panic!("no such luck") });
        let caught =
            loopscope::future::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(task)).await;
        assert!(caught.is_err());
        bystander.await;
    });
    assert_eq!(run.outcome, Outcome::Finished);
    let replay = replay(run);
    assert_eq!(printed(&replay), lines(&[(10, "still here")]));
    let message = events(&replay).into_iter().find_map(|event| match event {
        Event::Task(TaskEvent::Failed {
            task: TaskId(2),
            message,
        }) => Some(message),
        _ => None,
    });
    assert!(
        replay
            .tables()
            .text(message.unwrap())
            .starts_with("no such luck (tests")
    );
}

#[test]
fn a_panic_of_the_main_task_is_the_run_s_outcome() {
    let run = run(async { panic!("at the top") });
    assert_eq!(run.outcome, Outcome::Panicked);
    assert_eq!(run.panic.unwrap().downcast_ref(), Some(&"at the top"));
}

#[test]
fn unfinished_tasks_are_cancelled_when_main_ends() {
    let replay = replay(run(async {
        for name in ["a", "b", "c"] {
            spawn(async move {
                let _guard = Says(name);
                sleep(ms(60_000)).await;
            })
            .detach();
        }
        sleep(ms(1)).await;
    }));
    assert_eq!(printed(&replay), lines(&[(1, "a"), (1, "b"), (1, "c")]));
    let ends = events(&replay).into_iter().filter(|event| {
        matches!(
            event,
            Event::Task(TaskEvent::PollEnd {
                outcome: PollOutcome::Cancelled,
                ..
            })
        )
    });
    assert_eq!(ends.count(), 3);
}

#[test]
fn a_panic_in_a_destructor_ends_the_destructor_only() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in drop");
        }
    }
    let run = run(async {
        let task = spawn(async {
            let _bomb = Bomb;
            sleep(ms(1000)).await;
        });
        yield_now().await;
        task.cancel().await;
        7
    });
    assert_eq!((run.value, run.outcome), (Some(7), Outcome::Finished));
}

#[test]
fn a_timeout_drops_its_future() {
    let replay = replay(run(async {
        let slow = async {
            let _guard = Says("dropped");
            sleep(ms(100)).await;
        };
        assert!(timeout(ms(30), slow).await.is_err());
        assert_eq!(timeout(ms(30), async { 7 }).await, Ok(7));
        let on_the_dot = sleep(ms(20)).named("on the dot");
        assert_eq!(timeout(ms(20), on_the_dot).await, Ok(()));
    }));
    assert_eq!(printed(&replay), lines(&[(30, "dropped")]));
}

#[test]
fn a_group_cancels_the_others_when_one_fails() {
    let replay = replay(run(async {
        let mut group = TaskGroup::new();
        for (name, fails) in [("x", false), ("y", true)] {
            group.spawn(async move {
                let _guard = Says(name);
                sleep(ms(if fails { 10 } else { 50 })).await;
                if fails { Err("failed") } else { Ok(()) }
            });
        }
        println!("{:?}", group.join().await);
    }));
    assert_eq!(
        printed(&replay),
        lines(&[(10, "y"), (10, "x"), (10, "Err(\"failed\")")])
    );
}

#[test]
fn gather_gives_results_in_the_order_of_its_futures() {
    let run = run(async {
        gather([30, 10, 20].map(|time| async move {
            sleep(ms(time)).await;
            time
        }))
        .await
    });
    assert_eq!(run.value, Some(vec![30, 10, 20]));
}

#[test]
fn a_cancelled_waiter_passes_the_lock_on() {
    let run = run(async {
        let lock = Rc::new(Mutex::new(Cell::new(0)));
        let held = lock.lock().await;
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let lock = lock.clone();
                spawn_local(async move {
                    let value = lock.lock().await;
                    value.set(value.get() + 1);
                })
            })
            .collect();
        yield_now().await;
        drop(held);
        let mut waiters = waiters.into_iter();
        // The first waiter got the lock and has not run yet.
        waiters.next().unwrap().cancel().await;
        for waiter in waiters {
            waiter.await;
        }
        lock.lock().await.get()
    });
    assert_eq!(run.value, Some(2));
}
