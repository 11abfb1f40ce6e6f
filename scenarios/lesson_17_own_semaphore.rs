// Belief: the semaphore limits it.
//
// Look at the semaphores: how many are there, and which tasks queue for them? A semaphore limits
// the tasks that share it. One that each task makes for itself always has a permit, so six
// downloads run.

use std::{rc::Rc, time::Duration};

use loopscope::{gather, lock::Semaphore, println, sleep};

async fn download(number: u32, at_once: Rc<Semaphore>) {
    let _permit = at_once.acquire().await;
    sleep(Duration::from_secs(1)).await;
    println!("download {number}");
}

async fn wrong() {
    gather((1..=6).map(|number| async move {
        download(number, Rc::new(Semaphore::named("own", 2))).await; // a new one for each task
    }))
    .await;
}

async fn right() {
    let shared = Rc::new(Semaphore::named("shared", 2));
    gather((1..=6).map(|number| download(number, Rc::clone(&shared)))).await;
}

loopscope::scenario! {
    name: "lesson_17_own_semaphore",
    title: "Lesson 17: the semaphore limits it?",
    twin: true,
    variants: [
        wrong() "a semaphore of two for each task",
        right() "one semaphore of two for all",
    ],
    params: [],
}
