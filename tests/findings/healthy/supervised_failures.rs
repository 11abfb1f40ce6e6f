//! Looks like `unretrieved`: workers that fail, and a supervisor that starts them again.

use loopscope::{sleep, try_spawn};

use super::ms;

pub(crate) async fn healthy() {
    for number in 0..4 {
        for attempt in 0..=number {
            let worker = try_spawn(async move {
                sleep(ms(10)).await;
                if attempt < number { Err("bad input") } else { Ok(()) }
            });
            sleep(ms(50)).await;
            if worker.await.is_ok() {
                break;
            }
            sleep(ms(10 << attempt)).await;
        }
    }
}
