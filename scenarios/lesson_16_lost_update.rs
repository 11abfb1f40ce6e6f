// Belief: one thread, so no races.
//
// Look at the lane of `balance`, a number whose every reading and writing is recorded, and at the three tasks between
// their read and their write: all three read 100 before any writes 110. One thread means that nobody runs *between
// two awaits*; over an `.await` the world may change. A lock that is held over it keeps the others out.

use std::{rc::Rc, time::Duration};

use loopscope::{SharedValue, gather, lock::Mutex, println, sleep};

async fn network() {
    sleep(Duration::from_millis(100)).await;
}

async fn deposit(balance: SharedValue) {
    let read = balance.get();
    network().await; // here the other two read the same
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
    let lock = Rc::new(Mutex::new(()));
    gather((0..3).map(|_| deposit_locked(balance.clone(), Rc::clone(&lock)))).await;
    println!("balance: {}", balance.get());
}

loopscope::scenario! {
    name: "lesson_16_lost_update",
    title: "Lesson 16: one thread, so no races?",
    twin: true,
    variants: [
        wrong() "read, await, write",
        right() "the same with a lock held over the await",
    ],
    params: [],
}
