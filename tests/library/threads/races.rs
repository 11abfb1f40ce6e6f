//! Locks and channels that several threads use at the same moment. None of these programs has a
//! loop: `future::block_on` waits on the thread itself.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
};

use loopscope::{
    channel::{self, Receiver},
    future::{block_on, poll_once},
    lock::{Barrier, ManualResetEvent, Mutex, OnceCell, RwLock, Semaphore},
    stream::StreamExt,
};

use super::{ends, in_rounds};

/// Enough for each of these programs to fail on primitives that look and queue in two steps.
const ROUNDS: usize = 30_000;

#[test]
fn two_threads_that_take_a_mutex_both_get_it() {
    ends(|| {
        let mutex = Mutex::new(0);
        let add = |_, _| *block_on(mutex.lock()) += 1;
        in_rounds(2, ROUNDS, add, |round| {
            assert_eq!(mutex.try_lock().as_deref(), Some(&(2 * round + 2)));
        });
    });
}

#[test]
fn two_threads_that_take_a_permit_both_get_it() {
    ends(|| {
        let semaphore = Semaphore::new(1);
        let acquire = |_, _| drop(block_on(semaphore.acquire()));
        in_rounds(2, ROUNDS, acquire, |_| {
            assert_eq!(semaphore.available_permits(), 1);
        });
    });
}

#[test]
fn a_lock_that_is_dropped_during_an_unlock_is_free() {
    ends(|| {
        let mutex = Mutex::new(());
        let work = |thread, _| {
            if thread == 0 {
                drop(block_on(mutex.lock()));
            } else {
                drop(block_on(poll_once(mutex.lock())));
            }
        };
        in_rounds(2, ROUNDS, work, |_| {
            assert!(mutex.try_lock().is_some(), "the lock is taken for ever");
        });
    });
}

#[test]
fn a_dropped_lock_passes_its_wake_to_another_thread() {
    ends(|| {
        let mutex = Mutex::new(());
        let work = |thread, _| {
            if thread == 2 {
                drop(block_on(poll_once(mutex.lock())));
            } else {
                drop(mutex.lock_blocking());
            }
        };
        in_rounds(3, ROUNDS / 3, work, |_| assert!(mutex.try_lock().is_some()));
    });
}

#[test]
fn each_message_reaches_one_of_three_threads() {
    ends(|| {
        let (sender, receiver) = channel::unbounded();
        let work = |thread, round| {
            if thread == 0 {
                (0..3).for_each(|_| sender.try_send(round).unwrap());
            } else {
                assert_eq!(block_on(receiver.recv()), Ok(round));
            }
        };
        in_rounds(4, ROUNDS, work, |_| assert!(receiver.is_empty()));
    });
}

#[test]
fn senders_on_threads_all_get_space() {
    ends(|| {
        let (sender, receiver) = channel::bounded(1);
        let work = |thread, _| {
            if thread == 0 {
                (0..2).for_each(|_| assert_eq!(receiver.recv_blocking(), Ok(7)));
            } else {
                assert_eq!(sender.send_blocking(7), Ok(()));
            }
        };
        in_rounds(3, ROUNDS / 3, work, |_| assert!(receiver.is_empty()));
    });
}

#[test]
fn a_dropped_receiver_passes_its_wake_to_another_thread() {
    ends(|| {
        let (sender, receiver) = channel::unbounded();
        let taken = AtomicUsize::new(0);
        let work = |thread, _| match thread {
            0 => (0..2).for_each(|_| sender.try_send(()).unwrap()),
            1 => {
                let polled = block_on(poll_once(receiver.recv()));
                taken.fetch_add(usize::from(polled.is_some()), Ordering::Relaxed);
            }
            _ => assert_eq!(block_on(receiver.recv()), Ok(())),
        };
        in_rounds(3, ROUNDS / 3, work, |_| {
            assert_eq!(receiver.len(), 1 - taken.swap(0, Ordering::Relaxed));
            let _ = receiver.try_recv();
        });
    });
}

#[test]
fn a_dropped_sender_future_passes_its_wake_to_another_thread() {
    ends(|| {
        let (sender, receiver) = channel::bounded(1);
        let work = |thread, _| match thread {
            0 => assert_eq!(block_on(receiver.recv()), Ok(())),
            1 => drop(block_on(poll_once(sender.send(())))),
            _ => assert_eq!(block_on(sender.send(())), Ok(())),
        };
        in_rounds(
            3,
            ROUNDS / 3,
            work,
            |_| {
                while receiver.try_recv().is_ok() {}
            },
        );
    });
}

#[test]
fn a_receiver_is_a_stream_on_any_thread() {
    ends(|| {
        let (sender, receiver) = channel::bounded(2);
        let sum = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let mut receiver: Receiver<usize> = receiver.clone();
                let sum = &sum;
                scope.spawn(move || {
                    while let Some(number) = block_on(receiver.next()) {
                        sum.fetch_add(number, Ordering::Relaxed);
                    }
                });
            }
            drop(receiver);
            for number in 0..ROUNDS {
                sender.send_blocking(number).unwrap();
            }
            drop(sender);
        });
        assert_eq!(sum.into_inner(), ROUNDS * (ROUNDS - 1) / 2);
    });
}

