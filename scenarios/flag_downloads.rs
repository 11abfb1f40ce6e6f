// Flags of the twenty most populous countries, from a simulated web. Look at how many downloads
// wait at once: one, all twenty, or as many as the semaphore admits. The others queue for a permit.
//
// A flag that does not exist, or a server that is down, is a result like any other: the other
// downloads continue. The remaining variants, with progress, errors and two requests a flag, are
// in `variants.rs`.

mod variants;

use std::rc::Rc;

use super::world::{
    flags::{COUNTRIES, Downloaded, Failure, MIXED, Tally, answer, flag_file},
    latency,
};
use loopscope::{FutureExt, as_completed, lock::Semaphore, now, println, sleep};

use variants::{errors, progress, two_requests, two_requests_gather};

/// The country that a file is about, or why the server did not send it.
type Answer = Result<&'static str, Failure>;

/// A GET over the simulated web. Its time and its answer depend on the URL alone.
async fn get(code: &'static str, file: String) -> Answer {
    let url = format!("https://flags.example/flags/{}/{file}", code.to_lowercase());
    sleep(latency(&url)).await;
    answer(code, url)
}

async fn download_one(code: &'static str) {
    match get(code, flag_file(code)).await {
        Ok(_) => println!("{code}"),
        Err(failure) => println!("{code} {failure}"),
    }
}

async fn sequential() {
    for (code, _) in COUNTRIES {
        download_one(code).await;
    }
    println!("20 downloads in {:.2}s", now().seconds());
}

async fn gather() {
    let task = |code| download_one(code).task_named(&format!("download {code}"));
    loopscope::gather(COUNTRIES.map(|(code, _)| task(code))).await;
    println!("20 downloads in {:.2}s", now().seconds());
}

/// A request that holds a permit while it waits for its answer.
async fn permitted(code: &'static str, file: String, permits: Rc<Semaphore>) -> Answer {
    let _permit = permits.acquire().await;
    get(code, file).await
}

async fn throttled_one(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let flag = permitted(code, flag_file(code), permits).await;
    (code, flag.map(|_| "OK".into()))
}

async fn throttled(limit: u32) {
    let permits = Rc::new(Semaphore::named("permits", limit as usize));
    let start =
        |code| throttled_one(code, Rc::clone(&permits)).task_named(&format!("download {code}"));
    let mut downloads = as_completed(MIXED.split(' ').map(start));
    let mut tally = Tally::default();
    while let Some(downloaded) = downloads.next().await {
        println!("{}", tally.count(downloaded));
    }
    tally.report();
}

loopscope::scenario! {
    name: "flag_downloads",
    title: "Downloads: one by one, all at once, or a few at a time",
    parts: ["variants.rs"],
    twin: true,
    pairs: true,
    variants: [
        sequential() "one after the other",
        gather() "all twenty at once",
        throttled(limit: count) "as many at a time as the semaphore admits",
        progress(limit: count) "the same, with a progress count",
        two_requests(limit: count) "two requests per flag, one after the other",
        two_requests_gather(limit: count) "two requests per flag, both at once",
        errors(limit: count) "with servers that are down and a missing flag",
    ],
    params: [
        Param::count("limit", "5", 1, 1000, "how many requests at a time, in variants with a limit"),
    ],
}
