// Which Python keywords have a domain? Eighteen lookups over a simulated network. Look at the
// timeline: one after the other they take the sum of their times, at once as long as the slowest.
//
// `as_completed` yields each answer when it comes; a task group waits for all and returns them in
// the order of the requests. With six threads six lookups run at a time; the others wait for a
// free thread.

mod names;

use std::rc::Rc;

use super::world::latency;
use loopscope::{TaskGroup, block_for, lock::Semaphore, sleep, unblock};

use names::{answer, domains, report};

async fn probe(domain: String) -> (String, bool) {
    sleep(latency(&domain)).await;
    answer(domain)
}

async fn sequential() {
    for domain in domains() {
        report(probe(domain).await);
    }
}

async fn as_completed() {
    let mut probes = loopscope::as_completed(domains().map(probe));
    while let Some(answer) = probes.next().await {
        report(answer);
    }
}

async fn task_group() {
    let mut group = TaskGroup::<_, std::convert::Infallible>::new();
    for domain in domains() {
        group.spawn(async { Ok(probe(domain).await) });
    }
    let Ok(answers) = group.join().await;
    answers.into_iter().for_each(report);
}

/// A lookup that blocks a thread until it has its answer.
async fn probe_in_thread(domain: String, threads: Rc<Semaphore>) -> (String, bool) {
    let _thread = threads.acquire().await;
    unblock(move || {
        block_for(latency(&domain));
        answer(domain)
    })
    .await
}

async fn six_threads() {
    let threads = Rc::new(Semaphore::named("threads", 6));
    let probes = domains().map(|domain| probe_in_thread(domain, Rc::clone(&threads)));
    let mut probes = loopscope::as_completed(probes);
    while let Some(answer) = probes.next().await {
        report(answer);
    }
}

loopscope::scenario! {
    name: "probe_domains",
    title: "Eighteen lookups over a network",
    parts: ["names.rs"],
    twin: true,
    pairs: true,
    variants: [
        sequential() "one after the other",
        as_completed() "all at once, each answer as it comes",
        task_group() "all at once, the answers in order at the end",
        six_threads() threads "by six threads that block",
    ],
    params: [],
}
