// Included twice by `same_as_smol.rs`: `rt` is smol or loopscope.

use std::{sync::Arc, time::{Duration, Instant}};

use rt::{Timer, block_on, channel, future, lock, pin, prelude::*, ready, spawn, stream};

pub(super) const ALL: &[crate::same_as_smol::Program] = &[
    ("timers", timers),
    ("a timer is set anew", timer_set),
    ("a timer is set while somebody waits", timer_set_waiting),
    ("intervals", intervals),
    ("timers that were made elsewhere", timers_elsewhere),
    ("channel", channels),
    ("channel: counts and weak ends", channel_ends),
    ("channel: closed", channel_closed),
    ("channel: blocking", channel_blocking),
    ("mutex", mutex),
    ("mutex: static, arc, blocking", mutex_kinds),
    ("semaphore", semaphore),
    ("other locks", other_locks),
    ("futures", futures),
    ("streams", streams),
    ("macros", macros),
    ("block_on on several threads", several_threads),
    ("block_on in block_on", nested),
];

fn timers() -> String {
    block_on(async {
        let start = Instant::now();
        let fired: Instant = Timer::after(Duration::from_millis(20)).await;
        let at = Timer::at(start + Duration::from_millis(40)).await;
        let never = future::or(async { Timer::never().await; "fired" }, async {
            Timer::after(Duration::from_millis(1)).await;
            "never"
        });
        let forever = Timer::after(Duration::MAX).will_fire();
        format!(
            "{} {} {} {never} {forever} {}",
            fired >= start + Duration::from_millis(20),
            at == start + Duration::from_millis(40),
            start.elapsed() >= Duration::from_millis(40),
            Timer::after(Duration::ZERO).will_fire(),
            never = never.await
        )
    })
}

fn timer_set() -> String {
    block_on(async {
        let start = Instant::now();
        let mut timer = Timer::never();
        let before = timer.will_fire();
        timer.set_after(Duration::from_millis(20));
        (&mut timer).await;
        let after = timer.will_fire();
        timer.set_at(start + Duration::from_millis(40));
        let at = (&mut timer).await;
        timer.set_interval(Duration::from_millis(10));
        timer.next().await;
        let goes_on = timer.will_fire();
        timer.set_interval_at(start, Duration::from_millis(5));
        let first = timer.next().await.unwrap() == start;
        let second = timer.next().await.unwrap() - start;
        format!("{before} {after} {} {goes_on} {first} {second:?}", (at - start).as_millis())
    })
}

fn timer_set_waiting() -> String {
    block_on(async {
        let timer = std::cell::RefCell::new(Timer::after(Duration::from_hours(1)));
        let wait = future::poll_fn(|cx| std::pin::Pin::new(&mut *timer.borrow_mut()).poll(cx));
        let set = async {
            future::yield_now().await;
            timer.borrow_mut().set_after(Duration::from_millis(5));
        };
        future::zip(wait, set).await;
        "woken".into()
    })
}

fn intervals() -> String {
    block_on(async {
        let start = Instant::now();
        let mut timer = Timer::interval_at(start, Duration::from_millis(3));
        let mut late = Vec::new();
        for _ in 0..4 {
            late.push((timer.next().await.unwrap() - start).as_millis());
        }
        let ticks = Timer::interval(Duration::from_millis(1)).take(3).count().await;
        format!("{late:?} {ticks}")
    })
}

fn timers_elsewhere() -> String {
    let timer = Timer::after(Duration::from_millis(10));
    let on_thread = std::thread::spawn(|| {
        // Without any loop.
        block_on(async { Timer::after(Duration::from_millis(5)).await });
        block_on(Timer::after(Duration::from_millis(5)));
        "there"
    });
    block_on(timer);
    on_thread.join().unwrap().into()
}

