// Belief: I hold the lock, I may take it again.
//
// Look at the lock: the task that holds it is also the task that waits for it (the arrow on its
// lane leads back to it), so it can never be released. Nothing else is pending, so the loop can
// prove the deadlock. Where the caller holds the lock, pass on what it guards instead.

use loopscope::{lock::Mutex, println};

async fn add(account: &Mutex<u32>, amount: u32) {
    let mut balance = account.lock().await;
    *balance += amount;
}

fn add_to(balance: &mut u32, amount: u32) {
    *balance += amount;
}

async fn wrong() {
    let account = Mutex::named("account", 100);
    let balance = account.lock().await;
    println!("main holds the lock");
    add(&account, 10).await; // waits for main itself
    println!("balance: {balance}");
}

async fn right() {
    let account = Mutex::named("account", 100);
    let mut balance = account.lock().await;
    println!("main holds the lock");
    add_to(&mut balance, 10);
    println!("balance: {balance}");
}

loopscope::scenario! {
    name: "lesson_18_lock_twice",
    title: "Lesson 18: I hold the lock, I may take it again?",
    twin: true,
    variants: [
        wrong() "takes it twice: a deadlock",
        right() "takes it once, and passes the guarded value on",
    ],
    params: [],
}
