//! Looks like `blocking`: start-up work of half a second, before the first task exists.

use loopscope::{block_for, sleep, spawn};

use super::ms;

pub(crate) async fn healthy() {
    block_for(ms(500));
    let tasks: Vec<_> = (0..10)
        .map(|number| spawn(sleep(ms(20 + 5 * number))))
        .collect();
    for task in tasks {
        task.await;
    }
    // The last task alive writes a report.
    block_for(ms(300));
}
