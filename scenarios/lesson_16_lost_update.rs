// Belief: one thread, so no races.
//
// Look at the three tasks between their read and their write: all three read 100 before any writes 110. One thread
// means that nobody runs *between two awaits*; over an `.await` the world may change. A lock that is held over it
// keeps the others out.

use std::{cell::Cell, rc::Rc, time::Duration};

use loopscope::{gather, lock::Mutex, println, sleep};

async fn network() {
    sleep(Duration::from_millis(100)).await;
}

async fn deposit(balance: Rc<Cell<u32>>) {
    let read = balance.get();
    network().await; // here the other two read the same
    balance.set(read + 10);
}

async fn deposit_locked(balance: Rc<Mutex<u32>>) {
    let mut balance = balance.lock().await;
    let read = *balance;
    network().await;
    *balance = read + 10;
}

async fn wrong() {
    let balance = Rc::new(Cell::new(100));
    gather((0..3).map(|_| deposit(Rc::clone(&balance)))).await;
    println!("balance: {}", balance.get());
}

async fn right() {
    let balance = Rc::new(Mutex::new(100));
    gather((0..3).map(|_| deposit_locked(Rc::clone(&balance)))).await;
    println!("balance: {}", balance.lock().await);
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
