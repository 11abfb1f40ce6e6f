//! Tasks whose handle and whose loop are on different threads.
//!
//! A handle normally reads the slot of its task directly. On any other thread than the loop's it
//! cannot, so the two meet in a [`RemoteTask`], which both own:
//!
//! ```text
//!   handle                                  loop
//!   spawn   ── Message::Spawn ────────────> Core::spawn_remote: the task gets a slot
//!   export  ── Message::Export ───────────> Core::export: the slot of a task that exists
//!   cancel  ── Message::CancelRemote ─────> Core::cancel
//!   poll    <── waker, result ───────────── RemoteEnd::end, when the task ends
//! ```
//!
//! The phase of a remote task only moves forward, from `Pending` to `Ended` to `Taken`. The loop
//! makes the first step, and the handle the second. A loop that is dropped, or that the message
//! does not reach, ends the task without a result: the `Drop` of [`RemoteEnd`] does that wherever
//! the message or the slot is dropped.

use std::{
    fmt,
    panic::Location,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use super::{
    task_key::TaskKey,
    task_name::TaskName,
    task_slot::Body,
    waker::{Message, send_to},
};

/// The meeting point of a loop and a handle on another thread.
pub(in crate::runtime) struct RemoteTask {
    pub(in crate::runtime) loop_id: u64,
    state: Mutex<RemoteState>,
    /// Notified when the loop has seen the task for the first time, and when the task ends.
    changed: Condvar,
}

struct RemoteState {
    phase: Phase,
    /// The task's address in its loop. `None` until the loop has seen the message.
    key: Option<TaskKey>,
    /// Wakes the task that awaits the handle.
    waker: Option<Waker>,
    /// Whether a handle exists. Without one the result is dropped.
    wanted: bool,
}

enum Phase {
    /// The task has not ended.
    Pending,
    /// The task has ended. `None` if it has no result because its loop is gone.
    Ended(Option<Body>),
    /// The handle has taken the result.
    Taken,
}

impl fmt::Debug for RemoteTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteTask").finish_non_exhaustive()
    }
}

