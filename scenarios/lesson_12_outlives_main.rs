// Belief: background work outlives main.
//
// Look at the end of the lane of `mail`: the end of main cuts it off. The loop runs until its main
// task is done; every other task is then dropped, detached or not. Await the work that must finish.

use std::time::Duration;

use loopscope::{println, sleep, spawn};

async fn send_mail() {
    sleep(Duration::from_secs(2)).await;
    println!("mail sent");
}

async fn wrong() {
    spawn(send_mail()).named("mail").detach();
    sleep(Duration::from_millis(100)).await;
    println!("main is done");
}

async fn right() {
    let mail = spawn(send_mail()).named("mail");
    sleep(Duration::from_millis(100)).await;
    println!("main is done");
    mail.await;
}

loopscope::scenario! {
    name: "lesson_12_outlives_main",
    title: "Lesson 12: background work outlives main?",
    twin: true,
    variants: [
        wrong() "main ends at 0.1 s",
        right() "main awaits the task",
    ],
    params: [],
}
