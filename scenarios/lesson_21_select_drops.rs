// Belief: select only picks the winner.
//
// Look at the drop in the middle of `deliver`: it has taken a box, and then loses the race against
// the timer. In Rust the loser is dropped mid-way, and the box is lost with it. A future that is
// kept across the rounds continues where it stopped. (asyncio cancels nothing by itself here.)

use std::time::Duration;

use loopscope::{
    channel::{self, Receiver, Sender},
    future::or,
    println, sleep,
};

async fn deliver(boxes: Receiver<u32>, doorstep: Sender<u32>) -> &'static str {
    if let Ok(taken) = boxes.recv().await {
        sleep(Duration::from_millis(300)).await; // the way to the doorstep
        let _ = doorstep.send(taken).await;
    }
    "delivered"
}

async fn patience() -> &'static str {
    sleep(Duration::from_millis(200)).await;
    "not yet"
}

/// Four boxes in the store, and an empty doorstep.
async fn store() -> (Receiver<u32>, Sender<u32>, Receiver<u32>) {
    let (store, boxes) = channel::named("boxes", 0);
    for number in 1..=4 {
        let _ = store.send(number).await;
    }
    let (doorstep, delivered) = channel::named("doorstep", 0);
    (boxes, doorstep, delivered)
}

async fn wrong() {
    let (boxes, doorstep, delivered) = store().await;
    for _ in 0..4 {
        let won = or(deliver(boxes.clone(), doorstep.clone()), patience()).await;
        println!("{won}"); // the loser is dropped, and its box with it
    }
    println!("{} delivered, {} left", delivered.len(), boxes.len());
}

async fn right() {
    let (boxes, doorstep, delivered) = store().await;
    let mut delivery = Box::pin(deliver(boxes.clone(), doorstep.clone()));
    for _ in 0..4 {
        let won = or(&mut delivery, patience()).await;
        println!("{won}");
        if won == "delivered" {
            delivery = Box::pin(deliver(boxes.clone(), doorstep.clone()));
        }
    }
    println!("{} delivered, {} left", delivered.len(), boxes.len());
}

loopscope::scenario! {
    name: "lesson_21_select_drops",
    title: "Lesson 21: select only picks the winner?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "a new future each round: the loser is dropped",
        right() "one future, kept across the rounds",
    ],
    params: [],
}
