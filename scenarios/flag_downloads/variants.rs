//! Downloads behind the semaphore in other ways: with a count, with errors, with two requests per
//! flag. Look at the permits: two requests one after the other take a permit each; two at once
//! share one, and the first that fails decides for both.

use std::rc::Rc;

use loopscope::{FutureExt, as_completed, lock::Semaphore, println, try_gather};

use super::super::world::flags::{Downloaded, MIXED, Tally, WITH_ERRORS, flag_file, saved_as};
use super::{get, permitted, throttled_one};

async fn flag_then_name(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let both = async {
        permitted(code, flag_file(code), Rc::clone(&permits)).await?;
        permitted(code, "metadata.json".into(), permits).await
    };
    (code, both.await.map(saved_as))
}

async fn flag_and_name(code: &'static str, permits: Rc<Semaphore>) -> Downloaded {
    let _permit = permits.acquire().await; // one permit for both
    let flag = get(code, flag_file(code));
    let both = try_gather([flag, get(code, "metadata.json".into())]).await;
    (code, both.map(|answers| saved_as(answers[1])))
}

/// Downloads at most `limit` at a time. Prints a line for each when it comes, and a tally at the
/// end.
async fn show<D>(
    codes: &'static str,
    limit: u32,
    download: fn(&'static str, Rc<Semaphore>) -> D,
    line: fn(usize, String) -> String,
) where
    D: Future<Output = Downloaded> + 'static,
{
    let permits = Rc::new(Semaphore::named("permits", limit as usize));
    let start = |code| download(code, Rc::clone(&permits)).task_named(&format!("download {code}"));
    let mut downloads = as_completed(codes.split(' ').map(start));
    let mut tally = Tally::default();
    let mut done = 0;
    while let Some(downloaded) = downloads.next().await {
        done += 1;
        println!("{}", line(done, tally.count(downloaded)));
    }
    tally.report();
}

pub(super) async fn progress(limit: u32) {
    show(MIXED, limit, throttled_one, |done, _| format!("{done}/10")).await;
}

pub(super) async fn two_requests(limit: u32) {
    show(MIXED, limit, flag_then_name, |_, said| said).await;
}

pub(super) async fn two_requests_gather(limit: u32) {
    show(MIXED, limit, flag_and_name, |_, said| said).await;
}

pub(super) async fn errors(limit: u32) {
    show(WITH_ERRORS, limit, throttled_one, |_, said| said).await;
}
