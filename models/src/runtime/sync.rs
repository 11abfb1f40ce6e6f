mod channel;
mod guarded;
mod lock;
#[path = "../../../src/runtime/sync/wait_queue.rs"]
#[allow(dead_code, reason = "a queue for one thread is not modelled")]
mod wait_queue;

use std::{
    pin::Pin,
    task::{Context, Waker},
};

/// Polls a future once, with a waker that does nothing, and drops it: a future that is cancelled.
fn poll_once_and_drop<T>(mut future: impl Future<Output = T> + Unpin) -> Option<T> {
    let cx = &mut Context::from_waker(Waker::noop());
    match Pin::new(&mut future).poll(cx) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

/// Runs a model in all orders of its threads in which at most three times a thread is interrupted
/// that could have continued. Without the limit, three threads take minutes.
fn model(program: impl Fn() + Sync + Send + 'static) {
    let mut checker = loom::model::Builder::new();
    checker.preemption_bound = Some(3);
    checker.check(program);
}
