//! The data that every poll touches: the ready queue and the tasks' slots.

use std::{
    collections::{HashMap, VecDeque},
    mem, ptr,
    sync::Arc,
    task::Waker,
};

use async_channel::Sender;

use crate::trace::{CallbackId, LocationId, TaskId, Wait, WakeEffect};

use super::{
    lines::noted_waker,
    ready_queue::ReadyQueue,
    recorder::Recorder,
    remote_task::RemoteEnd,
    task_key::{TaskKey, VACANT, WakeTarget},
    task_slot::{Body, Life, OnComplete, TaskSlot, TaskWaker},
    waker::{Message, WakeHandle},
    waker_uses::LastUse,
};

/// How many wakers of ended tasks are kept for new ones.
const MAX_SPARE_WAKERS: usize = 1024;

/// Wakers of ended tasks, for new ones.
#[allow(
    clippy::vec_box,
    reason = "a waker is boxed wherever it is, so that it moves as one word"
)]
type SpareWakers = Vec<Box<TaskWaker>>;

/// The most waits of one poll that can be withdrawn.
pub(super) const DECLARED: usize = 4;

/// The ready queue, the tasks' slots, and the recorder of what happens to them.
pub(in crate::runtime) struct Scheduler {
    pub(in crate::runtime) ready: ReadyQueue,
    pub(in crate::runtime) slots: Vec<TaskSlot>,
    /// Slots that are vacant, the one freed last at the end.
    free: Vec<u32>,
    /// Wakers of ended tasks, for new ones.
    spare_wakers: SpareWakers,
    /// How many tasks were spawned: the number of the next one.
    pub(super) spawned: u32,
    /// How many tasks of the loop have not ended.
    pub(super) unfinished: usize,
    /// The task being polled.
    pub(in crate::runtime) current: Option<CurrentTask>,
    /// The first waits that this task has declared in its poll, and whether each keeps its key. Only
    /// as many count as it has declared.
    pub(super) declared: [(Wait, bool); DECLARED],
    /// Callbacks in the ready queue, in its order.
    pub(super) callbacks: VecDeque<Callback>,
    /// The completion callbacks, by task number.
    on_complete: HashMap<u32, OnComplete>,
    /// The tasks whose handle is on another thread, by task number.
    remotes: HashMap<u32, RemoteEnd>,
    pub(in crate::runtime) recorder: Recorder,
}

/// A [`Scheduler`] on its way to another thread.
pub(super) struct MovedScheduler {
    ready: ReadyQueue,
    slots: Vec<TaskSlot>,
    free: Vec<u32>,
    spare_wakers: SpareWakers,
    spawned: u32,
    unfinished: usize,
    remotes: HashMap<u32, RemoteEnd>,
    recorder: Recorder,
}

/// What the end of a task leads to, apart from the wake of its waiter.
pub(super) struct Followers {
    pub(super) on_complete: Option<OnComplete>,
    /// The task's result, for a handle on another thread.
    pub(super) remote: Option<(RemoteEnd, Option<Body>)>,
}

/// A function that the loop calls once.
pub(super) type Callback = (CallbackId, Box<dyn FnOnce()>);

impl Scheduler {
    pub(super) fn new(recorder: Recorder) -> Scheduler {
        Scheduler {
            ready: ReadyQueue::new(),
            slots: Vec::new(),
            free: Vec::new(),
            spare_wakers: Vec::new(),
            spawned: 0,
            unfinished: 0,
            current: None,
            declared: [(Wait::Unknown, false); DECLARED],
            callbacks: VecDeque::new(),
            on_complete: HashMap::new(),
            remotes: HashMap::new(),
            recorder,
        }
    }

    /// Whether the loop may continue on another thread: nothing of it is bound to this one.
    pub(super) fn is_movable(&self) -> bool {
        self.callbacks.is_empty()
            && self.on_complete.is_empty()
            && !self.slots.iter().any(TaskSlot::is_thread_bound)
    }

