//! The handle of a task whose future lives in the loop.

use std::{
    panic::{Location, resume_unwind},
    task::{Context, Poll},
};

use crate::{
    runtime::executor::{
        core::{self, Body, Core, Entry, Failure, NOBODY, Watcher},
        waker::Message,
    },
    trace::{TaskId, Wait},
};

use super::job::Take;

/// A place in the loop. The future and its result never leave the loop's thread; this may.
pub(super) struct Here<T> {
    entry: Entry,
    loop_id: u64,
    pub(super) spawned: &'static Location<'static>,
    take: Take<T>,
}

/// Where a task lives.
#[derive(Clone, Copy)]
pub(super) struct Place(Entry, u64);

/// Has a task's end watched, or calls the watcher now if it has ended.
pub(super) fn watch(Place(entry, loop_id): Place, watcher: Watcher) {
    let ended = core::with_loop(loop_id, |core| core.hot.borrow_mut().watch(entry, watcher));
    if let Some(Some(watcher)) = ended {
        watcher(false);
    }
}

/// The entry of a handle that has been let go.
const GONE: Entry = Entry {
    slot: NOBODY,
    task: NOBODY,
};

impl<T> Here<T> {
    pub(super) fn new(
        entry: Entry,
        loop_id: u64,
        spawned: &'static Location<'static>,
        take: Take<T>,
    ) -> Here<T> {
        Here {
            entry,
            loop_id,
            spawned,
            take,
        }
    }

    pub(super) fn id(&self) -> TaskId {
        TaskId(self.entry.task)
    }

    /// Does something with the task's loop, if it is the one that runs on this thread.
    #[inline]
    fn with_loop<R>(&self, f: impl FnOnce(&Core) -> R) -> Option<R> {
        core::with_loop(self.loop_id, |core| f(core))
    }

    /// Asks the task to end, in so many words or because the handle is `dropped`.
    pub(super) fn ask_cancel(&self, dropped: bool) {
        let entry = self.entry;
        if self.with_loop(|core| core.cancel(entry, dropped)).is_none() {
            core::send(self.loop_id, Message::Cancel(entry, dropped));
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        let running = self.with_loop(|core| {
            core.hot
                .borrow_mut()
                .room(self.entry)
                .is_some_and(|room| !room.ended)
        });
        match running {
            Some(running) => !running,
            // Another thread cannot look; a loop that is gone has ended all its tasks.
            None => !core::lives(self.loop_id),
        }
    }

    /// Where the task lives.
    pub(super) fn place(&self) -> Place {
        Place(self.entry, self.loop_id)
    }

    /// What the task left, if it has ended: none if it was cancelled, or if its loop is gone.
    ///
    /// # Panics
    ///
    /// On another thread than the loop's; with the task's panic.
    #[track_caller]
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let awaited = Location::caller();
        let waits = self.with_loop(|core| {
            let mut hot = core.hot.borrow_mut();
            match hot.room(self.entry) {
                Some(room) if !room.ended => {
                    match &mut room.joining {
                        Some(waker) => waker.as_mut().clone_from(cx.waker()),
                        none => *none = Some(Box::new(cx.waker().clone())),
                    }
                    drop(hot);
                    core.wait(Wait::Join(self.id()), awaited, self.spawned);
                    true
                }
                _ => false,
            }
        });
        match waits {
            Some(true) => return Poll::Pending,
            None if core::lives(self.loop_id) => panic!(
                "task {} belongs to the loop of another block_on: it can only be awaited there",
                self.id()
            ),
            _ => {}
        }
        match self.let_go().map(self.take) {
            Some(Ok(value)) => Poll::Ready(value),
            Some(Err(Failure::Panicked(payload))) => resume_unwind(payload),
            Some(Err(Failure::Cancelled)) | None => Poll::Ready(None),
        }
    }

    /// Nobody holds the handle any more. Gives what was left in the task's room, if the task has ended.
    #[inline]
    pub(super) fn let_go(&mut self) -> Option<Body> {
        let entry = std::mem::replace(&mut self.entry, GONE);
        let here = self.with_loop(|core| core.let_go(entry));
        if here.is_none() && entry.slot != NOBODY {
            core::send(self.loop_id, Message::LetGo(entry));
        }
        here.flatten()
    }
}

impl<T> Drop for Here<T> {
    fn drop(&mut self) {
        if self.entry.slot != NOBODY {
            self.ask_cancel(true);
            // A result that nobody took is dropped here, outside of the loop's own borrows.
            drop(self.let_go());
        }
    }
}
