// Producers put items into a queue, consumers take them out. Look at the length of the channel, and at who
// waits for whom: with one consumer the queue grows, with three it is mostly the consumers that wait.
//
// A capacity bounds the queue: then a producer that is too fast waits in `send`.

mod queue;
mod variants;

use std::time::Duration;

use loopscope::{
    channel::{Receiver, Sender},
    now, println,
    scenario::Args,
    sleep, spawn,
};

use queue::{Item, queue};
use variants::{one_consumer, sequential, three_consumers};

async fn producer(id: u32, items: u32, queue: Sender<Item>) {
    let mut random = super::world::lcg(id);
    for number in 1..=items {
        sleep(Duration::from_millis(500 + u64::from(random() % 1000))).await;
        let item = Item {
            name: format!("P{id}.{number}"),
            number,
            made: now(),
        };
        if queue.send(item).await.is_err() {
            return;
        }
        println!(" -- P{id} generated item {number}");
    }
}

async fn consumer(id: u32, work: Duration, queue: Receiver<Item>) {
    while let Ok(Item { name, number, made }) = queue.recv().await {
        let waited = now().seconds() - made.seconds();
        sleep(work).await;
        println!(
            " +++ C{id} processed {name}: {} (waited {waited:.2}s)",
            number * number
        );
    }
}

async fn concurrent(args: Args, consumers: u32) {
    let (sender, receiver) = queue(&args);
    for id in 1..=args.count("producers") {
        let producer = spawn(producer(id, args.count("items"), sender.clone()));
        producer.named(&format!("P{id}")).detach();
    }
    drop(sender); // the channel closes when the last producer is done
    let consume = |id| spawn(consumer(id, args.seconds("work"), receiver.clone()));
    let consumers = (1..=consumers).map(|id| consume(id).named(&format!("C{id}")));
    for consumer in consumers.collect::<Vec<_>>() {
        consumer.await;
    }
    println!("total time: {:.2}s", now().seconds());
}

loopscope::scenario! {
    name: "producer_consumer",
    title: "A queue between those who make and those who use",
    parts: ["queue.rs", "variants.rs"],
    twin: true,
    variants: [
        sequential(args: args) "first all producing, then all consuming",
        one_consumer(args: args) "everybody at once, one consumer",
        three_consumers(args: args) "everybody at once, three consumers",
    ],
    params: [
        Param::count("producers", "2", 1, 50, "how many producers"),
        Param::count("consumers", "0", 0, 50, "how many consumers; 0: as many as the variant says"),
        Param::count("items", "6", 0, 1000, "how many items each producer makes"),
        Param::seconds("work", "1", 3600.0, "how long a consumer works on an item"),
        Param::count("capacity", "0", 0, 1000, "how many items the queue holds; 0: any number"),
    ],
}