impl RemoteTask {
    pub(in crate::runtime) fn new(loop_id: u64) -> Arc<RemoteTask> {
        Arc::new(RemoteTask {
            loop_id,
            state: Mutex::new(RemoteState {
                phase: Phase::Pending,
                key: None,
                waker: None,
                wanted: true,
            }),
            changed: Condvar::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, RemoteState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task's address in its loop, once the loop has seen it.
    pub(in crate::runtime) fn key(&self) -> Option<TaskKey> {
        self.state().key
    }

    /// Notes the task's address in its loop.
    pub(super) fn seen_as(&self, key: TaskKey) {
        self.state().key = Some(key);
        self.changed.notify_all();
    }

    /// Ready with the task's body once the task has ended; with `None` if it has no result.
    pub(in crate::runtime) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Body>> {
        let waker = cx.waker().clone();
        let mut state = self.state();
        match std::mem::replace(&mut state.phase, Phase::Taken) {
            Phase::Pending => {
                state.phase = Phase::Pending;
                let before = state.waker.replace(waker);
                // Dropping a foreign waker may do anything, so the state must not be locked.
                drop(state);
                drop(before);
                Poll::Pending
            }
            Phase::Ended(body) => Poll::Ready(body),
            Phase::Taken => Poll::Ready(None),
        }
    }

    /// Whether the task has ended. Waits for at most `patience` until the loop has seen the task:
    /// a loop whose poll does not return answers nothing.
    pub(in crate::runtime) fn is_finished(&self, patience: Duration) -> bool {
        let is_unseen =
            |state: &mut RemoteState| state.key.is_none() && matches!(state.phase, Phase::Pending);
        let (state, _) = self
            .changed
            .wait_timeout_while(self.state(), patience, is_unseen)
            .unwrap_or_else(PoisonError::into_inner);
        !matches!(state.phase, Phase::Pending)
    }

    /// Requests the task's cancellation: explicitly, or because the handle is `dropped`.
    pub(in crate::runtime) fn request_cancel(self: &Arc<Self>, dropped: bool) {
        if matches!(self.state().phase, Phase::Pending) {
            send_to(
                self.loop_id,
                Message::CancelRemote(Arc::clone(self), dropped),
            );
        }
    }

    /// Renames the task in the trace of its loop.
    pub(in crate::runtime) fn name(self: &Arc<Self>, name: &str) {
        let named = Message::NameRemote(Arc::clone(self), name.to_owned());
        send_to(self.loop_id, named);
    }

    /// Notes that the handle is gone. Returns the result of a task that has ended, for the caller
    /// to use or drop.
    pub(in crate::runtime) fn release(&self) -> Option<Body> {
        let mut state = self.state();
        state.wanted = false;
        let waker = state.waker.take();
        let phase = match state.phase {
            Phase::Pending => None,
            _ => Some(std::mem::replace(&mut state.phase, Phase::Taken)),
        };
        drop(state);
        drop(waker);
        match phase {
            Some(Phase::Ended(body)) => body,
            _ => None,
        }
    }
}

/// The loop's side of a [`RemoteTask`]. Dropping it ends the task without a result.
#[derive(Debug)]
pub(in crate::runtime) struct RemoteEnd(Arc<RemoteTask>);

impl RemoteEnd {
    pub(in crate::runtime) fn new(task: &Arc<RemoteTask>) -> RemoteEnd {
        RemoteEnd(Arc::clone(task))
    }

    pub(super) fn seen_as(&self, key: TaskKey) {
        self.0.seen_as(key);
    }

    /// Hands the result over and wakes what awaits it. Returns the body if nothing wants it.
    pub(super) fn end(self, body: Option<Body>) -> Option<Body> {
        self.0.end(body)
    }
}

impl RemoteTask {
    fn end(&self, body: Option<Body>) -> Option<Body> {
        let mut state = self.state();
        if !matches!(state.phase, Phase::Pending) {
            return body;
        }
        let (kept, unwanted) = if state.wanted {
            (body, None)
        } else {
            (None, body)
        };
        state.phase = Phase::Ended(kept);
        let waker = state.waker.take();
        drop(state);
        self.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
        unwanted
    }
}

impl Drop for RemoteEnd {
    fn drop(&mut self) {
        drop(self.0.end(None));
    }
}

/// A task that is spawned from another thread than its loop's.
pub(in crate::runtime) struct RemoteSpawn {
    pub(super) name: OwnedTaskName,
    pub(super) at: &'static Location<'static>,
    pub(super) body: Body,
    pub(super) end: RemoteEnd,
}

impl fmt::Debug for RemoteSpawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSpawn").finish_non_exhaustive()
    }
}

impl RemoteSpawn {
    pub(super) fn new(
        name: TaskName<'_>,
        at: &'static Location<'static>,
        body: Body,
        task: &Arc<RemoteTask>,
    ) -> RemoteSpawn {
        RemoteSpawn {
            name: OwnedTaskName::of(name),
            at,
            body,
            end: RemoteEnd::new(task),
        }
    }
}

/// A [`TaskName`] that may be sent to another thread.
pub(super) enum OwnedTaskName {
    Type(&'static str),
    Given(String),
}

impl OwnedTaskName {
    fn of(name: TaskName<'_>) -> OwnedTaskName {
        match name {
            TaskName::Type(name) => OwnedTaskName::Type(name),
            TaskName::Given(name) => OwnedTaskName::Given(name.to_owned()),
        }
    }

    pub(super) fn borrow(&self) -> TaskName<'_> {
        match self {
            OwnedTaskName::Type(name) => TaskName::Type(name),
            OwnedTaskName::Given(name) => TaskName::Given(name),
        }
    }
}
