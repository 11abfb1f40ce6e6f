//! Intended differences from smol.

use std::{cell::Cell, rc::Rc};

use loopscope::{block_on, spawn_local};

#[test]
fn a_local_task_need_not_be_send() {
    let count = Rc::new(Cell::new(1));
    let shared = Rc::clone(&count);
    block_on(async move { spawn_local(async move { shared.set(2) }).await });
    assert_eq!(count.get(), 2);
}

#[test]
fn a_local_task_waits_for_the_next_block_on() {
    let count = Rc::new(Cell::new(1));
    let shared = Rc::clone(&count);
    spawn_local(async move { shared.set(2) }).detach();
    assert_eq!(count.get(), 1);
    block_on(loopscope::future::yield_now());
    assert_eq!(count.get(), 2);
}
