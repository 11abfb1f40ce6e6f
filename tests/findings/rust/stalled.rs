//! A future of another crate whose waker is never called.

use std::{future::pending, task::Poll};

use loopscope::{println, sleep, spawn};

use super::ms;

pub(crate) async fn wrong() {
    println!("waiting for a callback");
    let callback = spawn(pending::<()>()); // WRONG: stalled
    callback.await;
}

/// A future by hand that wakes its task itself.
pub(crate) async fn right() {
    let mut left = 3;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    sleep(ms(10)).await;
}
