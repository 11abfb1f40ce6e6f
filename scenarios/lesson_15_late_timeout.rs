// Belief: a timeout always fires on time.
//
// Look at the timer of the time limit, due at 2.5 s, and at the task that runs past it. A time
// limit is an ordinary timer: the loop checks it between polls. Work that never suspends finishes
// first, and the limit then sees a finished task.

use std::time::Duration;

use loopscope::{block_for, println, sleep, timeout};

const PIECE: Duration = Duration::from_millis(500);
const LIMIT: Duration = Duration::from_millis(2500);

async fn stubborn() {
    (0..7).for_each(|_| block_for(PIECE));
}

async fn cooperative() {
    for _ in 0..7 {
        sleep(PIECE).await;
    }
}

async fn limited(work: impl Future<Output = ()>) {
    match timeout(LIMIT, work).await {
        Ok(()) => println!("returned"),
        Err(_) => println!("timed out"),
    }
}

async fn wrong() {
    limited(stubborn()).await;
}

async fn right() {
    limited(cooperative()).await;
}

loopscope::scenario! {
    name: "lesson_15_late_timeout",
    title: "Lesson 15: a timeout always fires on time?",
    twin: true,
    variants: [
        wrong() "the work never yields",
        right() "the work yields after each piece",
    ],
    params: [],
}
