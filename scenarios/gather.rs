// Three concurrent jobs of 3, 1 and 2 seconds. Look at the end: B finishes first and A last, but
// the results are in the order in which the jobs were given. In the error variant B fails:
// `try_gather` returns the error at once, and the other jobs keep running. A `TaskGroup` cancels
// them.

use std::time::Duration;

use loopscope::{FutureExt, println, sleep};

/// The name of a job, and how many seconds it takes.
type Job = (&'static str, u64);

const JOBS: [Job; 3] = [("A", 3), ("B", 1), ("C", 2)];

async fn job(name: &'static str, seconds: u64) -> &'static str {
    println!("start {name}");
    sleep(Duration::from_secs(seconds)).await;
    println!("end {name}");
    name
}

async fn order() {
    let task = |(name, seconds)| job(name, seconds).task_named(&format!("job {name}"));
    let names = loopscope::gather(JOBS.map(task)).await;
    println!("['{}']", names.join("', '"));
}

/// As [`job`], but B fails after a second.
async fn risky_job(name: &'static str, seconds: u64) -> Result<&'static str, String> {
    if name == "B" {
        sleep(Duration::from_secs(seconds)).await;
        return Err(format!("ValueError('{name}')")); // as in Python
    }
    Ok(job(name, seconds).await)
}

async fn error() {
    let task = |(name, seconds)| risky_job(name, seconds).task_named(&format!("job {name}"));
    if let Err(error) = loopscope::try_gather(JOBS.map(task)).await {
        println!("gather raised {error}");
    }
    sleep(Duration::from_secs(3)).await; // A and C are still running
    println!("end of main");
}

// With `gather`, an error is a result like the others.
async fn return_exceptions() {
    let task = |(name, seconds)| risky_job(name, seconds).task_named(&format!("job {name}"));
    let results = loopscope::gather(JOBS.map(task)).await;
    let words = results.into_iter().map(|result| match result {
        Ok(name) => format!("'{name}'"),
        Err(error) => error,
    });
    println!("[{}]", words.collect::<Vec<_>>().join(", "));
}

loopscope::scenario! {
    name: "gather",
    title: "Results in the order of the jobs, and what a failure does to the other jobs",
    twin: true,
    pairs: true,
    variants: [
        order() "all three succeed",
        error() "one fails: the others keep running",
        return_exceptions() "one fails: its error is one of the results",
    ],
    params: [],
}
