//! Channels, semaphores, events, futures: waiters are served first in, first out.

use std::{cell::Cell, rc::Rc, sync::Arc};

use loopscope::{
    as_completed, channel,
    future::{OneShot, yield_now},
    gather,
    lock::{ManualResetEvent, Semaphore},
    println, sleep, spawn, spawn_local,
};

use super::{lines, ms, printed, replay, run};

/// Guards against an earlier defect: a receiver that was woken and found no item lost its place in
/// the queue.
#[test]
fn receivers_are_served_first_in_first_out() {
    let replay = replay(run(async {
        let (sender, receiver) = channel::unbounded();
        for name in ["a", "b", "c"] {
            let receiver = receiver.clone();
            spawn(async move {
                while let Ok(number) = receiver.recv().await {
                    println!("{name} {number}");
                }
            })
            .detach();
        }
        for number in 0..6 {
            sleep(ms(1)).await;
            sender.try_send(number).unwrap();
        }
        sleep(ms(1)).await;
    }));
    let served: Vec<String> = printed(&replay).into_iter().map(|(_, line)| line).collect();
    assert_eq!(served, ["a 0", "b 1", "c 2", "a 3", "b 4", "c 5"]);
}

#[test]
fn senders_wait_for_room_in_order() {
    let run = run(async {
        let (sender, receiver) = channel::bounded(1);
        for number in 0..5 {
            let sender = sender.clone();
            spawn(async move { sender.send(number).await.unwrap() }).detach();
        }
        drop(sender);
        sleep(ms(1)).await;
        let mut numbers = Vec::new();
        while let Ok(number) = receiver.recv().await {
            numbers.push(number);
        }
        numbers
    });
    assert_eq!(run.value, Some(vec![0, 1, 2, 3, 4]));
}

#[test]
fn a_cancelled_receiver_passes_its_wake_on() {
    let run = run(async {
        let (sender, receiver) = channel::unbounded();
        let other = receiver.clone();
        let first = spawn(async move { receiver.recv().await });
        let second = spawn(async move { other.recv().await });
        yield_now().await;
        sender.try_send(7).unwrap();
        first.cancel().await;
        second.await
    });
    assert_eq!(run.value, Some(Ok(7)));
}

#[test]
fn closing_a_channel_wakes_all_waiters() {
    let run = run(async {
        let (sender, receiver) = channel::bounded::<u8>(1);
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let receiver = receiver.clone();
                spawn(async move { receiver.recv().await.is_err() })
            })
            .collect();
        yield_now().await;
        drop(sender);
        gather(waiting).await
    });
    assert_eq!(run.value, Some(vec![true, true, true]));
}

#[test]
fn a_semaphore_admits_its_permits_in_order() {
    let (inside, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let replay = replay(run({
        let (inside, most) = (inside.clone(), most.clone());
        async move {
            let semaphore = Rc::new(Semaphore::new(2));
            gather((0..5).map(|number| {
                let (semaphore, inside, most) = (semaphore.clone(), inside.clone(), most.clone());
                async move {
                    let _permit = semaphore.acquire().await;
                    inside.set(inside.get() + 1);
                    most.set(most.get().max(inside.get()));
                    println!("{number}");
                    sleep(ms(10)).await;
                    inside.set(inside.get() - 1);
                }
            }))
            .await;
        }
    }));
    assert_eq!(most.get(), 2);
    assert_eq!(
        printed(&replay),
        lines(&[(0, "0"), (0, "1"), (10, "2"), (10, "3"), (20, "4")])
    );
}

#[test]
fn clearing_an_event_still_releases_its_waiters() {
    let run = run(async {
        let event = Arc::new(ManualResetEvent::new());
        let waiting = event.clone();
        let task = spawn(async move { waiting.wait().await });
        yield_now().await;
        event.set();
        event.clear();
        task.await;
        event.is_set()
    });
    assert_eq!(run.value, Some(false));
}

#[test]
fn resolving_a_future_wakes_waiters_and_callbacks() {
    let replay = replay(run(async {
        let future = OneShot::new();
        future.on_done(|value: &i32| println!("callback {value}"));
        let waiting = future.clone();
        let task = spawn_local(async move { println!("waiter {}", waiting.wait().await) });
        yield_now().await;
        future.resolve(7).unwrap();
        assert!(future.resolve(8).is_err());
        println!("resolved");
        task.await;
        println!("again {}", future.wait().await);
    }));
    let said: Vec<String> = printed(&replay).into_iter().map(|(_, line)| line).collect();
    assert_eq!(said, ["resolved", "callback 7", "waiter 7", "again 7"]);
}

#[test]
fn as_completed_yields_in_order_of_completion() {
    let run = run(async {
        let mut ended = as_completed([30, 10, 20].map(|time| async move {
            sleep(ms(time)).await;
            time
        }));
        let mut order = Vec::new();
        while let Some(time) = ended.next().await {
            order.push(time);
        }
        order
    });
    assert_eq!(run.value, Some(vec![10, 20, 30]));
}
