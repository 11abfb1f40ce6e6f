use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use loom::{future::block_on, thread};

use super::rw_queue::{ALL, RwMode, RwQueue, RwTicket};
use crate::runtime::sync::{model, poll_once_and_drop};

struct Enter<'a>(&'a RwQueue, RwMode, RwTicket);

fn enter(lock: &RwQueue, mode: RwMode) -> Enter<'_> {
    Enter(lock, mode, RwTicket::default())
}

fn leave(lock: &RwQueue, mode: RwMode) {
    lock.release(mode).wake();
}

impl Future for Enter<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Enter(lock, mode, ticket) = &mut *self;
        match lock.poll(*mode, ticket, cx.waker()) {
            Some(_) => Poll::Ready(()),
            None => Poll::Pending,
        }
    }
}

impl Drop for Enter<'_> {
    fn drop(&mut self) {
        if let Some(changed) = self.0.cancel(self.1, &mut self.2) {
            changed.wake();
        }
    }
}

/// The future of an upgrade: its first poll gives the upgradable guard up.
struct Upgrade<'a>(Enter<'a>, bool);

fn upgrade(lock: &RwQueue) -> Upgrade<'_> {
    Upgrade(enter(lock, RwMode::Write), false)
}

impl Future for Upgrade<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Upgrade(enter, has_begun) = &mut *self;
        if !std::mem::replace(has_begun, true) {
            let Enter(lock, _, ticket) = enter;
            if lock.upgrade(ticket, cx.waker()).1 {
                return Poll::Ready(());
            }
        }
        Pin::new(enter).poll(cx)
    }
}

fn start<T: 'static>(
    lock: &Arc<RwQueue>,
    work: impl FnOnce(&RwQueue) -> T + 'static,
) -> thread::JoinHandle<T> {
    let lock = Arc::clone(lock);
    thread::spawn(move || work(&lock))
}

fn use_once(lock: &RwQueue, mode: RwMode) {
    block_on(enter(lock, mode));
    leave(lock, mode);
}

#[track_caller]
fn assert_free(lock: &RwQueue) {
    assert_eq!(lock.try_acquire(RwMode::Write), Some(0));
    leave(lock, RwMode::Write);
    assert_eq!(lock.try_acquire(RwMode::Read), Some(ALL - 1));
}

#[test]
fn a_reader_and_two_writers_all_enter() {
    model(|| {
        let lock = Arc::new(RwQueue::new());
        let writers = [(); 2].map(|()| start(&lock, |lock| use_once(lock, RwMode::Write)));
        use_once(&lock, RwMode::Read);
        for writer in writers {
            writer.join().unwrap();
        }
        assert_free(&lock);
    });
}

#[test]
fn a_cancelled_writer_admits_the_readers_behind_it() {
    model(|| {
        let lock = Arc::new(RwQueue::new());
        assert_eq!(lock.try_acquire(RwMode::Read), Some(ALL - 1));
        let cancelled = start(&lock, |lock| {
            assert!(poll_once_and_drop(enter(lock, RwMode::Write)).is_none());
        });
        // The first reader stays inside, so only the cancellation can admit this one.
        use_once(&lock, RwMode::Read);
        cancelled.join().unwrap();
        leave(&lock, RwMode::Read);
        assert_free(&lock);
    });
}

#[test]
fn a_cancelled_reader_lets_the_writer_in() {
    model(|| {
        let lock = Arc::new(RwQueue::new());
        assert_eq!(lock.try_acquire(RwMode::Write), Some(0));
        let cancelled = start(&lock, |lock| {
            if poll_once_and_drop(enter(lock, RwMode::Read)).is_some() {
                leave(lock, RwMode::Read);
            }
        });
        let writer = start(&lock, |lock| use_once(lock, RwMode::Write));
        leave(&lock, RwMode::Write);
        cancelled.join().unwrap();
        writer.join().unwrap();
        assert_free(&lock);
    });
}

#[test]
fn an_upgrade_waits_for_the_other_readers_only() {
    model(|| {
        let lock = Arc::new(RwQueue::new());
        assert!(lock.try_acquire(RwMode::Upgradable).is_some());
        assert!(lock.try_acquire(RwMode::Read).is_some());
        let reader = start(&lock, |lock| leave(lock, RwMode::Read));
        let other = start(&lock, |lock| use_once(lock, RwMode::Upgradable));
        block_on(upgrade(&lock));
        assert_eq!(lock.try_acquire(RwMode::Read), None);
        leave(&lock, RwMode::Write);
        reader.join().unwrap();
        other.join().unwrap();
        assert_free(&lock);
    });
}

#[test]
fn a_cancelled_upgrade_admits_the_next() {
    model(|| {
        let lock = Arc::new(RwQueue::new());
        assert!(lock.try_acquire(RwMode::Upgradable).is_some());
        assert!(lock.try_acquire(RwMode::Read).is_some());
        let next = start(&lock, |lock| use_once(lock, RwMode::Write));
        let reader = start(&lock, |lock| leave(lock, RwMode::Read));
        if poll_once_and_drop(upgrade(&lock)).is_some() {
            leave(&lock, RwMode::Write);
        }
        next.join().unwrap();
        reader.join().unwrap();
        assert_free(&lock);
    });
}

#[test]
fn a_downgraded_writer_admits_readers() {
    model(|| {
        let lock = Arc::new(RwQueue::new());
        assert_eq!(lock.try_acquire(RwMode::Write), Some(0));
        let reader = start(&lock, |lock| use_once(lock, RwMode::Read));
        lock.downgrade(RwMode::Write, RwMode::Read).wake();
        reader.join().unwrap();
        leave(&lock, RwMode::Read);
        assert_free(&lock);
    });
}
