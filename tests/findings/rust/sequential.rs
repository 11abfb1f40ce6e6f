//! Three requests of which each waits for the one before it.

use loopscope::{gather, println, sleep, spawn};

use super::ms;

async fn fetch(number: u32) -> u32 {
    sleep(ms(100)).await; // WRONG: sequential
    number * number
}

pub(crate) async fn wrong() {
    let mut sum = 0;
    for number in 0..5 {
        sum += fetch(number).await; // WRONG: sequential
    }
    println!("{sum}");
}

/// Together; and one after the other while another task uses the time.
pub(crate) async fn right() {
    let sum: u32 = gather((0..5).map(fetch)).await.into_iter().sum();
    println!("{sum}");
    let other = spawn(fetch(9));
    sleep(ms(10)).await;
    sleep(ms(10)).await;
    other.await;
}
