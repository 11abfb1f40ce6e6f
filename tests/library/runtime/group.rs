//! Groups of tasks: `try_gather`, callbacks, shared results.

use std::{cell::Cell, rc::Rc};

use loopscope::{
    block_for, first_completed, future::yield_now, now, println, sleep, spawn, try_gather, unblock,
};

use super::{ms, printed, replay, run};

/// Prints after a number of milliseconds, and fails if requested.
async fn job(milliseconds: u64, fails: bool) -> Result<u64, u64> {
    sleep(ms(milliseconds)).await;
    println!("{milliseconds}");
    if fails {
        Err(milliseconds)
    } else {
        Ok(milliseconds)
    }
}

#[test]
fn try_gather_gives_results_in_the_order_of_its_futures() {
    let run = run(try_gather_of([(3, false), (1, false), (2, false)]));
    assert_eq!(run.value, Some((Ok(vec![3, 1, 2]), 3)));
}

async fn try_gather_of(jobs: [(u64, bool); 3]) -> (Result<Vec<u64>, u64>, u64) {
    let results = try_gather(jobs.map(|(after, fails)| job(after, fails))).await;
    (results, now().0 / 1_000_000)
}

#[test]
fn after_an_error_of_try_gather_the_others_keep_running() {
    let replay = replay(run(async {
        assert_eq!(
            try_gather_of([(3, false), (1, true), (2, true)]).await,
            (Err(1), 1)
        );
        sleep(ms(5)).await;
    }));
    let lines = printed(&replay);
    assert_eq!(lines, [(1, "1".into()), (2, "2".into()), (3, "3".into())]);
}

#[test]
fn dropping_a_try_gather_cancels_its_tasks() {
    let replay = replay(run(async {
        let gathering = try_gather([job(1, false), job(3, false)]);
        sleep(ms(2)).await;
        drop(gathering);
        sleep(ms(5)).await;
    }));
    assert_eq!(printed(&replay), [(1, "1".into())]);
}

#[test]
fn tasks_that_end_together_come_in_list_order() {
    let run = run(async {
        let mut tasks = vec![
            spawn(job(2, false)),
            spawn(job(1, false)),
            spawn(job(1, false)),
        ];
        let second = tasks[1].id();
        sleep(ms(1)).await;
        yield_now().await;
        let first = first_completed(&mut tasks).await;
        (
            first,
            tasks.iter().all(|task| task.id() != second),
            tasks.len(),
        )
    });
    assert_eq!(run.value, Some((Some(Ok(1)), true, 2)));
}

#[test]
fn a_done_callback_runs_in_a_later_tick() {
    let run = run(async {
        let called = Rc::new(Cell::new(None));
        spawn(async { 7 }).on_done({
            let called = Rc::clone(&called);
            move |value| called.set(Some(value))
        });
        yield_now().await;
        let in_the_task_s_tick = called.get();
        yield_now().await;
        (in_the_task_s_tick, called.get())
    });
    assert_eq!(run.value, Some((None, Some(7))));
}

#[test]
fn callbacks_run_for_finished_tasks_but_not_for_panics() {
    let run = run(async {
        let called = Rc::new(Cell::new(0));
        let done = spawn(async { 1 });
        let panics = spawn(async { panic!("on purpose") });
        sleep(ms(1)).await;
        for task in [done, panics] {
            let called = Rc::clone(&called);
            task.on_done(move |value: u32| called.set(called.get() + value));
        }
        sleep(ms(1)).await;
        called.get()
    });
    assert_eq!(run.value, Some(1));
}

#[test]
fn work_on_a_thread_does_not_block_the_loop() {
    let run = run(async {
        let before = now();
        unblock(|| block_for(ms(1))).await;
        now() == before
    });
    // The virtual clock did not move: nothing in the loop took time.
    assert_eq!(run.value, Some(true));
}
