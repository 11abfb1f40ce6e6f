//! What every poll touches: the ready queue and the rooms of the tasks.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    task::Waker,
};

use crate::{
    runtime::executor::{recorder::Recorder, waker::WakeHandle},
    trace::{LocationId, TaskId, Wait, WakeEffect},
};

use super::{Body, Callback, Core, Current, Entry, NOBODY, Slot, TaskWaker, Watcher};

/// What every poll touches.
pub(in crate::runtime) struct Hot {
    pub(in crate::runtime) ready: VecDeque<Entry>,
    pub(in crate::runtime) slots: Vec<Slot>,
    pub(in crate::runtime) free: Vec<u32>,
    /// Wakers of tasks that have ended, for others.
    pub(super) spare: Vec<TaskWaker>,
    /// How many tasks have been spawned.
    pub(in crate::runtime) spawned: u32,
    /// How many of them have not ended.
    pub(in crate::runtime) living: usize,
    /// The task being polled.
    pub(in crate::runtime) current: Option<Current>,
    pub(in crate::runtime) callbacks: VecDeque<Callback>,
    /// By task.
    pub(super) watchers: HashMap<u32, Watcher>,
    pub(in crate::runtime) recorder: Recorder,
}

impl Hot {
    #[inline]
    pub(in crate::runtime) fn wake(&mut self, slot: u32, task: u32) {
        let id = TaskId(task);
        match self.slots.get_mut(slot as usize) {
            Some(room) if room.task == task && !room.ended => {
                if room.queued {
                    self.recorder.wake(id, WakeEffect::Redundant);
                } else {
                    room.queued = true;
                    self.ready.push_back(Entry { slot, task });
                    self.recorder.wake(id, WakeEffect::Enqueued);
                }
            }
            _ => self.recorder.wake(id, WakeEffect::TooLate),
        }
    }

    pub(super) fn move_in(&mut self, task: u32, body: Option<Body>) -> u32 {
        let wait = (Wait::Unknown, LocationId::UNKNOWN);
        let new = Slot {
            task,
            said: 0,
            wait,
            queued: true,
            cancelled: false,
            ended: false,
            guest: false,
            held: body.is_some(),
            watched: false,
            body,
            waker: None,
            joining: None,
        };
        if let Some(number) = self.free.pop() {
            self.slots[number as usize] = new;
            number
        } else {
            self.slots.push(new);
            u32::try_from(self.slots.len() - 1).unwrap_or(NOBODY)
        }
    }

    /// The room of a task that has not been forgotten.
    #[inline]
    pub(in crate::runtime) fn room(&mut self, entry: Entry) -> Option<&mut Slot> {
        self.slots
            .get_mut(entry.slot as usize)
            .filter(|room| room.task == entry.task)
    }

    /// Frees a room, if its task has ended and nobody holds its handle. What is left in it is to be dropped with no borrow held.
    #[inline]
    pub(in crate::runtime) fn move_out(&mut self, slot: u32) -> Option<Body> {
        let room = &mut self.slots[slot as usize];
        if !room.ended || room.held {
            return None;
        }
        room.task = NOBODY;
        room.joining = None;
        self.free.push(slot);
        room.body.take()
    }

    /// A guest was woken. Its executor knows; here it is only written down.
    pub(in crate::runtime) fn wake_guest(&mut self, entry: Entry) {
        let queued = self
            .room(entry)
            .map(|room| std::mem::replace(&mut room.queued, true));
        let effect = match queued {
            Some(false) => WakeEffect::Enqueued,
            Some(true) => WakeEffect::Redundant,
            None => WakeEffect::TooLate,
        };
        self.recorder.wake(TaskId(entry.task), effect);
    }

    /// A guest has ended.
    pub(in crate::runtime) fn unseat(&mut self, entry: Entry) {
        if let Some(room) = self.room(entry) {
            room.task = NOBODY;
            self.free.push(entry.slot);
        }
    }

    /// Has `watcher` told of a task's end. Gives it back if the task has ended already.
    pub(in crate::runtime) fn watch(&mut self, entry: Entry, watcher: Watcher) -> Option<Watcher> {
        match self.room(entry) {
            Some(room) if !room.ended => {
                room.watched = true;
                self.watchers.insert(entry.task, watcher);
                None
            }
            _ => Some(watcher),
        }
    }

    /// A task has ended: who is to be told.
    #[inline]
    pub(in crate::runtime) fn end(&mut self, slot: u32) -> (Option<Box<Waker>>, Option<Watcher>) {
        let room = &mut self.slots[slot as usize];
        room.ended = true;
        let watcher = if room.watched {
            self.watchers.remove(&room.task)
        } else {
            None
        };
        (room.joining.take(), watcher)
    }

    /// A waker for a task that has none yet.
    pub(in crate::runtime) fn new_waker(&mut self, core: &Core, slot: u32, task: u32) -> TaskWaker {
        if let Some(spare) = self.spare.pop() {
            spare.handle.reuse(slot, task);
            return spare;
        }
        let handle = WakeHandle::new(core.id, slot, task, core.inbox.0.clone());
        TaskWaker {
            waker: Waker::from(Arc::clone(&handle)),
            handle,
        }
    }

    /// Takes back the waker of a task that has ended, unless somebody still has a clone that would wake the wrong task.
    pub(in crate::runtime) fn return_waker(&mut self, waker: TaskWaker) {
        if waker.clones() == 0 && self.spare.len() < MOST_SPARE {
            self.spare.push(waker);
        }
    }
}

/// How many wakers are kept for tasks to come.
const MOST_SPARE: usize = 1024;
