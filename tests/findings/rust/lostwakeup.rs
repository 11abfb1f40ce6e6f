//! A future that keeps no waker.

use std::rc::Rc;

use loopscope::{lock::ManualResetEvent, sleep, spawn_local};

use super::ms;

/// A future that is ready once a flag is set, and that nothing wakes then.
async fn flag_is_set(flag: Rc<std::cell::Cell<bool>>) {
    std::future::poll_fn(|_| {
        if flag.get() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

pub(crate) async fn wrong() {
    let flag = Rc::new(std::cell::Cell::new(false));
    let waiter = spawn_local(flag_is_set(Rc::clone(&flag)));
    sleep(ms(10)).await;
    flag.set(true);
    waiter.await; // WRONG: lostwakeup
}

pub(crate) async fn right() {
    let ready = Rc::new(ManualResetEvent::new());
    let in_task = Rc::clone(&ready);
    let waiter = spawn_local(async move {
        sleep(ms(50)).await;
        in_task.wait().await;
    });
    ready.set();
    waiter.await;
}
