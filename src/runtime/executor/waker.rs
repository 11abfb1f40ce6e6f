//! The one waker type, and the inbox for wakes from elsewhere.
//!
//! A wake on the loop's own thread goes straight into the ready queue, but only while the loop accepts them: in its
//! timer and run phases. While it waits, the reactor calls wakers on this very thread, and the loop, asleep, would not
//! look at its queue again: such a wake is put aside, and wakes the loop. One from another thread goes through the
//! inbox, whose channel wakes the loop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::Wake,
    thread,
};

use async_channel::Sender;

use super::{
    current_loop::{self, WakeResult},
    task_key::TaskKey,
};

/// What comes in from outside of the run phase.
#[derive(Debug)]
pub(in crate::runtime) enum Message {
    /// A task was woken.
    Wake(Arc<WakeHandle>, Origin),
    /// The gate has changed: look at it.
    Gate,
    /// On another thread a task was asked to end, or its handle was dropped.
    Cancel(TaskKey, bool),
    /// On another thread a task's handle was let go.
    DropHandle(TaskKey),
    /// Something was woken on the loop's own thread. Never sent: this is how waiting for it ends.
    LocalWake,
}

/// Where a wake came from.
#[derive(Debug)]
pub(in crate::runtime) enum Origin {
    /// I/O is ready.
    Io,
    /// A thread, with its name.
    Thread(Option<String>),
}

/// Knows how to wake one task.
#[derive(Debug)]
pub(in crate::runtime) struct WakeHandle {
    loop_id: u64,
    /// These change only when the handle goes to another task, while nobody else has a clone.
    slot: AtomicU32,
    task: AtomicU32,
    /// A message about it is in the inbox: another one would say nothing new.
    notified: AtomicBool,
    inbox: Sender<Message>,
}

impl WakeHandle {
    pub(in crate::runtime) fn new(
        loop_id: u64,
        key: TaskKey,
        inbox: Sender<Message>,
    ) -> Arc<WakeHandle> {
        let (slot, task) = (AtomicU32::new(key.slot), AtomicU32::new(key.task));
        let notified = AtomicBool::new(false);
        Arc::new(WakeHandle {
            loop_id,
            slot,
            task,
            notified,
            inbox,
        })
    }

    /// Hands it to another task.
    pub(in crate::runtime) fn reuse(&self, key: TaskKey) {
        self.slot.store(key.slot, Ordering::Relaxed);
        self.task.store(key.task, Ordering::Relaxed);
        self.notified.store(false, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn key(&self) -> TaskKey {
        TaskKey {
            slot: self.slot.load(Ordering::Relaxed),
            task: self.task.load(Ordering::Relaxed),
        }
    }

    /// The message about it has been read: from now on a wake is a new one.
    pub(in crate::runtime) fn taken(&self) {
        self.notified.store(false, Ordering::SeqCst);
    }

    /// Through the inbox. Several wakes before the loop looks are one message.
    #[cold]
    fn send(self: &Arc<Self>, origin: impl FnOnce() -> Origin) {
        if !self.notified.swap(true, Ordering::SeqCst) {
            // The loop is gone if this fails, and the task with it.
            drop(
                self.inbox
                    .try_send(Message::Wake(Arc::clone(self), origin())),
            );
        }
    }
}

impl Wake for WakeHandle {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    #[inline]
    fn wake_by_ref(self: &Arc<Self>) {
        match current_loop::wake(self.loop_id, self.key()) {
            WakeResult::Done => {}
            WakeResult::Busy => self.send(|| Origin::Io),
            WakeResult::OtherThread => self.send(thread_origin),
        }
    }
}

/// The calling thread. async-io's helper stands for the operating system.
fn thread_origin() -> Origin {
    match thread::current().name() {
        Some("async-io") => Origin::Io,
        name => Origin::Thread(name.map(str::to_owned)),
    }
}
