// Belief: a queue makes it safe.
//
// Look at the length of the queue. The producer is five times as fast as the consumer. Without a
// limit the queue grows with every item; a bounded queue makes the producer wait. The total is the
// same, because the consumer is the slow part.

use std::time::Duration;

use loopscope::{
    channel::{self, Receiver, Sender},
    println, sleep, spawn,
};

async fn producer(items: Sender<u32>) {
    for item in 1..=8 {
        let _ = items.send(item).await;
        sleep(Duration::from_millis(100)).await;
    }
    println!("producer is done");
}

async fn consumer(items: Receiver<u32>) {
    for _ in 1..=8 {
        let _ = items.recv().await;
        sleep(Duration::from_millis(500)).await;
    }
    println!("consumer is done");
}

async fn work(capacity: usize) {
    let (sender, receiver) = channel::named("items", capacity);
    let producer = spawn(producer(sender));
    let consumer = spawn(consumer(receiver));
    producer.await;
    consumer.await;
}

async fn wrong() {
    work(0).await; // any number of items
}

async fn right() {
    work(2).await;
}

loopscope::scenario! {
    name: "lesson_19_queue_depth",
    title: "Lesson 19: a queue makes it safe?",
    twin: true,
    pairs: true,
    variants: [
        wrong() "without a limit",
        right() "at most two items",
    ],
    params: [],
}
