// Flags of the twenty most populous countries, from a simulated web. Look at how many downloads wait at once: one,
// all twenty, or as many as the semaphore lets through; and at who stands in its queue.
//
// A flag that is not there, or a server that is not well, is a result like any other: the other downloads go on.
// Where a flag takes two requests, one after the other, each passes the semaphore on its own. Made at once they
// share a permit, and the first that fails speaks for both.

use std::rc::Rc;

use super::world::{
    flags::{
        COUNTRIES, Downloaded, Failure, MIXED, Tally, WITH_ERRORS, answer, flag_file, saved_as,
    },
    latency,
};
use loopscope::{as_completed, lock::Semaphore, now, println, sleep, try_gather};

/// The name of the country that a file is about, or why it could not be had.
type Answer = Result<&'static str, Failure>;

/// A GET over the simulated web. How long it takes and what the answer is depend on the URL alone.
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
    loopscope::gather(COUNTRIES.map(|(code, _)| download_one(code))).await;
    println!("20 downloads in {:.2}s", now().seconds());
}

/// One request, for as long as which a permit is held.
async fn permitted(code: &'static str, file: String, permits: Rc<Semaphore>) -> Answer {
    let _permit = permits.acquire().await;
    get(code, file).await
}

async fn throttled_one(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let flag = permitted(code, flag_file(code), permits).await;
    (code, flag.map(|_| "OK".into()))
}

async fn flag_then_name(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let both = async {
        permitted(code, flag_file(code), Rc::clone(&permits)).await?;
        permitted(code, "metadata.json".into(), permits).await
    };
    (code, both.await.map(saved_as))
}

async fn flag_and_name(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let _permit = permits.acquire().await; // one for both
    let flag = get(code, flag_file(code));
    let both = try_gather([flag, get(code, "metadata.json".into())]).await;
    (code, both.map(|answers| saved_as(answers[1])))
}

/// Downloads at most so many at a time. Prints a line for each when it comes, and a tally at the end.
async fn show<D>(
    codes: &'static str,
    limit: u32,
    download: fn(&'static str, Rc<Semaphore>) -> D,
    line: fn(usize, String) -> String,
) where
    D: Future<Output = Downloaded> + 'static,
{
    let permits = Rc::new(Semaphore::new(limit as usize));
    let start = |code| download(code, Rc::clone(&permits));
    let mut downloads = as_completed(codes.split(' ').map(start));
    let mut tally = Tally::default();
    let mut done = 0;
    while let Some(downloaded) = downloads.next().await {
        done += 1;
        println!("{}", line(done, tally.count(downloaded)));
    }
    tally.report();
}

async fn throttled(limit: u32) {
    show(MIXED, limit, throttled_one, |_, said| said).await;
}

async fn progress(limit: u32) {
    show(MIXED, limit, throttled_one, |done, _| format!("{done}/10")).await;
}

async fn two_requests(limit: u32) {
    show(MIXED, limit, flag_then_name, |_, said| said).await;
}

async fn two_requests_gather(limit: u32) {
    show(MIXED, limit, flag_and_name, |_, said| said).await;
}

async fn errors(limit: u32) {
    show(WITH_ERRORS, limit, throttled_one, |_, said| said).await;
}

loopscope::scenario! {
    name: "flag_downloads",
    title: "Downloads, one by one, all at once, or a few at a time",
    twin: true,
    variants: [
        sequential() "one after the other",
        gather() "all twenty at once",
        throttled(limit: count) "as many at a time as a semaphore lets through",
        progress(limit: count) "the same, counted while it goes on",
        two_requests(limit: count) "two requests a flag, one after the other",
        two_requests_gather(limit: count) "two requests a flag, both at once",
        errors(limit: count) "a server that is down, and a flag that is not there",
    ],
    params: [
        Param::count("limit", "5", 1, 1000, "how many requests at a time, where there is a limit"),
    ],
}
