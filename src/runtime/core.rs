//! The ready queue, the slots of the tasks, and the way from a primitive to the loop that runs it.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    panic::Location,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use async_channel::{Receiver, Sender};

use crate::trace::{LocationId, TaskId, Wait, WakeEffect};

use super::{
    clock::Clock,
    recorder::Recorder,
    resource::Slots as ResourceSlots,
    timers::Timers,
    waker::{Message, WakeHandle},
};

/// A task's future, and later its result, whatever their types.
pub(super) trait Job {
    /// Gives the future a turn. When it is done it is dropped, and the result kept.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()>;
    /// Drops the future, and keeps this as its end.
    fn fail(self: Pin<&mut Self>, end: Failure);
    /// Moves the result into an `Option` of its type; or says why there is none.
    fn take(self: Pin<&mut Self>, into: &mut dyn Any) -> Result<(), Failure>;
}

/// Why a task has no result.
pub(super) enum Failure {
    Panicked(Box<dyn Any + Send>),
    Cancelled,
}

/// A task's job, where it lives.
pub(super) type Body = Pin<Box<dyn Job>>;

/// What a task is called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name<'a> {
    /// After the type of its future.
    Type(&'static str),
    /// As the program says.
    Given(&'a str),
}

/// A loop. It belongs to one thread.
pub(super) struct Core {
    pub(super) id: u64,
    /// Whether a trace is recorded.
    pub(super) recording: bool,
    /// In the timer and run phases wakes go straight into the ready queue.
    pub(super) accepting: Cell<bool>,
    pub(super) clock: Clock,
    pub(super) hot: RefCell<Hot>,
    pub(super) timers: RefCell<Timers>,
    pub(super) resources: RefCell<ResourceSlots>,
    /// Operations that something outside of the loop will end: while there are any, a virtual clock waits.
    pub(super) in_flight: Cell<u32>,
    pub(super) inbox: (Sender<Message>, Receiver<Message>),
}

/// What every poll touches.
pub(super) struct Hot {
    pub(super) ready: VecDeque<Entry>,
    pub(super) slots: Vec<Slot>,
    pub(super) free: Vec<u32>,
    /// Wakers of tasks that have ended, for others.
    spare: Vec<TaskWaker>,
    /// How many tasks have been spawned.
    pub(super) spawned: u32,
    /// How many of them have not ended.
    pub(super) living: usize,
    /// The task being polled.
    pub(super) current: Option<Current>,
    pub(super) callbacks: VecDeque<Callback>,
    /// By task.
    watchers: HashMap<u32, Watcher>,
    pub(super) recorder: Recorder,
}

/// An entry of the ready queue.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    pub(super) slot: u32,
    /// The task, to tell it from the one that had the slot before.
    pub(super) task: u32,
}

/// The slot of an [`Entry`] that stands for a callback.
pub(super) const CALLBACK: u32 = u32::MAX;

pub(super) type Callback = (crate::trace::CallbackId, Box<dyn FnOnce()>);

/// The task being polled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Current {
    pub(super) slot: u32,
    /// It has said what it waits for in this poll, so many times.
    pub(super) said: u32,
}

/// The room of one task. It is kept until the task has ended and its handle is gone.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stands for itself, and a poll touches one or two"
)]
pub(super) struct Slot {
    /// The task that lives here; [`NOBODY`] if it is free.
    pub(super) task: u32,
    /// How many things it waits for, as far as it said.
    pub(super) said: u32,
    /// What it last said it waits for.
    pub(super) wait: (Wait, LocationId),
    /// It stands in the ready queue.
    pub(super) queued: bool,
    /// Its next turn is its last: it will be told that it is cancelled.
    pub(super) cancelled: bool,
    /// It has ended, in whatever way.
    pub(super) ended: bool,
    /// Somebody holds its handle.
    pub(super) held: bool,
    /// There is a [`Watcher`] for its end.
    watched: bool,
    /// None while it is being polled, and for the main task, whose future belongs to whoever runs the loop.
    pub(super) body: Option<Body>,
    /// None before its first turn: a task that is never polled needs none.
    pub(super) waker: Option<TaskWaker>,
    /// Who awaits its handle.
    pub(super) joining: Option<Waker>,
}

