// Belief: I hold the lock, I may take it again.
//
// Look at who holds the lock and who waits for it: the same task (the arrow on its lane leads back to it), which can
// therefore never give it back. Nothing else is to come, so the loop can prove the deadlock at once. Where a caller
// holds the lock already, pass on what it guards instead of taking it a second time.

use loopscope::{lock::Mutex, println};

async fn add(account: &Mutex<u32>, amount: u32) {
    let mut balance = account.lock().await;
    *balance += amount;
}

fn add_to(balance: &mut u32, amount: u32) {
    *balance += amount;
}

async fn wrong() {
    let account = Mutex::new(100);
    let balance = account.lock().await;
    println!("main holds the lock");
    add(&account, 10).await; // waits for main
    println!("balance: {balance}");
}

async fn right() {
    let account = Mutex::new(100);
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
        right() "takes it once, and passes on what it guards",
    ],
    params: [],
}
