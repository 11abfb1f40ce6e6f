//! A loop's parts, and what primitives ask of it.

mod active;
mod current;
mod hot;
mod living;
mod room;

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    panic::Location,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    task::Waker,
    time::Instant,
};

use async_channel::{Receiver, Sender};

use crate::trace::{CallbackId, LocationId, TaskId, Wait};

use super::{
    clock::Clock, recorder::Recorder, resource::Slots as ResourceSlots, timers::Timers,
    waker::Message,
};

pub(in crate::runtime) use active::{Entered, Reach, active, wake, with, with_loop};
pub(in crate::runtime) use current::{Current, Sleeper};
pub(in crate::runtime) use hot::Hot;
use living::Living;
pub(in crate::runtime) use living::{lives, send};
pub(in crate::runtime) use room::{Body, Failure, Job, NOBODY, Name, Slot, TaskWaker, Watcher};

/// A loop. It belongs to one thread.
pub(in crate::runtime) struct Core {
    pub(in crate::runtime) id: u64,
    /// Whether a trace is recorded.
    pub(in crate::runtime) recording: Cell<bool>,
    /// In the timer and run phases wakes go straight into the ready queue.
    pub(in crate::runtime) accepting: Cell<bool>,
    pub(in crate::runtime) clock: Clock,
    pub(in crate::runtime) hot: RefCell<Hot>,
    pub(in crate::runtime) timers: RefCell<Timers>,
    pub(in crate::runtime) resources: RefCell<ResourceSlots>,
    /// Operations that something outside of the loop will end: while there are any, a virtual clock waits.
    pub(in crate::runtime) in_flight: Cell<u32>,
    pub(in crate::runtime) inbox: (Sender<Message>, Receiver<Message>),
    /// What was woken on the loop's own thread while it did not accept wakes.
    pub(in crate::runtime) woken: RefCell<Vec<Entry>>,
    /// Wakes the loop itself, while it waits.
    pub(in crate::runtime) sleeper: Cell<Option<Waker>>,
    /// When it was made: loop time 0, for those who count in the time of the system.
    pub(in crate::runtime) made: Instant,
    _living: Living,
}

/// An entry of the ready queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::runtime) struct Entry {
    pub(in crate::runtime) slot: u32,
    /// The task, to tell it from the one that had the slot before.
    pub(in crate::runtime) task: u32,
}

/// The slot of an [`Entry`] that stands for a callback.
pub(in crate::runtime) const CALLBACK: u32 = u32::MAX;

pub(in crate::runtime) type Callback = (CallbackId, Box<dyn FnOnce()>);

impl Core {
    pub(in crate::runtime) fn new(clock: Clock, recorder: Recorder) -> Rc<Core> {
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
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let inbox = async_channel::unbounded();
        #[expect(
            clippy::disallowed_methods,
            reason = "once a loop, to be able to translate loop time"
        )]
        let made = Instant::now();
        Rc::new(Core {
            id,
            made,
            _living: Living::enter(id, inbox.0.clone()),
            recording: Cell::new(recording),
            accepting: Cell::new(false),
            clock,
            hot: RefCell::new(hot),
            timers: RefCell::default(),
            resources: RefCell::default(),
            in_flight: Cell::new(0),
            inbox,
            woken: RefCell::default(),
            sleeper: Cell::new(None),
        })
    }

    /// Makes a task and puts it at the end of the ready queue. `body` is none for the main task alone.
    #[inline]
    pub(in crate::runtime) fn spawn(
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

    /// Records from now on. The tasks that there are were made by nobody, before the first tick.
    pub(in crate::runtime) fn record(
        &self,
        recorder: Recorder,
        tasks: &[(String, &'static Location<'static>)],
    ) {
        let mut hot = self.hot.borrow_mut();
        hot.recorder = recorder;
        for (name, at) in tasks {
            hot.recorder.spawn(Name::Given(name), at, false);
        }
        self.recording.set(true);
    }

    /// Enters a task whose future somebody else keeps and polls.
    pub(in crate::runtime) fn seat(&self, name: Name<'_>, at: &'static Location<'static>) -> Entry {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let task = hot.spawned;
        hot.spawned += 1;
        hot.recorder.spawn(name, at, hot.current.is_some());
        let slot = hot.move_in(task, None);
        hot.slots[slot as usize].guest = true;
        Entry { slot, task }
    }

    /// Wakes a task. False if this cannot be done now.
    #[inline]
    pub(in crate::runtime) fn wake(&self, entry: Entry) -> bool {
        let Ok(mut hot) = self.hot.try_borrow_mut() else {
            return false;
        };
        hot.wake(entry.slot, entry.task);
        true
    }

    /// Has a task woken when the loop looks: the reactor calls wakers on the loop's own thread while it waits. False if
    /// this cannot be done now.
    fn wake_later(&self, entry: Entry) -> bool {
        let Ok(mut woken) = self.woken.try_borrow_mut() else {
            return false;
        };
        woken.push(entry);
        drop(woken);
        if let Some(sleeper) = self.sleeper.take() {
            sleeper.wake();
        }
        true
    }

    /// A task says what it waits for. `awaited` is where it was polled, `made` where the future was made.
    #[inline]
    pub(in crate::runtime) fn wait(
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

    /// Asks a task to end, in so many words or by dropping its handle.
    pub(in crate::runtime) fn cancel(&self, entry: Entry, dropped: bool) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let Some(slot) = hot.slots.get_mut(entry.slot as usize) else {
            return;
        };
        if slot.task == entry.task && !slot.cancelled && !slot.ended {
            slot.cancelled = true;
            hot.recorder
                .write(|writer| writer.cancel_asked(TaskId(entry.task), dropped));
            hot.wake(entry.slot, entry.task);
        }
    }

    /// Nobody holds a task's handle any more. Gives what was left in its room, if it has ended.
    #[inline]
    pub(in crate::runtime) fn let_go(&self, entry: Entry) -> Option<Body> {
        let mut hot = self.hot.borrow_mut();
        hot.room(entry)?.held = false;
        hot.move_out(entry.slot)
    }

    /// What the running task is about to give is an error, with this message.
    pub(in crate::runtime) fn tell_error(&self, message: &str) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        if let Some(current) = &mut hot.current {
            current.error = true;
            hot.recorder.write(|writer| writer.failed(message));
        }
    }

    /// Puts a callback at the end of the ready queue.
    pub(in crate::runtime) fn call_soon(&self, name: &str, callback: Box<dyn FnOnce()>) {
        let mut hot = self.hot.borrow_mut();
        let hot = &mut *hot;
        let mut id = CallbackId(0);
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

    pub(in crate::runtime) fn begin_operation(&self) {
        self.in_flight.set(self.in_flight.get() + 1);
    }

    pub(in crate::runtime) fn end_operation(&self) {
        self.in_flight.set(self.in_flight.get().saturating_sub(1));
    }
}

/// A timer's slot is no news: the [`TimerSet`](crate::trace::Event::Timer(trace::TimerEvent::Set)) before has said it.
#[inline]
fn same_wait(before: (Wait, LocationId), now: (Wait, LocationId)) -> bool {
    let same_thing = match (before.0, now.0) {
        (Wait::Timer(_), Wait::Timer(_)) => true,
        (before, now) => before == now,
    };
    same_thing && before.1 == now.1
}