fn channels() -> String {
    block_on(async {
        let (sender, receiver) = channel::bounded(2);
        let sending = spawn(async move {
            for n in 0..10 {
                sender.send(n).await.unwrap();
            }
        });
        let got: Vec<i32> = receiver.clone().collect().await;
        sending.await;
        format!("{got:?} {:?} {:?}", receiver.recv().await, receiver.try_recv())
    })
}

fn channel_ends() -> String {
    let (sender, receiver) = channel::bounded(2);
    let (other, weak) = (sender.clone(), sender.downgrade());
    let weak_receiver = receiver.downgrade();
    let counts = (sender.sender_count(), sender.receiver_count(), receiver.sender_count());
    let again = weak.upgrade().map(|sender| sender.same_channel(&other));
    sender.try_send(1).unwrap();
    sender.try_send(2).unwrap();
    let full = (sender.is_full(), receiver.is_full(), sender.try_send(3), sender.len(), receiver.capacity());
    let forced = sender.force_send(4);
    drop((sender, other));
    let gone = (weak.upgrade().is_some(), weak_receiver.upgrade().is_some(), receiver.is_closed());
    let left = (receiver.try_recv(), receiver.try_recv(), receiver.try_recv());
    format!("{counts:?} {again:?} {full:?} {forced:?} {gone:?} {left:?}")
}

fn channel_closed() -> String {
    block_on(async {
        let (sender, receiver) = channel::unbounded::<u8>();
        let watching = sender.clone();
        let task = spawn(async move { watching.closed().await });
        future::yield_now().await;
        let first = receiver.close();
        task.await;
        format!("{first} {} {:?}", sender.close(), sender.send(1).await)
    })
}

fn channel_blocking() -> String {
    let (sender, receiver) = channel::bounded(1);
    let thread = std::thread::spawn(move || {
        for n in 0..5 {
            sender.send_blocking(n).unwrap();
        }
    });
    let mut got = Vec::new();
    while let Ok(n) = receiver.recv_blocking() {
        got.push(n);
    }
    thread.join().unwrap();
    format!("{got:?}")
}

