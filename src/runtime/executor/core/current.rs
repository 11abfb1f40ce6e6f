//! The task that has the slot, and how it is recognised by its waker.

use std::{ptr, task::Waker};

use crate::trace::TaskId;

use super::{Core, Entry};

/// The task being polled.
#[derive(Clone, Copy, Debug)]
pub(in crate::runtime) struct Current {
    pub(in crate::runtime) slot: u32,
    task: u32,
    /// It has said what it waits for in this poll, so many times.
    pub(in crate::runtime) said: u32,
    /// What it gives, if it ends with this poll, is an error.
    pub(in crate::runtime) error: bool,
    waker: Identity,
}

impl Current {
    #[inline]
    pub(in crate::runtime) fn new(entry: Entry, waker: &Waker) -> Current {
        Current {
            slot: entry.slot,
            task: entry.task,
            said: 0,
            error: false,
            waker: identity(waker),
        }
    }

    /// A guest: a timer is to use the waker that it is given, for it is the executor's.
    pub(in crate::runtime) fn guest(entry: Entry) -> Current {
        Current {
            slot: entry.slot,
            task: entry.task,
            said: 0,
            error: false,
            waker: (0, 0),
        }
    }

    pub(in crate::runtime) fn task(&self) -> TaskId {
        TaskId(self.task)
    }
}

/// Whom a timer wakes.
#[derive(Debug)]
pub(in crate::runtime) enum Sleeper {
    /// A task of this loop. To name it costs nothing; a waker would be cloned, called and dropped, and where thousands
    /// sleep it is in no cache.
    Task(Entry),
    /// Whoever a future made a waker of its own for, to poll several others with.
    Other(Waker),
}

impl Core {
    /// Whom a waker wakes with which a future of the running task was polled.
    #[inline]
    pub(in crate::runtime) fn sleeper(&self, waker: &Waker) -> Sleeper {
        match self.hot.borrow().current {
            Some(current) if current.waker == identity(waker) => Sleeper::Task(Entry {
                slot: current.slot,
                task: current.task,
            }),
            _ => Sleeper::Other(waker.clone()),
        }
    }
}

/// Equal for wakers that do the same: their data and their functions, by address.
type Identity = (usize, usize);

#[inline]
fn identity(waker: &Waker) -> Identity {
    (waker.data().addr(), ptr::from_ref(waker.vtable()).addr())
}
