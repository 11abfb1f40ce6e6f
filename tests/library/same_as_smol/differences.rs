//! Intended differences from smol.

use std::{cell::Cell, rc::Rc};

use loopscope::{block_on, spawn};

#[test]
fn futures_need_not_be_send() {
    let count = Rc::new(Cell::new(1));
    let shared = Rc::clone(&count);
    block_on(async move { spawn(async move { shared.set(2) }).await });
    assert_eq!(count.get(), 2);
}

#[test]
fn awaiting_a_task_of_another_loop_is_refused() {
    let caught = std::panic::catch_unwind(|| {
        let task = spawn(async {});
        std::thread::spawn(move || block_on(task))
            .join()
            .unwrap_err()
    });
    let message = caught.unwrap();
    let message = message.downcast_ref::<String>().unwrap();
    assert!(
        message.contains("belongs to the loop of another"),
        "{message}"
    );
}
