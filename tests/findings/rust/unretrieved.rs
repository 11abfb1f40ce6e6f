//! A task that fails after it was detached.

use loopscope::{println, sleep, try_spawn};

use super::ms;

pub(crate) async fn wrong() {
    let job = try_spawn(async {
        // WRONG: unretrieved
        sleep(ms(10)).await;
        Err::<(), _>("disk full")
    });
    job.detach();
    sleep(ms(100)).await;
}

pub(crate) async fn right() {
    let job = try_spawn(async {
        sleep(ms(10)).await;
        Err::<(), _>("disk full")
    });
    sleep(ms(100)).await;
    if let Err(error) = job.await {
        println!("{error}");
    }
    let told = try_spawn(async {
        sleep(ms(10)).await;
        println!("the disk is full");
        Err::<(), _>("disk full")
    });
    told.detach();
    sleep(ms(100)).await;
}