    /// Whether a task is unfinished, or has a result that its handle may still take. Tasks of
    /// executors do not count, because the loop does not poll them.
    pub(super) fn has_work(&self) -> bool {
        let is_work = |slot: &TaskSlot| slot.task != VACANT && slot.life != Life::External;
        self.unfinished > 0
            || (self.slots.len() > self.free.len() && self.slots.iter().any(is_work))
    }

    /// What may be sent to another thread: all, if the scheduler [is movable](Self::is_movable).
    pub(super) fn into_moved(self) -> MovedScheduler {
        MovedScheduler {
            ready: self.ready,
            slots: self.slots,
            free: self.free,
            spare_wakers: self.spare_wakers,
            spawned: self.spawned,
            unfinished: self.unfinished,
            remotes: self.remotes,
            recorder: self.recorder,
        }
    }

    pub(super) fn from_moved(moved: MovedScheduler) -> Scheduler {
        Scheduler {
            ready: moved.ready,
            slots: moved.slots,
            free: moved.free,
            spare_wakers: moved.spare_wakers,
            spawned: moved.spawned,
            unfinished: moved.unfinished,
            remotes: moved.remotes,
            ..Scheduler::new(moved.recorder)
        }
    }

    /// Puts a task into the ready queue, unless the task is in the queue already or has ended.
    /// Records the wake with its effect in each of the three cases.
    pub(in crate::runtime) fn wake(&mut self, key: TaskKey) {
        self.wake_here(key);
    }