#[test]
fn a_close_releases_receivers_and_senders_on_threads() {
    ends(|| {
        for _ in 0..ROUNDS / 30 {
            let (sender, receiver) = channel::bounded::<u8>(1);
            let (full, _kept) = channel::bounded(1);
            full.try_send(0).unwrap();
            in_rounds(
                4,
                1,
                |thread, _| match thread {
                    0 => assert!(receiver.recv_blocking().is_err()),
                    1 => assert!(full.send_blocking(1).is_err()),
                    2 => block_on(sender.closed()),
                    _ => assert!(sender.close() && full.close()),
                },
                |_| {},
            );
        }
    });
}

#[test]
fn an_event_releases_the_threads_that_wait_for_it() {
    ends(|| {
        let event = ManualResetEvent::new();
        let work = |thread, _| {
            if thread == 0 {
                event.set();
            } else {
                block_on(event.wait());
            }
        };
        in_rounds(3, ROUNDS / 3, work, |_| event.clear());
    });
}

#[test]
fn readers_and_writers_on_threads_all_get_the_lock() {
    ends(|| {
        let lock = RwLock::new((0_usize, 0_usize));
        let work = |thread, _| match thread {
            0 | 1 => {
                let mut both = block_on(lock.write());
                both.0 += 1;
                both.1 += 1;
            }
            2 => {
                let both = lock.read_blocking();
                assert_eq!(both.0, both.1);
            }
            _ => drop(block_on(poll_once(lock.write()))),
        };
        in_rounds(4, ROUNDS / 3, work, |round| {
            let both = lock.try_write().expect("the lock is taken for ever");
            assert_eq!(*both, (2 * round + 2, 2 * round + 2));
        });
    });
}

#[test]
fn a_barrier_lets_threads_pass_together() {
    ends(|| {
        let barrier = Barrier::new(3);
        let leaders = AtomicUsize::new(0);
        let work = |_, _| {
            let leads = barrier.wait_blocking().is_leader();
            leaders.fetch_add(usize::from(leads), Ordering::Relaxed);
        };
        in_rounds(3, ROUNDS / 3, work, |_| {
            assert_eq!(leaders.swap(0, Ordering::Relaxed), 1);
        });
    });
}

#[test]
fn a_cell_is_initialised_by_one_thread() {
    ends(|| {
        for _ in 0..ROUNDS / 10 {
            let cell = OnceCell::new();
            let calls = AtomicUsize::new(0);
            in_rounds(
                3,
                1,
                |thread, _| {
                    let made = async {
                        calls.fetch_add(1, Ordering::Relaxed);
                        7
                    };
                    assert_eq!(*block_on(cell.get_or_init(|| made)), 7, "thread {thread}");
                },
                |_| assert_eq!(calls.load(Ordering::Relaxed), 1),
            );
        }
    });
}

/// A waker that uses the channel and the locks when it is woken and when it is dropped, as the last
/// reference to a task may.
struct Reenters {
    sender: channel::Sender<u8>,
    receiver: Receiver<u8>,
    mutex: Arc<Mutex<()>>,
    lock: Arc<RwLock<()>>,
    event: Arc<ManualResetEvent>,
}

impl Reenters {
    fn use_all(&self) {
        let _ = self.receiver.try_recv();
        let _ = self.sender.try_send(1);
        drop(self.mutex.try_lock());
        drop(self.lock.try_read());
        self.event.set();
        self.event.clear();
    }
}

impl Wake for Reenters {
    fn wake(self: Arc<Self>) {
        self.use_all();
    }
}

impl Drop for Reenters {
    fn drop(&mut self) {
        self.use_all();
    }
}

#[test]
fn wakers_may_use_what_they_are_waiting_for() {
    ends(|| {
        let (sender, receiver) = channel::bounded::<u8>(1);
        let (mutex, lock) = (Arc::new(Mutex::new(())), Arc::new(RwLock::new(())));
        let event = Arc::new(ManualResetEvent::new());
        let waker = || {
            Waker::from(Arc::new(Reenters {
                sender: sender.clone(),
                receiver: receiver.clone(),
                mutex: Arc::clone(&mutex),
                lock: Arc::clone(&lock),
                event: Arc::clone(&event),
            }))
        };
        let guards = (mutex.try_lock().unwrap(), lock.try_write().unwrap());
        {
            let mut waits: Vec<Pin<Box<dyn Future<Output = ()> + '_>>> = vec![
                Box::pin(async {
                    let _ = receiver.recv().await;
                }),
                Box::pin(async { drop(mutex.lock().await) }),
                Box::pin(async { drop(lock.read().await) }),
                Box::pin(async { drop(lock.write().await) }),
                Box::pin(event.wait()),
                Box::pin(sender.closed()),
            ];
            for _ in 0..2 {
                for wait in &mut waits {
                    // The second time, the first waker is dropped.
                    let waker = waker();
                    let _ = wait.as_mut().poll(&mut Context::from_waker(&waker));
                    drop(waker);
                }
            }
            drop(guards);
            event.set();
            sender.close();
        }
        assert!(mutex.try_lock().is_some() && lock.try_write().is_some());
    });
}
