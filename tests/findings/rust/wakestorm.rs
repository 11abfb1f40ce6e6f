//! A task that asks for a flag at each tick.

use std::rc::Rc;

use loopscope::{block_for, channel, future::yield_now, spawn, spawn_local};

use super::ms;

pub(crate) async fn wrong() {
    let done = Rc::new(std::cell::Cell::new(false));
    let asked = Rc::clone(&done);
    let asks = spawn_local(async move {
        while !asked.get() {
            yield_now().await; // WRONG: wakestorm
        }
    });
    for _ in 0..200 {
        block_for(ms(5));
        yield_now().await;
    }
    done.set(true);
    asks.await;
}

pub(crate) async fn right() {
    let (sender, receiver) = channel::bounded(1000);
    let sends = spawn(async move {
        for number in 0..200 {
            let _ = sender.try_send(number);
            yield_now().await;
        }
    });
    for _ in 0..200 {
        block_for(ms(5));
        yield_now().await;
    }
    sends.await;
    drop(receiver);
}