    /// The same, compiled into its caller.
    #[expect(
        clippy::inline_always,
        reason = "the path of a waker: each call in it would save and restore registers"
    )]
    #[inline(always)]
    pub(super) fn wake_here(&mut self, key: TaskKey) {
        let id = TaskId(key.task);
        match self.slots.get_mut(key.slot as usize) {
            Some(slot) if slot.task == key.task && !slot.has_ended() => {
                if slot.queued {
                    self.recorder.wake(id, WakeEffect::Redundant);
                } else {
                    slot.queued = true;
                    self.ready.push(key);
                    self.recorder.wake_enqueued(id);
                }
            }
            _ => self.recorder.wake(id, WakeEffect::TooLate),
        }
    }

    /// Puts the current task into the ready queue, unless the task is in the queue already: a task that
    /// is being polled has not ended.
    #[inline]
    pub(super) fn wake_current(&mut self, key: TaskKey) {
        let slot = &mut self.slots[key.slot as usize];
        if mem::replace(&mut slot.queued, true) {
            self.recorder.wake(TaskId(key.task), WakeEffect::Redundant);
        } else {
            self.ready.push(key);
            self.recorder.wake_enqueued(TaskId(key.task));
        }
    }

    /// Puts a new task into a slot, marked as queued, and returns the slot's number. The caller
    /// puts the task's key into the ready queue; an external task is queued by its executor
    /// instead. Without a body, the task's future is kept elsewhere.
    pub(super) fn insert(&mut self, task: u32, body: Option<Body>, life: Life) -> u32 {
        let new = TaskSlot {
            task,
            declared_waits: 0,
            wait: (Wait::Unknown, LocationId::UNKNOWN),
            life,
            queued: true,
            cancelled: false,
            has_handle: body.is_some(),
            has_on_complete: false,
            waits_for_socket: false,
            body,
            waker: None,
            joining: None,
        };
        if let Some(number) = self.free.pop() {
            // The slot is vacant, so nothing in it has to be dropped.
            mem::forget(mem::replace(&mut self.slots[number as usize], new));
            number
        } else {
            self.slots.push(new);
            u32::try_from(self.slots.len() - 1).unwrap_or(VACANT)
        }
    }

    /// The slot of a task, unless the key is stale.
    #[inline]
    pub(in crate::runtime) fn slot(&mut self, key: TaskKey) -> Option<&mut TaskSlot> {
        self.slots
            .get_mut(key.slot as usize)
            .filter(|slot| slot.task == key.task)
    }

    /// Frees a slot, if its task has ended and its handle is gone. Returns the body that was left
    /// in it. The caller drops the body after giving up its borrow of the scheduler: a destructor
    /// may do anything.
    #[inline]
    pub(super) fn reclaim(&mut self, number: u32) -> Option<Body> {
        let slot = &mut self.slots[number as usize];
        if !slot.has_ended() || slot.has_handle {
            return None;
        }
        slot.task = VACANT;
        slot.joining = None;
        self.free.push(number);
        slot.body.take()
    }

    /// Removes all slots and callbacks, at the end of a run. The caller drops them after giving up
    /// its borrow of the scheduler: a destructor may do anything.
    pub(super) fn clear(&mut self) -> (VecDeque<Callback>, Vec<TaskSlot>) {
        // The numbers in these two lists name slots that no longer exist.
        self.free.clear();
        self.ready.clear();
        self.unfinished = 0;
        (mem::take(&mut self.callbacks), mem::take(&mut self.slots))
    }

    /// Records that an external task was woken. Its executor queues it.
    pub(in crate::runtime) fn wake_external(&mut self, key: TaskKey) {
        let queued = self
            .slot(key)
            .map(|slot| mem::replace(&mut slot.queued, true));
        let effect = match queued {
            Some(false) => WakeEffect::Enqueued,
            Some(true) => WakeEffect::Redundant,
            None => WakeEffect::TooLate,
        };
        self.recorder.wake(TaskId(key.task), effect);
    }

    /// Records a wake of an external task that is polled without a recorded wake: another thread or
    /// the reactor has woken it.
    pub(in crate::runtime) fn wake_for_poll(&mut self, key: TaskKey) {
        if let Some(slot) = self.slot(key)
            && !mem::replace(&mut slot.queued, false)
        {
            self.recorder.wake(TaskId(key.task), WakeEffect::Enqueued);
        }
    }

    /// Frees the slot of an external task that has ended.
    pub(in crate::runtime) fn unregister(&mut self, key: TaskKey) {
        if let Some(slot) = self.slot(key) {
            slot.task = VACANT;
            self.free.push(key.slot);
        }
    }

    /// Registers `call` to be called when a task ends. Returns it if the task has ended already.
    pub(in crate::runtime) fn on_complete(
        &mut self,
        key: TaskKey,
        call: OnComplete,
    ) -> Option<OnComplete> {
        match self.slot(key) {
            Some(slot) if !slot.has_ended() => {
                slot.has_on_complete = true;
                self.on_complete.insert(key.task, call);
                None
            }
            _ => Some(call),
        }
    }

    /// Gives a task's result to a handle on another thread, once the task ends.
    pub(super) fn set_remote(&mut self, key: TaskKey, end: RemoteEnd) {
        if let Some(slot) = self.slot(key) {
            slot.has_on_complete = true;
            self.remotes.insert(key.task, end);
        }
    }

    /// Marks a task as ended. Returns the waker of its waiter, and whether
    /// [`take_followers`](Self::take_followers) has more. The caller calls the waker after giving up
    /// its borrow of the scheduler.
    #[inline]
    pub(super) fn end(&mut self, number: u32) -> (Option<Box<Waker>>, bool) {
        let slot = &mut self.slots[number as usize];
        slot.life = Life::Ended;
        (slot.joining.take(), slot.has_on_complete)
    }

    /// Takes what the end of a task leads to apart from its waiter. The caller calls it after giving
    /// up its borrow of the scheduler.
    pub(super) fn take_followers(&mut self, number: u32) -> Followers {
        let slot = &mut self.slots[number as usize];
        let remote = self.remotes.remove(&slot.task).map(|end| {
            let is_taken = !slot.is_thread_bound();
            slot.has_handle &= !is_taken;
            (end, is_taken.then(|| slot.body.take()).flatten())
        });
        Followers {
            on_complete: self.on_complete.remove(&slot.task),
            remote,
        }
    }

    /// Returns a waker for a task that has none yet. Reuses a spare one if possible, which saves an
    /// allocation for every short-lived task.
    #[expect(clippy::unnecessary_box_returns, reason = "see `SpareWakers`")]
    #[inline(never)]
    pub(super) fn new_waker(
        &mut self,
        loop_id: u64,
        key: TaskKey,
        inbox: &Sender<Message>,
    ) -> Box<TaskWaker> {
        if let Some(spare) = self.spare_wakers.pop() {
            spare.handle.reuse(key);
            return spare;
        }
        let notes_uses = self.recorder.notes_uses();
        let handle = WakeHandle::new(loop_id, key, inbox.clone(), notes_uses);
        Box::new(TaskWaker {
            waker: noted_waker(Arc::clone(&handle)),
            handle,
        })
    }

    /// Keeps the waker of an ended task for another task, unless clones of it exist: a clone would
    /// wake the wrong task.
    pub(super) fn return_waker(&mut self, waker: Box<TaskWaker>) {
        if waker.clones() == 0 && self.spare_wakers.len() < MAX_SPARE_WAKERS {
            self.spare_wakers.push(waker);
        }
    }

    /// The target of a timer that is polled with `waker`. This is the current task if the waker is
    /// the one that the task is polled with. Any other waker, such as that of a combinator, is kept
    /// and called.
    #[inline]
    pub(in crate::runtime) fn wake_target(&self, waker: &Waker) -> WakeTarget {
        match self.polled_with(waker) {
            Some(key) => WakeTarget::Task(key),
            None => WakeTarget::Waker(waker.clone()),
        }
    }

    /// Notes that a task uses its waker, if it is being polled and has declared no wait.
    pub(super) fn note_use(&mut self, key: TaskKey, last: &LastUse) {
        let is_current = |task: CurrentTask| task.task == key.task && task.declared_waits == 0;
        if self.current.is_some_and(is_current) {
            self.recorder.note_use(key.task, last);
        }
    }

    /// The current task, if it is polled with this waker.
    #[inline]
    pub(super) fn polled_with(&self, waker: &Waker) -> Option<TaskKey> {
        let current = self.current?;
        (current.waker == identity(waker)).then_some(TaskKey {
            slot: current.slot,
            task: current.task,
        })
    }
}

