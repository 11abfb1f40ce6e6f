//! A heartbeat that sleeps between its beats, and one that makes up for the beats that it missed.

use loopscope::{Timer, block_for, println, sleep, spawn};

use super::ms;

/// Each beat takes 30 ms, which are added to the period.
async fn drifting() {
    for _ in 0..20 {
        sleep(ms(30)).await; // asks the sensor
        sleep(ms(100)).await; // WRONG: interval
    }
}

/// A pause of 1.2 s is followed by a dozen beats at once.
async fn bursting() {
    let mut every = Timer::interval(ms(100));
    for beat in 0..40 {
        every.tick().await; // WRONG: interval
        println!("beat {beat}");
    }
}

pub(crate) async fn wrong() {
    spawn(drifting()).await;
    let beats = spawn(bursting());
    sleep(ms(750)).await;
    block_for(ms(1200));
    beats.await;
}

/// Deadlines one period apart, with work in between; and pauses of varying length.
pub(crate) async fn right() {
    let mut every = Timer::interval(ms(100));
    for _ in 0..20 {
        every.tick().await;
        sleep(ms(30)).await;
    }
    for round in 0..20 {
        sleep(ms(80 + 37 * round % 60)).await;
        sleep(ms(30)).await;
    }
    // Missed beats are skipped.
    let mut every = Timer::interval(ms(100));
    for beat in 0..20 {
        every.tick().await;
        println!("beat {beat}");
        if beat == 10 {
            sleep(ms(700)).await;
            every.set_interval(ms(100));
        }
    }
}
