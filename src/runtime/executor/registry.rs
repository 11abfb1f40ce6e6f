//! A process-wide registry of loops and their inboxes.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use async_channel::Sender;

use super::waker::Message;

static INBOXES: LazyLock<Mutex<HashMap<u64, Sender<Message>>>> = LazyLock::new(Mutex::default);

fn inboxes() -> MutexGuard<'static, HashMap<u64, Sender<Message>>> {
    INBOXES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A loop's entry in the registry, until dropped.
#[derive(Debug)]
pub(super) struct Registration(u64);

impl Registration {
    pub(super) fn new(loop_id: u64, inbox: Sender<Message>) -> Registration {
        inboxes().insert(loop_id, inbox);
        Registration(loop_id)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        inboxes().remove(&self.0);
    }
}

/// Whether a loop still exists.
pub(in crate::runtime) fn is_alive(loop_id: u64) -> bool {
    inboxes().contains_key(&loop_id)
}

/// Sends a message to a loop, if it still exists.
pub(in crate::runtime) fn send_to(loop_id: u64, message: Message) {
    let inbox = inboxes().get(&loop_id).cloned();
    if let Some(inbox) = inbox {
        drop(inbox.try_send(message));
    }
}
