//! The routes by which a wake reaches a loop: the waker of its tasks, its inbox, and the registry
//! of all inboxes.
//!
//! A task is woken by one of four routes. The route depends on the thread that wakes and on the
//! phase of the loop:
//!
//! ```text
//!  1 accepting   the loop's own thread, in the timer or run phase
//!                WakeHandle::wake ──> current_loop::wake ──> Core::wake ──> Scheduler::wake
//!                ──> ready queue
//!
//!  2 woken       the loop's own thread, while the loop waits: smol's reactor calls wakers then
//!                WakeHandle::wake ──> current_loop::wake ──> Core::wake_later ──> `woken`,
//!                and the loop's own waker
//!                the loop stops waiting ──> EventLoop::drain ──> Scheduler::wake ──> ready queue
//!
//!  3 inbox       another thread; or the loop's own while it has its scheduler borrowed
//!                WakeHandle::wake ──> WakeHandle::send ──> inbox, a channel that wakes the loop
//!                EventLoop::drain ──> Scheduler::wake ──> ready queue
//!
//!                (a channel keeps the key of a task instead of its waker, see `waiter`: its wakes
//!                find the inbox by route 4)
//!
//!  4 registry    another thread, with a task handle: it awaits, cancels or drops the task; with
//!                an operation in flight, which ends; or with a new task
//!                send_to(loop id) ──> inbox ──> EventLoop::drain ──> Core::export, Core::cancel,
//!                Core::drop_handle, Core::end_operation, Core::spawn_remote
//! ```
//!
//! Routes 2 and 3 end in the wait phase of the tick, so a wake never changes the snapshot that a
//! run phase works through. Route 2 exists because a loop that waits does not check its ready
//! queue: the loop has to be woken, too. Route 4 goes through a registry of all loops, so that a
//! handle needs the loop's number only: a handle with a sender of its own would increment and
//! decrement a reference count for every spawned task.

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::Wake,
    thread,
};

use async_channel::{Receiver, Sender};

use crate::trace::{OperationKind, PollOutcome, ResourceId, ResourceOp};

use super::{
    current_loop::{self, WakeResult},
    lines::ClonedWaker,
    remote_task::{RemoteEnd, RemoteSpawn, RemoteTask},
    task_key::TaskKey,
    timers::TimerKey,
    waker_uses::LastUse,
};

/// A message in the inbox of a loop.
#[derive(Debug)]
pub(in crate::runtime) enum Message {
    /// A task was woken.
    Wake(Arc<WakeHandle>, WakeOrigin),
    /// A task was woken by a channel, which knows its key.
    WakeTask(TaskKey, WakeOrigin),
    /// The gate has changed: the loop has to ask it.
    Gate,
    /// On another thread a task's cancellation was requested: explicitly, or, if `true`, by
    /// dropping its handle.
    Cancel(TaskKey, bool),
    /// On another thread the handle of a task was dropped or detached. From now on nothing wants
    /// the task's result.
    DropHandle(TaskKey),
    /// On another thread an operation in flight has ended.
    EndOperation(EndedOperation),
    /// Another thread has spawned a task.
    Spawn(Box<RemoteSpawn>),
    /// The handle of a task was given to another thread.
    Export(TaskKey, RemoteEnd),
    /// The cancellation of a task was requested by a handle on another thread: explicitly, or, if
    /// `true`, by dropping the handle.
    CancelRemote(Arc<RemoteTask>, bool),
    /// Another thread has given a task a name.
    Name(TaskKey, String),
    /// The same, by a handle on another thread.
    NameRemote(Arc<RemoteTask>, String),
    /// A timer was dropped on another thread; or, if `true`, was set anew there, so that the task
    /// that waits for it has to be polled.
    CancelTimer(TimerKey, bool),
    /// The thread that the loop belongs to wants it back from its host.
    Recall,
    /// A task of an executor was polled on another thread, or has ended there.
    PolledElsewhere(PolledElsewhere),
    /// A task was woken by route 2. Never sent: waiting for a message returns it.
    LocalWake,
}

/// An operation that ended on another thread than that of the loop that counts it.
#[derive(Debug)]
pub(in crate::runtime) struct EndedOperation {
    /// The resource's number in the loop; `None` if it has a number in another loop only.
    pub(in crate::runtime) resource: Option<ResourceId>,
    /// How the operation ended.
    pub(in crate::runtime) op: ResourceOp,
    pub(in crate::runtime) kind: OperationKind,
}

/// A poll of an executor's task on another thread than that of the loop that has recorded the task.
#[derive(Debug)]
pub(in crate::runtime) struct PolledElsewhere {
    pub(in crate::runtime) key: TaskKey,
    /// The name of the thread.
    pub(in crate::runtime) thread: Option<String>,
    /// How the task ended; `None` if it has not ended.
    pub(in crate::runtime) outcome: Option<PollOutcome>,
}