/// Told when a task ends, and whether it panicked.
pub(super) type Watcher = Box<dyn FnOnce(bool)>;

/// A waker, and the handle inside of it.
#[derive(Debug)]
pub(super) struct TaskWaker {
    pub(super) waker: Waker,
    pub(super) handle: Arc<WakeHandle>,
}

impl TaskWaker {
    /// How many wakers there are besides this one.
    fn clones(&self) -> usize {
        // One owner is the handle, one the waker.
        Arc::strong_count(&self.handle).saturating_sub(2)
    }
}

impl Slot {
    /// Whether somebody may wake this task whom the loop does not know: it said so, or its waker has more owners than it
    /// named things that it waits for.
    pub(super) fn waits_for_unknown(&self) -> bool {
        let clones = self.waker.as_ref().map_or(0, TaskWaker::clones);
        matches!(self.wait.0, Wait::Unknown | Wait::Operation(_)) || clones > self.said as usize
    }
}

pub(super) const NOBODY: u32 = u32::MAX;

thread_local! {
    /// The loop that runs on this thread.
    static ACTIVE: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

/// How far a wake got.
pub(super) enum Reach {
    /// It is done.
    Done,
    /// This is the loop's thread, but the loop waits.
    NotNow,
    /// This is another thread.
    Elsewhere,
}

/// Wakes a task of the loop on this thread, if it is that loop and accepts wakes.
#[inline]
pub(super) fn wake(loop_id: u64, slot: u32, task: u32) -> Reach {
    let reach = ACTIVE.try_with(|active| match active.try_borrow().as_deref() {
        Ok(Some(core)) if core.id == loop_id => {
            if core.accepting.get() && core.wake(slot, task) {
                Reach::Done
            } else {
                Reach::NotNow
            }
        }
        _ => Reach::Elsewhere,
    });
    reach.unwrap_or(Reach::Elsewhere)
}

/// Does something with the loop on this thread; none if there is none.
#[inline]
pub(super) fn with<R>(f: impl FnOnce(&Rc<Core>) -> R) -> Option<R> {
    ACTIVE
        .try_with(|active| {
            active
                .try_borrow()
                .ok()
                .and_then(|core| core.as_ref().map(f))
        })
        .ok()
        .flatten()
}

/// The loop on this thread.
///
/// # Panics
///
/// If there is none: timers, channels and the like of this crate work inside of a loop.
pub(super) fn active() -> Rc<Core> {
    match with(Rc::clone) {
        Some(core) => core,
        None => {
            panic!("there is no event loop on this thread: call this inside of loopscope::block_on")
        }
    }
}

/// Makes a loop the active one of this thread, until dropped.
pub(super) struct Entered {
    before: Option<Rc<Core>>,
}

impl Entered {
    pub(super) fn new(core: &Rc<Core>) -> Entered {
        let before = ACTIVE.with(|active| active.replace(Some(Rc::clone(core))));
        Entered { before }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.before.take();
        drop(ACTIVE.try_with(|active| active.replace(before)));
    }
}

impl Core {
    pub(super) fn new(clock: Clock, recorder: Recorder) -> Rc<Core> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let recording = recorder.on;
        let hot = Hot {
            ready: VecDeque::new(),
            slots: Vec::new(),
            free: Vec::new(),
            spare: Vec::new(),
            spawned: 0,
            living: 0,
            current: None,
            callbacks: VecDeque::new(),
            watchers: HashMap::new(),
            recorder,
        };
        Rc::new(Core {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            recording,
            accepting: Cell::new(false),
            clock,
            hot: RefCell::new(hot),
            timers: RefCell::default(),
            resources: RefCell::default(),
            in_flight: Cell::new(0),
            inbox: async_channel::unbounded(),
        })
    }

    /// Makes a task and puts it at the end of the ready queue. `body` is none for the main task alone.
    #[inline]
    pub(super) fn spawn(
        &self,
        name: Name<'_>,
        at: &'static Location<'static>,
        body: Option<Body>,
    ) -> Entry {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let task = hot.spawned;
        hot.spawned += 1;
        hot.living += 1;
        if hot.recorder.on {
            hot.recorder.spawn(name, at, hot.current.is_some());
        }
        let entry = Entry {
            slot: hot.move_in(task, body),
            task,
        };
        hot.ready.push_back(entry);
        entry
    }

    /// Wakes a task. False if this cannot be done now.
    #[inline]
    pub(super) fn wake(&self, slot: u32, task: u32) -> bool {
        let Ok(mut hot) = self.hot.try_borrow_mut() else {
            return false;
        };
        hot.wake(slot, task);
        true
    }

    /// A task says what it waits for. `awaited` is where it was polled, `made` where the future was made.
    #[inline]
    pub(super) fn wait(
        &self,
        on: Wait,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let Some(current) = &mut hot.current else {
            return;
        };
        current.said += 1;
        if !hot.recorder.on {
            // Whether a wait is known to the loop matters all the same, see `Stalled`.
            hot.slots[current.slot as usize].wait.0 = on;
            return;
        }
        let at = hot.recorder.await_place(awaited, made);
        let also = current.said > 1;
        let slot = &mut hot.slots[current.slot as usize];
        if also || !same_wait(slot.wait, (on, at)) {
            slot.wait = (on, at);
            hot.recorder.writer.wait(on, at, also);
        }
    }

    /// Asks a task to end.
    pub(super) fn cancel(&self, entry: Entry) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let Some(slot) = hot.slots.get_mut(entry.slot as usize) else {
            return;
        };
        if slot.task == entry.task && !slot.cancelled && !slot.ended {
            slot.cancelled = true;
            hot.recorder
                .write(|writer| writer.cancel_asked(TaskId(entry.task)));
            hot.wake(entry.slot, entry.task);
        }
    }

    /// Puts a callback at the end of the ready queue.
    pub(super) fn call_soon(&self, name: &str, callback: Box<dyn FnOnce()>) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let mut id = crate::trace::CallbackId(0);
        if hot.recorder.on {
            let name = hot.recorder.text(name);
            id = hot.recorder.writer.callback_scheduled(name);
        }
        hot.callbacks.push_back((id, callback));
        hot.ready.push_back(Entry {
            slot: CALLBACK,
            task: 0,
        });
    }

    pub(super) fn begin_operation(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    pub(super) fn end_operation(&self) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
    }
}

