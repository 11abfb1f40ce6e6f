use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use loom::{future::block_on, thread};

use super::permit_queue::PermitQueue;
use crate::runtime::sync::{model, poll_once_and_drop, wait_queue::Ticket};

struct Acquire<'a>(&'a PermitQueue, Ticket);

fn acquire(permits: &PermitQueue) -> Acquire<'_> {
    Acquire(permits, Ticket::default())
}

fn release(permits: &PermitQueue) {
    if let (_, Some(next)) = permits.release() {
        next.wake();
    }
}

impl Future for Acquire<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Acquire(permits, ticket) = &mut *self;
        match permits.poll(ticket, cx.waker()) {
            Some(_) => Poll::Ready(()),
            None => Poll::Pending,
        }
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        if let Some(next) = self.0.cancel(&mut self.1) {
            next.wake();
        }
    }
}

fn lock_and_unlock(permits: &PermitQueue) {
    block_on(acquire(permits));
    release(permits);
}

#[test]
fn threads_that_take_a_lock_all_get_it() {
    model(|| {
        let lock = Arc::new(PermitQueue::new(1));
        let threads = [(); 2].map(|()| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || lock_and_unlock(&lock))
        });
        lock_and_unlock(&lock);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(lock.unused(), 1);
        assert_eq!(lock.try_acquire(), Some(0));
    });
}

#[test]
fn a_cancelled_lock_leaves_the_lock_free() {
    model(|| {
        let lock = Arc::new(PermitQueue::new(1));
        let holder = thread::spawn({
            let lock = Arc::clone(&lock);
            move || lock_and_unlock(&lock)
        });
        if poll_once_and_drop(acquire(&lock)).is_some() {
            release(&lock);
        }
        holder.join().unwrap();
        assert_eq!(lock.try_acquire(), Some(0));
    });
}

#[test]
fn a_cancelled_lock_does_not_take_the_wake_of_another() {
    model(|| {
        let lock = Arc::new(PermitQueue::new(1));
        assert_eq!(lock.try_acquire(), Some(0));
        let cancelled = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                if poll_once_and_drop(acquire(&lock)).is_some() {
                    release(&lock);
                }
            }
        });
        let waits = thread::spawn({
            let lock = Arc::clone(&lock);
            move || lock_and_unlock(&lock)
        });
        release(&lock);
        cancelled.join().unwrap();
        waits.join().unwrap();
        assert_eq!(lock.unused(), 1);
    });
}

#[test]
fn permits_that_are_added_reach_all_waiters() {
    model(|| {
        let semaphore = Arc::new(PermitQueue::new(0));
        let threads = [(); 2].map(|()| {
            let semaphore = Arc::clone(&semaphore);
            thread::spawn(move || block_on(acquire(&semaphore)))
        });
        release(&semaphore);
        release(&semaphore);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(semaphore.unused(), 0);
    });
}
