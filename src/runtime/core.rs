//! The ready queue, the slots of the tasks, and the way from a primitive to the loop that runs it.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    collections::VecDeque,
    panic::Location,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Waker,
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

/// A task's future. What it returns goes to the task's handle.
pub(super) type Body = Pin<Box<dyn Future<Output = ()>>>;

/// What a task's end is told to, whatever the type of its result.
pub(super) trait Ending {
    /// It panicked.
    fn panicked(&self, payload: Box<dyn Any + Send>);
    /// It was cancelled.
    fn cancelled(&self);
}

/// A loop. It belongs to one thread.
pub(super) struct Core {
    pub(super) id: u64,
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
    /// How many tasks have been spawned.
    pub(super) spawned: u32,
    /// How many of them have not ended.
    pub(super) living: usize,
    /// The task being polled.
    pub(super) current: Option<Current>,
    pub(super) callbacks: VecDeque<Callback>,
    pub(super) recorder: Recorder,
}

/// An entry of the ready queue.
#[derive(Clone, Copy, Debug)]
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

/// The room of one task.
pub(super) struct Slot {
    /// The task that lives here; [`NOBODY`] if it is free.
    pub(super) task: u32,
    /// It stands in the ready queue.
    pub(super) queued: bool,
    /// Its next turn is its last: it will be told that it is cancelled.
    pub(super) cancelled: bool,
    /// None while it is being polled, and for the main task, whose future belongs to whoever runs the loop.
    pub(super) body: Option<Body>,
    pub(super) ending: Option<Rc<dyn Ending>>,
    /// None while it is being polled.
    pub(super) waker: Option<Waker>,
    pub(super) handle: Arc<WakeHandle>,
    /// What it last said it waits for.
    pub(super) wait: (Wait, LocationId),
    /// How many things it waits for, as far as it said.
    pub(super) said: u32,
}

impl Slot {
    /// Whether somebody may wake this task whom the loop does not know: it said so, or its waker has more owners than it
    /// named things that it waits for.
    pub(super) fn waits_for_unknown(&self) -> bool {
        let owners = Arc::strong_count(&self.handle).saturating_sub(2);
        matches!(self.wait.0, Wait::Unknown | Wait::Operation(_)) || owners > self.said as usize
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
    ACTIVE.try_with(|active| active.try_borrow().ok().and_then(|core| core.as_ref().map(f))).ok().flatten()
}

/// The loop on this thread.
///
/// # Panics
///
/// If there is none: timers, channels and the like of this crate work inside of a loop.
pub(super) fn active() -> Rc<Core> {
    match with(Rc::clone) {
        Some(core) => core,
        None => panic!("there is no event loop on this thread: call this inside of loopscope::block_on"),
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
        let hot = Hot {
            ready: VecDeque::new(),
            slots: Vec::new(),
            free: Vec::new(),
            spawned: 0,
            living: 0,
            current: None,
            callbacks: VecDeque::new(),
            recorder,
        };
        Rc::new(Core {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
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
    pub(super) fn spawn(
        &self,
        name: &str,
        at: &'static Location<'static>,
        body: Option<Body>,
        ending: Rc<dyn Ending>,
    ) -> Entry {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let task = hot.spawned;
        hot.spawned += 1;
        hot.living += 1;
        if hot.recorder.on {
            let name = hot.recorder.text(name);
            let at = hot.recorder.place(at);
            hot.recorder.writer.spawn(name, at, hot.current.is_some());
        }
        let slot = hot.move_in(self, task, body, ending);
        let entry = Entry { slot, task };
        hot.ready.push_back(entry);
        entry
    }

    /// Wakes a task. False if this cannot be done now.
    #[inline]
    pub(super) fn wake(&self, slot: u32, task: u32) -> bool {
        let Ok(mut hot) = self.hot.try_borrow_mut() else { return false };
        hot.wake(slot, task);
        true
    }

    /// A task says what it waits for. `awaited` is where it was polled, `made` where the future was made.
    #[inline]
    pub(super) fn wait(&self, on: Wait, awaited: &'static Location<'static>, made: &'static Location<'static>) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let Some(current) = &mut hot.current else { return };
        current.said += 1;
        if !hot.recorder.on {
            // Whether a wait is known to the loop matters all the same, see `Stalled`.
            hot.slots[current.slot as usize].wait.0 = on;
            return;
        }
        let at = hot.recorder.await_place(awaited, made);
        let also = current.said > 1;
        let slot = &mut hot.slots[current.slot as usize];
        if also {
            hot.recorder.writer.wait(on, at, true);
        } else if !same_wait(slot.wait, (on, at)) {
            slot.wait = (on, at);
            hot.recorder.writer.wait(on, at, false);
        }
    }

    /// Asks a task to end.
    pub(super) fn cancel(&self, entry: Entry) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let Some(slot) = hot.slots.get_mut(entry.slot as usize) else { return };
        if slot.task == entry.task && !slot.cancelled {
            slot.cancelled = true;
            hot.recorder.write(|writer| writer.cancel_asked(TaskId(entry.task)));
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
        hot.ready.push_back(Entry { slot: CALLBACK, task: 0 });
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
            Some(room) if room.task == task => {
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

    fn move_in(&mut self, core: &Core, task: u32, body: Option<Body>, ending: Rc<dyn Ending>) -> u32 {
        let new = |slot: u32| {
            let handle = WakeHandle::new(core.id, slot, task, core.inbox.0.clone());
            let waker = Some(Waker::from(Arc::clone(&handle)));
            (waker, handle)
        };
        let wait = (Wait::Unknown, LocationId::UNKNOWN);
        let Some(number) = self.free.pop() else {
            let number = u32::try_from(self.slots.len()).unwrap_or(NOBODY);
            let (waker, handle) = new(number);
            let ending = Some(ending);
            self.slots.push(Slot { task, queued: true, cancelled: false, body, ending, waker, handle, wait, said: 0 });
            return number;
        };
        let room = &mut self.slots[number as usize];
        room.task = task;
        room.queued = true;
        room.cancelled = false;
        room.body = body;
        room.ending = Some(ending);
        room.wait = wait;
        room.said = 0;
        // One in the slot, one in its waker: nobody else could wake the wrong task through it.
        if Arc::strong_count(&room.handle) == 2 && room.waker.is_some() {
            room.handle.reuse(task);
        } else {
            (room.waker, room.handle) = new(number);
        }
        number
    }
}
