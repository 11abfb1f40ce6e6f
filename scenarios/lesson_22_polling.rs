// Belief: polling with yield is cheap.
//
// Look at the polls of `waiter`. A loop that asks "is it done?" and yields costs a poll in every
// tick while the work takes its time. An event costs one wake, however long the work takes.

use std::{cell::Cell, rc::Rc, time::Duration};

use loopscope::{
    block_for, future::yield_now, lock::ManualResetEvent, println, spawn, spawn_local,
};

async fn work() {
    for _ in 0..100 {
        block_for(Duration::from_millis(10));
        yield_now().await;
    }
}

async fn poll_until(done: Rc<Cell<bool>>) {
    while !done.get() {
        yield_now().await;
    }
    println!("done");
}

async fn wait_until(done: Rc<ManualResetEvent>) {
    done.wait().await;
    println!("done");
}

async fn wrong() {
    let done = Rc::new(Cell::new(false));
    let waiter = spawn_local(poll_until(Rc::clone(&done))).named("waiter");
    let work = spawn(work());
    work.await;
    done.set(true);
    waiter.await;
}

async fn right() {
    let done = Rc::new(ManualResetEvent::new());
    let waiter = spawn_local(wait_until(Rc::clone(&done))).named("waiter");
    let work = spawn(work());
    work.await;
    done.set();
    waiter.await;
}

loopscope::scenario! {
    name: "lesson_22_polling",
    title: "Lesson 22: polling with yield is cheap?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "polls again and again",
        right() "waits for an event",
    ],
    params: [],
}