fn mutex() -> String {
    block_on(async {
        let shared = Arc::new(lock::Mutex::new(0));
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let shared = Arc::clone(&shared);
                spawn(async move {
                    let mut guard = shared.lock().await;
                    let before = *guard;
                    future::yield_now().await;
                    *guard = before + 1;
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
        let held = shared.try_lock();
        let second = shared.try_lock().is_none();
        let shown = format!("{held:?} {shared:?}");
        drop(held);
        let free = format!("{shared:?}");
        let value = Arc::try_unwrap(shared).unwrap().into_inner();
        format!("{shown} {free} {second} {value}")
    })
}

fn mutex_kinds() -> String {
    static COUNT: lock::Mutex<u32> = lock::Mutex::new(1);
    let before = *COUNT.lock_blocking();
    *COUNT.lock_blocking() += 1;
    let shared = Arc::new(lock::Mutex::from(vec![1]));
    let said = block_on(async {
        let mut guard = shared.lock_arc().await;
        guard.push(2);
        let locked = shared.try_lock_arc().is_none();
        let same = Arc::ptr_eq(lock::MutexGuardArc::source(&guard), &shared);
        let kept = spawn(async move { guard.len() }).await;
        format!("{locked} {same} {kept} {:?}", *shared.lock().await)
    });
    let mut own = lock::Mutex::new(7);
    *own.get_mut() += 1;
    let arc = shared.lock_arc_blocking().len();
    format!("{said} {} {arc} {}", *COUNT.lock_blocking() - before, own.into_inner())
}

fn semaphore() -> String {
    static PERMITS: lock::Semaphore = lock::Semaphore::new(1);
    let first = PERMITS.try_acquire();
    let none = PERMITS.try_acquire().is_none();
    drop(first);
    PERMITS.add_permits(1);
    let two = (PERMITS.try_acquire().map(lock::SemaphoreGuard::forget), PERMITS.acquire_blocking());
    let still = PERMITS.try_acquire().is_none();
    let shared = Arc::new(lock::Semaphore::new(2));
    drop((shared.acquire_arc_blocking(), shared.acquire_arc_blocking()));
    block_on(async {
        let most = Arc::new(std::sync::Mutex::new((0, 0)));
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let (shared, most) = (Arc::clone(&shared), Arc::clone(&most));
                spawn(async move {
                    let _permit = shared.acquire_arc().await;
                    {
                        let mut most = most.lock().unwrap();
                        most.0 += 1;
                        most.1 = most.1.max(most.0);
                    }
                    Timer::after(Duration::from_millis(1)).await;
                    most.lock().unwrap().0 -= 1;
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
        let most = most.lock().unwrap().1;
        format!("{none} {} {still} {most} {}", two.0.is_some(), shared.try_acquire_arc().is_some())
    })
}

fn other_locks() -> String {
    block_on(async {
        let lock = lock::RwLock::new(1);
        let sum = *lock.read().await + *lock.read().await;
        *lock.write().await += sum;
        let upgraded = lock::RwLockUpgradableReadGuard::upgrade(lock.upgradable_read().await).await;
        let cell = lock::OnceCell::new();
        let set = *cell.get_or_init(|| async { 4 }).await;
        let barrier = Arc::new(lock::Barrier::new(2));
        let other = Arc::clone(&barrier);
        let task = spawn(async move { other.wait().await.is_leader() });
        let own = barrier.wait().await.is_leader();
        format!("{} {set} {:?} {}", *upgraded, cell.get(), own ^ task.await)
    })
}

fn futures() -> String {
    block_on(async {
        let both = future::zip(async { 1 }, future::ready(2)).await;
        let tried: Result<(i32, i32), &str> =
            future::try_zip(async { Ok(1) }, async { Err("no") }).await;
        let either = future::or(future::pending(), async { 3 }).await;
        let raced = future::race(async { 4 }, async { 4 }).await;
        let once = future::poll_once(future::pending::<()>()).await;
        let boxed: future::Boxed<u8> = async { 5 }.boxed();
        let local: future::BoxedLocal<u8> = async { 6 }.boxed_local();
        let caught = async { std::panic::resume_unwind(Box::new(())) }.catch_unwind().await;
        let caught: Result<(), _> = caught;
        format!(
            "{both:?} {tried:?} {either} {raced} {once:?} {} {} {}",
            boxed.await, local.await, caught.is_err()
        )
    })
}

fn streams() -> String {
    block_on(async {
        let numbers = stream::iter(1..=5).map(|n| n * 2).filter(|n| *n != 4);
        let sum = numbers.fold(0, |sum, n| sum + n).await;
        let unfolded: Vec<i32> =
            stream::unfold(0, |n| async move { (n < 3).then_some((n, n + 1)) }).collect().await;
        format!("{sum} {unfolded:?}")
    })
}

fn macros() -> String {
    block_on(async {
        let timer = async {
            Timer::after(Duration::from_millis(1)).await;
            8
        };
        pin!(timer);
        let polled = future::poll_fn(|cx| {
            let value = ready!(timer.as_mut().poll(cx));
            std::task::Poll::Ready(value + 1)
        });
        polled.await.to_string()
    })
}

fn several_threads() -> String {
    let threads: Vec<_> = (0..4)
        .map(|n| {
            std::thread::spawn(move || {
                block_on(async move {
                    let task = spawn(async move { n * 10 });
                    Timer::after(Duration::from_millis(1)).await;
                    task.await
                })
            })
        })
        .collect();
    let got: Vec<i32> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    format!("{got:?}")
}

fn nested() -> String {
    block_on(async {
        block_on(async {
            Timer::after(Duration::from_millis(1)).await;
            let task = spawn(async { "inside" });
            task.await.into()
        })
    })
}
