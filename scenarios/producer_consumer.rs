// Producers put items into a queue, consumers take them out. Look at the length of the queue, and
// at which tasks wait: with one consumer the queue grows, with three the consumers mostly wait.
//
// A capacity bounds the queue: a producer that is too fast then waits in `send`. The sequential
// variant fills the queue before any consumer runs, so with a capacity it never ends: a deadlock.

mod queue;

use std::time::Duration;

use loopscope::{
    channel::{Receiver, Sender},
    now, println,
    scenario::Args,
    sleep, spawn,
};

use queue::{Item, queue};

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

/// All producers, then all consumers, without a task.
async fn sequential(args: Args) {
    let (sender, receiver) = queue(&args);
    for id in 1..=args.count("producers") {
        producer(id, args.count("items"), sender.clone()).await; // a full queue waits for ever
    }
    drop(sender); // the channel closes: there is no other sender
    for id in 1..=args.count("consumers").max(1) {
        consumer(id, args.seconds("work"), receiver.clone()).await;
    }
    println!("total time: {:.2}s", now().seconds());
}

/// A task for each of them; `consumers` is the number of consumers unless `--set` gives another.
async fn concurrent(args: Args, consumers: u32) {
    let (sender, receiver) = queue(&args);
    for id in 1..=args.count("producers") {
        let producer = spawn(producer(id, args.count("items"), sender.clone()));
        producer.named(&format!("P{id}")).detach();
    }
    drop(sender); // the channel closes when the last producer is done
    let consumers = match args.count("consumers") {
        0 => consumers,
        set => set,
    };
    let consume = |id| spawn(consumer(id, args.seconds("work"), receiver.clone()));
    let consumers = (1..=consumers).map(|id| consume(id).named(&format!("C{id}")));
    for consumer in consumers.collect::<Vec<_>>() {
        consumer.await;
    }
    println!("total time: {:.2}s", now().seconds());
}

async fn one_consumer(args: Args) {
    concurrent(args, 1).await;
}

async fn three_consumers(args: Args) {
    concurrent(args, 3).await;
}

loopscope::scenario! {
    name: "producer_consumer",
    title: "A queue between producers and consumers",
    parts: ["queue.rs"],
    twin: true,
    pairs: true,
    variants: [
        sequential(args: args) "all producers first, then all consumers",
        one_consumer(args: args) "all at once, with one consumer",
        three_consumers(args: args) "all at once, with three consumers",
    ],
    params: [
        Param::count("producers", "2", 1, 50, "how many producers"),
        Param::count("consumers", "0", 0, 50, "how many consumers; 0: the number of the variant").unset(),
        Param::count("items", "6", 0, 1000, "how many items each producer makes"),
        Param::seconds("work", "1", 3600.0, "how long a consumer works on an item"),
        Param::count("capacity", "0", 0, 1000, "how many items the queue holds; 0: no limit").unset(),
    ],
}
