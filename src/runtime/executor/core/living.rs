//! All loops that there are, on whatever thread, and how to send them word.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use async_channel::Sender;

use crate::runtime::executor::waker::Message;

static LIVING: LazyLock<Mutex<HashMap<u64, Sender<Message>>>> = LazyLock::new(Mutex::default);

fn living() -> MutexGuard<'static, HashMap<u64, Sender<Message>>> {
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A loop's entry in the list, until dropped.
#[derive(Debug)]
pub(super) struct Living(u64);

impl Living {
    pub(super) fn enter(loop_id: u64, inbox: Sender<Message>) -> Living {
        living().insert(loop_id, inbox);
        Living(loop_id)
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        living().remove(&self.0);
    }
}

/// Whether there is such a loop.
pub(in crate::runtime) fn lives(loop_id: u64) -> bool {
    living().contains_key(&loop_id)
}

/// Sends word to a loop, if it is there.
pub(in crate::runtime) fn send(loop_id: u64, message: Message) {
    let inbox = living().get(&loop_id).cloned();
    if let Some(inbox) = inbox {
        drop(inbox.try_send(message));
    }
}
