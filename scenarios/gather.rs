// Three concurrent jobs of 3, 1 and 2 seconds. Look at the end: B finishes first and A last, but
// the results are in the order in which the jobs were given. In the error variant B fails:
// `try_gather` returns the error at once, and the other jobs keep running. A `TaskGroup` cancels
// them.

use std::{fmt, time::Duration};

use loopscope::{println, sleep};

async fn job(name: &'static str, seconds: u64) -> &'static str {
    println!("start {name}");
    sleep(Duration::from_secs(seconds)).await;
    println!("end {name}");
    name
}

async fn order() {
    let names = loopscope::gather([job("A", 3), job("B", 1), job("C", 2)]).await;
    println!("['{}']", names.join("', '"));
}

/// An invalid value, formatted as in Python.
struct ValueError(&'static str);

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueError('{}')", self.0)
    }
}

/// As [`job`], but B fails after a second.
async fn risky_job(name: &'static str, seconds: u64) -> Result<&'static str, ValueError> {
    if name == "B" {
        sleep(Duration::from_secs(seconds)).await;
        return Err(ValueError(name));
    }
    Ok(job(name, seconds).await)
}

async fn error() {
    let jobs = [risky_job("A", 3), risky_job("B", 1), risky_job("C", 2)];
    if let Err(error) = loopscope::try_gather(jobs).await {
        println!("gather raised {error}");
    }
    sleep(Duration::from_secs(3)).await; // A and C are still running
    println!("end of main");
}

// With `gather`, an error is a result like the others.
async fn return_exceptions() {
    let jobs = [risky_job("A", 3), risky_job("B", 1), risky_job("C", 2)];
    let results = loopscope::gather(jobs).await;
    let words = results.into_iter().map(|result| match result {
        Ok(name) => format!("'{name}'"),
        Err(error) => error.to_string(),
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
