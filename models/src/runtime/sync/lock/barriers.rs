use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use loom::{future::block_on, thread};

use super::barrier_queue::{BarrierPoll, BarrierQueue};
use crate::runtime::sync::{model, wait_queue::Ticket};

struct Wait<'a>(&'a BarrierQueue, Ticket);

impl Future for Wait<'_> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let Wait(barrier, ticket) = &mut *self;
        match barrier.poll(ticket, cx.waker()) {
            BarrierPoll::Leads(waiting) => {
                waiting.wake();
                Poll::Ready(true)
            }
            BarrierPoll::Passes => Poll::Ready(false),
            BarrierPoll::Arrived(_) | BarrierPoll::Waits => Poll::Pending,
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.0.cancel(&mut self.1);
    }
}

#[test]
fn a_barrier_has_one_leader_each_time() {
    model(|| {
        let barrier = Arc::new(BarrierQueue::new(2));
        let pass_twice = |barrier: &BarrierQueue| {
            [(); 2].map(|()| block_on(Wait(barrier, Ticket::default())))
        };
        let other = thread::spawn({
            let barrier = Arc::clone(&barrier);
            move || pass_twice(&barrier)
        });
        let own = pass_twice(&barrier);
        let other = other.join().unwrap();
        assert!(own[0] != other[0] && own[1] != other[1]);
    });
}