/// The cause of a wake that comes from outside of the loop's tasks.
#[derive(Debug)]
pub(in crate::runtime) enum WakeOrigin {
    /// I/O is ready.
    Io,
    /// A thread, with its name.
    Thread(Option<String>),
}

/// Wakes one task.
#[derive(Debug)]
pub(in crate::runtime) struct WakeHandle {
    loop_id: u64,
    /// Slot and number of the task. They change when the handle is reused for another task, and
    /// only while it has no clones.
    slot: AtomicU32,
    task: AtomicU32,
    /// Set while a message about this task is in the inbox, so that a second wake sends no second
    /// message.
    notified: AtomicBool,
    /// The last use of the waker by the task itself.
    pub(super) last_use: LastUse,
    inbox: Sender<Message>,
}

impl WakeHandle {
    /// With `notes_uses`, it is noted where the task itself uses its waker.
    pub(super) fn new(
        loop_id: u64,
        key: TaskKey,
        inbox: Sender<Message>,
        notes_uses: bool,
    ) -> Arc<WakeHandle> {
        let last_use = LastUse::default();
        last_use.is_noted.store(notes_uses, Ordering::Relaxed);
        Arc::new(WakeHandle {
            loop_id,
            slot: AtomicU32::new(key.slot),
            task: AtomicU32::new(key.task),
            notified: AtomicBool::new(false),
            last_use,
            inbox,
        })
    }

    /// Makes this the handle of another task. Only to be called while the handle has no clones.
    pub(super) fn reuse(&self, key: TaskKey) {
        self.slot.store(key.slot, Ordering::Relaxed);
        self.task.store(key.task, Ordering::Relaxed);
        self.notified.store(false, Ordering::Relaxed);
        self.last_use.clear();
    }

    #[inline]
    pub(super) fn key(&self) -> TaskKey {
        TaskKey {
            slot: self.slot.load(Ordering::Relaxed),
            task: self.task.load(Ordering::Relaxed),
        }
    }

    /// Notes that the message about this task was received: the next wake sends a new one.
    pub(super) fn received(&self) {
        self.notified.store(false, Ordering::SeqCst);
    }

    /// Notes that the waker is used, if its own task does so.
    #[inline]
    fn note_use(&self) {
        if self.last_use.is_noted.load(Ordering::Relaxed) {
            self.note_own_use();
        }
    }

    #[cold]
    fn note_own_use(&self) {
        current_loop::with_current_if(self.loop_id, |core| {
            if let Ok(mut sched) = core.sched.try_borrow_mut() {
                sched.note_use(self.key(), &self.last_use);
            }
        });
    }

    /// Sends a message to the inbox, unless one about this task is in it.
    #[cold]
    fn send(self: &Arc<Self>, origin: fn() -> WakeOrigin) {
        if !self.notified.swap(true, Ordering::SeqCst) {
            // If sending fails, the loop no longer exists, and neither does the task.
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
        self.note_use();
        match current_loop::wake(self.loop_id, self.key()) {
            WakeResult::Done => {}
            WakeResult::Busy | WakeResult::OtherThread => self.send(thread_origin),
        }
    }
}

impl ClonedWaker for WakeHandle {
    #[inline]
    fn is_cloned(&self) {
        self.note_use();
    }
}

/// The calling thread. async-io's helper thread counts as I/O.
///
/// Each thread in `smol::block_on` may handle I/O for all. A loop that is waiting runs no code of the
/// program, so what it wakes is woken by I/O. The screen's thread runs none at all.
pub(super) fn thread_origin() -> WakeOrigin {
    if current_loop::with_current(|core| core.accepting.get()) == Some(false) {
        return WakeOrigin::Io;
    }
    match thread::current().name() {
        Some("async-io" | "loopscope") => WakeOrigin::Io,
        name => WakeOrigin::Thread(name.map(str::to_owned)),
    }
}

/// The inboxes of all loops of the process, by loop id.
static REGISTRY: LazyLock<Mutex<HashMap<u64, Sender<Message>>>> = LazyLock::new(Mutex::default);

fn registry() -> MutexGuard<'static, HashMap<u64, Sender<Message>>> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a loop in the registry, until dropped. Then also drops the messages that the loop has not
/// handled, which ends the remote tasks in them.
#[derive(Debug)]
pub(super) struct Registration {
    loop_id: u64,
    inbox: Receiver<Message>,
}

impl Registration {
    pub(super) fn new(loop_id: u64, inbox: &(Sender<Message>, Receiver<Message>)) -> Registration {
        registry().insert(loop_id, inbox.0.clone());
        Registration {
            loop_id,
            inbox: inbox.1.clone(),
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        registry().remove(&self.loop_id);
        self.inbox.close();
        while let Ok(message) = self.inbox.try_recv() {
            drop(message);
        }
    }
}

/// Sends a message to a loop, if it still exists.
pub(in crate::runtime) fn send_to(loop_id: u64, message: Message) {
    let inbox = registry().get(&loop_id).cloned();
    if let Some(inbox) = inbox {
        drop(inbox.try_send(message));
    }
}