/// A timer's slot is no news: the [`TimerSet`](crate::trace::Event::TimerSet) before has said it.
#[inline]
fn same_wait(before: (Wait, LocationId), now: (Wait, LocationId)) -> bool {
    let same_thing = match (before.0, now.0) {
        (Wait::Timer(_), Wait::Timer(_)) => true,
        (before, now) => before == now,
    };
    same_thing && before.1 == now.1
}

impl Hot {
    #[inline]
    pub(super) fn wake(&mut self, slot: u32, task: u32) {
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

    fn move_in(&mut self, task: u32, body: Option<Body>) -> u32 {
        let wait = (Wait::Unknown, LocationId::UNKNOWN);
        let new = Slot {
            task,
            said: 0,
            wait,
            queued: true,
            cancelled: false,
            ended: false,
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
    pub(super) fn room(&mut self, entry: Entry) -> Option<&mut Slot> {
        self.slots
            .get_mut(entry.slot as usize)
            .filter(|room| room.task == entry.task)
    }

    /// Frees a room, if its task has ended and nobody holds its handle. What is left in it is to be dropped with no borrow held.
    #[inline]
    pub(super) fn move_out(&mut self, slot: u32) -> Option<Body> {
        let room = &mut self.slots[slot as usize];
        if !room.ended || room.held {
            return None;
        }
        room.task = NOBODY;
        room.joining = None;
        self.free.push(slot);
        room.body.take()
    }

    /// Has `watcher` told of a task's end. Gives it back if the task has ended already.
    pub(super) fn watch(&mut self, entry: Entry, watcher: Watcher) -> Option<Watcher> {
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
    pub(super) fn end(&mut self, slot: u32) -> (Option<Waker>, Option<Watcher>) {
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
    pub(super) fn new_waker(&mut self, core: &Core, slot: u32, task: u32) -> TaskWaker {
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
    pub(super) fn return_waker(&mut self, waker: TaskWaker) {
        if waker.clones() == 0 && self.spare.len() < MOST_SPARE {
            self.spare.push(waker);
        }
    }
}

/// How many wakers are kept for tasks to come.
const MOST_SPARE: usize = 1024;
