// Flags of the twenty most populous countries, from a simulated web. Look at how many downloads wait at once: one,
// all twenty, or as many as the semaphore lets through; and at who stands in its queue.
//
// A flag that is not there, or a server that is not well, is a result like any other: the other downloads go on.
// Where a flag takes two requests, one after the other, each passes the semaphore on its own. Made at once they
// share a permit, and the first that fails speaks for both.

use std::rc::Rc;

use super::world::{
    flags::{COUNTRIES, Failure, answer},
    latency,
};
use loopscope::{as_completed, lock::Semaphore, now, println, sleep, try_gather};

/// Eight that are there, and two that are not.
const MIXED: &str = "BD BR CN ID IN NG PK QQ US ZZ";

/// Eight that are there, two whose server is down, and one that is not there.
const WITH_ERRORS: &str = "BD BR CN ID IN NG PK US XA XB ZZ";

/// A GET over the simulated web. How long it takes and what the answer is depend on the URL alone.
async fn get(code: &'static str, file: String) -> Result<&'static str, Failure> {
    let url = format!("https://flags.example/flags/{}/{file}", code.to_lowercase());
    sleep(latency(&url)).await;
    answer(code, url)
}

fn flag_file(code: &str) -> String {
    format!("{}.gif", code.to_lowercase())
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

/// What came of a download: the country's code, and what to say about it.
type Downloaded = (&'static str, Result<String, Failure>);

#[derive(Default)]
struct Tally {
    downloaded: u32,
    not_found: u32,
    errors: u32,
}

impl Tally {
    fn count(&mut self, result: &Result<String, Failure>) {
        match result {
            Ok(_) => self.downloaded += 1,
            Err(Failure::NotFound(_)) => self.not_found += 1,
            Err(Failure::Status(_)) => self.errors += 1,
        }
    }

    fn report(&self) {
        println!("{}", "-".repeat(20));
        println!("  {} flags downloaded.", self.downloaded);
        if self.not_found > 0 {
            println!("  {} not found.", self.not_found);
        }
        if self.errors > 0 {
            println!("  {} errors.", self.errors);
        }
        println!("Elapsed time: {:.2}s", now().seconds());
    }
}

/// One request, for as long as which a permit is held.
async fn permitted(
    code: &'static str,
    file: String,
    permits: Rc<Semaphore>,
) -> Result<&'static str, Failure> {
    let _permit = permits.acquire().await;
    get(code, file).await
}

async fn throttled_one(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let flag = permitted(code, flag_file(code), permits).await;
    (code, flag.map(|_| "OK".into()))
}

/// Downloads at most so many at a time. Prints what comes of each when it comes, and a tally at the end.
async fn show<D>(codes: &'static str, limit: u32, download: fn(&'static str, Rc<Semaphore>) -> D)
where
    D: Future<Output = Downloaded> + 'static,
{
    let permits = Rc::new(Semaphore::new(limit as usize));
    let mut downloads = as_completed(
        codes
            .split(' ')
            .map(|code| download(code, Rc::clone(&permits))),
    );
    let mut tally = Tally::default();
    while let Some((code, result)) = downloads.next().await {
        tally.count(&result);
        match result {
            Ok(text) => println!("{code} {text}"),
            Err(failure) => println!("{code} {failure}"),
        }
    }
    tally.report();
}

async fn throttled(limit: u32) {
    show(MIXED, limit, throttled_one).await;
}

async fn errors(limit: u32) {
    show(WITH_ERRORS, limit, throttled_one).await;
}

async fn progress(limit: u32) {
    let permits = Rc::new(Semaphore::new(limit as usize));
    let codes = MIXED.split(' ');
    let total = codes.clone().count();
    let mut downloads = as_completed(codes.map(|code| throttled_one(code, Rc::clone(&permits))));
    let mut tally = Tally::default();
    for done in 1..=total {
        if let Some((_, result)) = downloads.next().await {
            println!("{done}/{total}");
            tally.count(&result);
        }
    }
    tally.report();
}

/// The name under which a flag is kept.
fn file_name(country: &str) -> String {
    format!("OK {}.gif", country.replace(' ', "_"))
}

async fn flag_then_name(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let both = async {
        permitted(code, flag_file(code), Rc::clone(&permits)).await?;
        permitted(code, "metadata.json".into(), permits).await
    };
    (code, both.await.map(file_name))
}

async fn flag_and_name(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let _permit = permits.acquire().await; // one for both
    let both = try_gather([
        get(code, flag_file(code)),
        get(code, "metadata.json".into()),
    ]);
    (code, both.await.map(|answers| file_name(answers[1])))
}

async fn two_requests(limit: u32) {
    show(MIXED, limit, flag_then_name).await;
}

async fn two_requests_gather(limit: u32) {
    show(MIXED, limit, flag_and_name).await;
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
