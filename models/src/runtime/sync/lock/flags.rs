use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use loom::{future::block_on, thread};

use super::flag::Flag;
use crate::runtime::sync::{model, poll_once_and_drop, wait_queue::Ticket};

struct Wait<'a>(&'a Flag, Ticket);

fn wait(flag: &Flag) -> Wait<'_> {
    Wait(flag, Ticket::default())
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Wait(flag, ticket) = &mut *self;
        if flag.poll(ticket, cx.waker()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.cancel(&mut self.1);
    }
}

#[test]
fn a_flag_that_is_set_releases_its_waiters() {
    model(|| {
        let flag = Arc::new(Flag::new());
        let threads = [(); 2].map(|()| {
            let flag = Arc::clone(&flag);
            thread::spawn(move || block_on(wait(&flag)))
        });
        flag.set().wake();
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(flag.is_set());
    });
}

#[test]
fn a_waiter_in_the_queue_is_released_before_a_clear() {
    model(|| {
        let flag = Arc::new(Flag::new());
        let mut queued = wait(&flag);
        let cx = &mut Context::from_waker(std::task::Waker::noop());
        assert!(Pin::new(&mut queued).poll(cx).is_pending());
        let setter = thread::spawn({
            let flag = Arc::clone(&flag);
            move || {
                flag.set().wake();
                flag.clear();
            }
        });
        poll_once_and_drop(wait(&flag));
        setter.join().unwrap();
        assert!(Pin::new(&mut queued).poll(cx).is_ready());
    });
}
