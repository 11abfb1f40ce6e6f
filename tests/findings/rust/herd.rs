//! An event that wakes all workers for one item.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    sync::Arc,
};

use loopscope::{
    gather,
    lock::{Barrier, ManualResetEvent},
    println, sleep, spawn_local,
};

use super::ms;

/// Takes three items, one at a time, out of a list beside an event.
async fn take_three(items: Rc<RefCell<VecDeque<u32>>>, added: Rc<ManualResetEvent>) {
    let mut taken = 0;
    while taken < 3 {
        let item = items.borrow_mut().pop_front();
        match item {
            Some(_) => {
                taken += 1;
                sleep(ms(5)).await;
            }
            None => added.wait().await,
        }
    }
}

pub(crate) async fn wrong() {
    let items = Rc::new(RefCell::new(VecDeque::new()));
    let added = Rc::new(ManualResetEvent::new());
    let workers = (0..6).map(|_| spawn_local(take_three(Rc::clone(&items), Rc::clone(&added))));
    let workers: Vec<_> = workers.collect();
    for number in 0..18 {
        sleep(ms(20)).await;
        items.borrow_mut().push_back(number);
        added.set(); // WRONG: herd
        added.clear();
    }
    for worker in workers {
        worker.await;
    }
}

/// A broadcast that every task needs, of which one task makes more than the others; a barrier.
pub(crate) async fn right() {
    let told = Rc::new(ManualResetEvent::new());
    let version = Rc::new(Cell::new(0));
    let listeners = (0..6).map(|number| {
        let (told, version) = (Rc::clone(&told), Rc::clone(&version));
        spawn_local(async move {
            let mut known = 0;
            while known < 10 {
                told.wait().await;
                known = version.get();
                if number == 0 {
                    println!("version {known}");
                }
            }
        })
    });
    let listeners: Vec<_> = listeners.collect();
    for number in 1..=10 {
        sleep(ms(20)).await;
        version.set(number);
        told.set();
        told.clear();
    }
    for listener in listeners {
        listener.await;
    }
    let barrier = Arc::new(Barrier::new(6));
    gather((0..6_u64).map(|number| {
        let barrier = Arc::clone(&barrier);
        async move {
            for round in 0..6 {
                sleep(ms(if round % 6 == number { 20 } else { 1 })).await;
                barrier.wait().await;
            }
        }
    }))
    .await;
}
