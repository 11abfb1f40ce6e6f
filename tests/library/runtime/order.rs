//! The order of polls: the ready queue, the snapshot of a tick, timers.

use loopscope::{
    Builder, block_for,
    future::yield_now,
    gather, println, sleep, spawn,
    trace::{ClockKind, Event, LoopEvent, TaskEvent, TaskId, TickPolicy, WakeEffect},
};

use super::{events, lines, ms, printed, replay, run};

#[test]
fn a_spawned_task_does_not_start_now() {
    let replay = replay(run(async {
        let task = spawn(async { println!("task") });
        println!("main");
        task.await;
    }));
    assert_eq!(printed(&replay), lines(&[(0, "main"), (0, "task")]));
}

/// A chain of polls, each of which works and wakes the next, beside a timer that is due after the
/// first.
async fn chain_beside_a_timer() {
    spawn(async {
        for number in 1..=3 {
            block_for(ms(100));
            println!("turn {number}");
            yield_now().await;
        }
    })
    .detach();
    sleep(ms(50)).await;
    println!("timer");
    sleep(ms(1000)).await;
}

#[test]
fn a_draining_loop_fires_no_timer_within_a_tick() {
    let recorded = |policy| {
        let run = Builder::new()
            .clock(ClockKind::Virtual)
            .tick_policy(policy)
            .record(true)
            .run(chain_beside_a_timer());
        assert_eq!(run.log.meta.tick_policy, policy);
        replay(run)
    };
    let snapshot = recorded(TickPolicy::Snapshot);
    let expected = lines(&[
        (100, "turn 1"),
        (200, "turn 2"),
        (200, "timer"),
        (300, "turn 3"),
    ]);
    assert_eq!(printed(&snapshot), expected);
    let drain = recorded(TickPolicy::Drain);
    let expected = lines(&[
        (100, "turn 1"),
        (200, "turn 2"),
        (300, "turn 3"),
        (300, "timer"),
    ]);
    assert_eq!(printed(&drain), expected);
    assert!(drain.index().head().tick() < snapshot.index().head().tick());
}

#[test]
fn a_tick_runs_a_snapshot_of_the_ready_queue() {
    let replay = replay(run(async {
        spawn(async {
            spawn(async { println!("spawned in the tick") }).detach();
            println!("first");
        })
        .detach();
        spawn(async { println!("second") }).detach();
        yield_now().await;
        yield_now().await;
    }));
    let expected = lines(&[(0, "first"), (0, "second"), (0, "spawned in the tick")]);
    assert_eq!(printed(&replay), expected);
    // Tasks spawned in tick 2 ran in tick 3.
    let run_sizes: Vec<u32> = events(&replay)
        .into_iter()
        .filter_map(|event| {
            if let Event::Loop(LoopEvent::RunPhase { ready }) = event {
                Some(ready)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(run_sizes[..3], [1, 3, 2]);
}

#[test]
fn timers_fire_by_deadline_then_by_age() {
    let replay = replay(run(async {
        gather((0..6).map(|number: u64| async move {
            sleep(ms(if number.is_multiple_of(2) { 20 } else { 10 })).await;
            println!("{number}");
        }))
        .await;
    }));
    let expected = [
        (10, "1"),
        (10, "3"),
        (10, "5"),
        (20, "0"),
        (20, "2"),
        (20, "4"),
    ];
    assert_eq!(printed(&replay), lines(&expected));
}

#[test]
fn leftovers_run_before_timers() {
    let replay = replay(run(async {
        spawn(async {
            sleep(ms(5)).await;
            println!("timer");
        })
        .detach();
        yield_now().await;
        block_for(ms(10));
        yield_now().await;
        println!("leftover");
        sleep(ms(1)).await;
    }));
    assert_eq!(printed(&replay), lines(&[(10, "leftover"), (10, "timer")]));
}

#[test]
fn two_wakes_before_a_poll_give_one_poll() {
    let replay = replay(run(async {
        let event = std::sync::Arc::new(loopscope::lock::ManualResetEvent::new());
        let other = std::sync::Arc::new(loopscope::lock::ManualResetEvent::new());
        let (first, second) = (event.clone(), other.clone());
        let task = spawn(async move {
            loopscope::future::zip(first.wait(), second.wait()).await;
        });
        yield_now().await;
        event.set();
        other.set();
        task.await;
    }));
    let wakes: Vec<WakeEffect> = events(&replay)
        .into_iter()
        .filter_map(|event| match event {
            Event::Task(TaskEvent::Wake {
                task: TaskId(1),
                effect,
                ..
            }) => Some(effect),
            _ => None,
        })
        .collect();
    assert_eq!(wakes, [WakeEffect::Enqueued, WakeEffect::Redundant]);
    assert_eq!(
        replay.index().head().tasks.get(TaskId(1)).unwrap().polls(),
        2
    );
}

#[test]
fn awaiting_what_is_done_does_not_suspend() {
    let run = run(async {
        let task = spawn(async { 7 });
        yield_now().await;
        assert!(task.is_finished());
        task.await
    });
    assert_eq!(run.value, Some(7));
    assert_eq!(
        replay(run)
            .index()
            .head()
            .tasks
            .get(TaskId(0))
            .unwrap()
            .polls(),
        2
    );
}

#[test]
fn sleeping_for_no_time_suspends_once() {
    let replay = replay(run(async {
        spawn(async { println!("other") }).detach();
        sleep(ms(0)).await;
        println!("main");
    }));
    assert_eq!(printed(&replay), lines(&[(0, "other"), (0, "main")]));
}

#[test]
fn blocking_work_makes_timers_late() {
    let replay = replay(run(async {
        let sleeper = spawn(async {
            sleep(ms(300)).await;
            println!("due at 300");
        });
        yield_now().await;
        block_for(ms(1000));
        println!("worked");
        sleeper.await;
    }));
    assert_eq!(
        printed(&replay),
        lines(&[(1000, "worked"), (1000, "due at 300")])
    );
}