/// The task being polled.
#[derive(Clone, Copy, Debug)]
pub(in crate::runtime) struct CurrentTask {
    pub(in crate::runtime) slot: u32,
    task: u32,
    /// How many waits the task has declared in this poll.
    pub(in crate::runtime) declared_waits: u32,
    /// How many of these keep the key of the task and no clone of its waker.
    pub(in crate::runtime) keyed_waits: u32,
    /// The wait that was declared last. Kept only while nothing is recorded: a recorded wait is in the
    /// slot.
    pub(in crate::runtime) declared_wait: Wait,
    /// Whether the task has reported that it returns an error.
    pub(in crate::runtime) reports_error: bool,
    /// The identity of the waker that the task is polled with.
    waker: Identity,
}

impl CurrentTask {
    #[inline]
    pub(super) fn new(key: TaskKey, waker: &Waker) -> CurrentTask {
        CurrentTask {
            slot: key.slot,
            task: key.task,
            declared_waits: 0,
            keyed_waits: 0,
            declared_wait: Wait::Unknown,
            reports_error: false,
            waker: identity(waker),
        }
    }

    /// A task of one of smol's executors. Its identity equals that of no waker, so its timers keep
    /// and call the waker that they are polled with: only that waker makes the executor poll the
    /// task.
    pub(in crate::runtime) fn external(key: TaskKey) -> CurrentTask {
        CurrentTask {
            slot: key.slot,
            task: key.task,
            declared_waits: 0,
            keyed_waits: 0,
            declared_wait: Wait::Unknown,
            reports_error: false,
            waker: (0, 0),
        }
    }

    pub(in crate::runtime) fn task(&self) -> TaskId {
        TaskId(self.task)
    }
}

/// Equal for wakers that do the same: the addresses of their data and of their functions.
type Identity = (usize, usize);

#[inline]
fn identity(waker: &Waker) -> Identity {
    (waker.data().addr(), ptr::from_ref(waker.vtable()).addr())
}
