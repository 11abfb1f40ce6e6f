//! Who runs when, and how many consumers there are. Look at `sequential`: it fills the queue before anybody takes anything
//! out, so with a capacity it never ends: a deadlock.

use loopscope::{now, println, scenario::Args};

use super::{concurrent, consumer, producer, queue};

pub(super) async fn sequential(args: Args) {
    let (sender, receiver) = queue(&args);
    for id in 1..=args.count("producers") {
        producer(id, args.count("items"), sender.clone()).await;
    }
    drop(sender); // the channel closes when nobody can send any more
    for id in 1..=args.count("consumers").max(1) {
        consumer(id, args.seconds("work"), receiver.clone()).await;
    }
    println!("total time: {:.2}s", now().seconds());
}

pub(super) async fn one_consumer(args: Args) {
    let consumers = args.count("consumers");
    concurrent(args, if consumers == 0 { 1 } else { consumers }).await;
}

pub(super) async fn three_consumers(args: Args) {
    let consumers = args.count("consumers");
    concurrent(args, if consumers == 0 { 3 } else { consumers }).await;
}
