// Three reads of 3, 1 and 2 seconds, which the device can do at once, and four ways to wait for
// them. Look at TIMERS: the sequential variant sets one at a time, the others all three.
//
// Starting every read is half of it. Awaiting them in list order leaves finished reads unused while
// the first one is slow. Taking whichever is ready first uses that time.
//
// With `--set prep=0.1 --set more=0.2` each read has CPU work before and after it, which overlaps
// with nothing but reads. The total is never less than all the work plus one read.

use std::time::Duration;

use loopscope::{block_for, first_completed, println, sleep, spawn};

/// The files, and the seconds that the device takes for each.
const FILES: [(&str, u64); 3] = [("file1", 3), ("file2", 1), ("file3", 2)];

async fn read((file, seconds): (&'static str, u64), prep: Duration) -> &'static str {
    block_for(prep);
    sleep(Duration::from_secs(seconds)).await;
    file
}

fn process(data: &str, more: Duration) {
    block_for(more);
    println!("processed data of {data}");
}

async fn sequential(prep: Duration, more: Duration) {
    for file in FILES {
        process(read(file, prep).await, more);
    }
}

async fn tickets_in_order(prep: Duration, more: Duration) {
    let tickets = FILES.map(|file| spawn(read(file, prep)).named(file.0));
    for ticket in tickets {
        process(ticket.await, more); // the others may be finished by then
    }
}

async fn first_ready(prep: Duration, more: Duration) {
    let mut tickets = FILES
        .map(|file| spawn(read(file, prep)).named(file.0))
        .into();
    while let Some(data) = first_completed(&mut tickets).await {
        process(data, more);
    }
}

// The same with the stream of the library.
async fn as_completed(prep: Duration, more: Duration) {
    let mut reads = loopscope::as_completed(FILES.map(|file| read(file, prep)));
    while let Some(data) = reads.next().await {
        process(data, more);
    }
}

loopscope::scenario! {
    name: "use_files",
    title: "Three slow reads, and four ways to wait for them",
    twin: true,
    pairs: true,
    variants: [
        sequential(prep: seconds, more: seconds) "one read after the other",
        tickets_in_order(prep: seconds, more: seconds) "start all, await them in list order",
        first_ready(prep: seconds, more: seconds) "start all, await whichever is first",
        as_completed(prep: seconds, more: seconds) "a stream of the results, as they come",
    ],
    params: [
        Param::seconds("prep", "0", 3600.0, "work before each read"),
        Param::seconds("more", "0", 3600.0, "work after each read"),
    ],
}
