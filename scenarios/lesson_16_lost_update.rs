// Belief: one thread, so no races.
//
// Look at the lane of `balance`, a number whose reads and writes are recorded: all three tasks read
// 100 before any of them writes 110. On one thread no other task runs *between two awaits*, but
// anything can change across an `.await`. A lock that is held across it keeps the others out.

use std::{rc::Rc, time::Duration};

use loopscope::{SharedValue, gather, lock::Mutex, println, sleep};

async fn network() {
    sleep(Duration::from_millis(100)).await;
}

async fn deposit(balance: SharedValue) {
    let read = balance.get();
    network().await; // meanwhile the other two read the same value
    balance.set(read + 10);
}

async fn deposit_locked(balance: SharedValue, lock: Rc<Mutex<()>>) {
    let _held = lock.lock().await;
    deposit(balance).await;
}

async fn wrong() {
    let balance = SharedValue::new("balance", 100);
    gather((0..3).map(|_| deposit(balance.clone()))).await;
    println!("balance: {}", balance.get());
}

async fn right() {
    let balance = SharedValue::new("balance", 100);
    let lock = Rc::new(Mutex::named("account", ()));
    gather((0..3).map(|_| deposit_locked(balance.clone(), Rc::clone(&lock)))).await;
    println!("balance: {}", balance.get());
}

loopscope::scenario! {
    name: "lesson_16_lost_update",
    title: "Lesson 16: one thread, so no races?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "read, await, write",
        right() "the same with a lock held across the await",
    ],
    params: [],
}
