//! A loop's parts, and what primitives ask of it.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
    task::Waker,
    time::Instant,
};

use async_channel::{Receiver, Sender};

use crate::trace::{CallbackId, LocationId, TaskId, Wait};

use super::{
    clock::Clock,
    recorder::Recorder,
    registry::Registration,
    resource::Slots as ResourceSlots,
    scheduler::Scheduler,
    task_key::{CALLBACK, TaskKey, WakeTarget},
    task_name::TaskName,
    task_slot::{Body, Life},
    timers::Timers,
    waker::Message,
};

pub(in crate::runtime) use super::{
    current_loop::{current_loop, with_current, with_current_if},
    registry::{is_alive, send_to},
};

/// A loop. It belongs to one thread.
pub(in crate::runtime) struct Core {
    pub(in crate::runtime) id: u64,
    /// Whether a trace is recorded.
    pub(in crate::runtime) recording: Cell<bool>,
    /// In the timer and run phases wakes go straight into the ready queue.
    pub(in crate::runtime) accepting: Cell<bool>,
    pub(in crate::runtime) clock: Clock,
    pub(in crate::runtime) sched: RefCell<Scheduler>,
    pub(in crate::runtime) timers: RefCell<Timers>,
    pub(in crate::runtime) resources: RefCell<ResourceSlots>,
    /// Operations that something outside of the loop will end: while there are any, a virtual clock waits.
    pub(in crate::runtime) in_flight: Cell<u32>,
    pub(in crate::runtime) inbox: (Sender<Message>, Receiver<Message>),
    /// What was woken on the loop's own thread while it did not accept wakes.
    pub(in crate::runtime) woken: RefCell<Vec<TaskKey>>,
    /// Wakes the loop itself, while it waits.
    pub(in crate::runtime) loop_waker: Cell<Option<Waker>>,
    /// When it was made: loop time 0, for those who count in the time of the system.
    pub(in crate::runtime) made: Instant,
    _registration: Registration,
}

impl Core {
    pub(in crate::runtime) fn new(clock: Clock, recorder: Recorder) -> Rc<Core> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let recording = recorder.on;
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
            _registration: Registration::new(id, inbox.0.clone()),
            recording: Cell::new(recording),
            accepting: Cell::new(false),
            clock,
            sched: RefCell::new(Scheduler::new(recorder)),
            timers: RefCell::default(),
            resources: RefCell::default(),
            in_flight: Cell::new(0),
            inbox,
            woken: RefCell::default(),
            loop_waker: Cell::new(None),
        })
    }

    /// Makes a task and puts it at the end of the ready queue. `body` is none for the main task alone.
    #[inline]
    pub(in crate::runtime) fn spawn(
        &self,
        name: TaskName<'_>,
        at: &'static Location<'static>,
        body: Option<Body>,
    ) -> TaskKey {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let task = sched.spawned;
        sched.spawned += 1;
        sched.unfinished += 1;
        if sched.recorder.on {
            sched.recorder.spawn(name, at, sched.current.is_some());
        }
        let entry = TaskKey {
            slot: sched.insert(task, body, Life::Live),
            task,
        };
        sched.ready.push_back(entry);
        entry
    }

    /// Records from now on. The tasks that there are were made by nobody, before the first tick.
    pub(in crate::runtime) fn record(
        &self,
        recorder: Recorder,
        tasks: &[(String, &'static Location<'static>)],
    ) {
        let mut sched = self.sched.borrow_mut();
        sched.recorder = recorder;
        for (name, at) in tasks {
            sched.recorder.spawn(TaskName::Given(name), at, false);
        }
        self.recording.set(true);
    }

    /// Enters a task whose future somebody else keeps and polls.
    pub(in crate::runtime) fn register(
        &self,
        name: TaskName<'_>,
        at: &'static Location<'static>,
    ) -> TaskKey {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let task = sched.spawned;
        sched.spawned += 1;
        sched.recorder.spawn(name, at, sched.current.is_some());
        let slot = sched.insert(task, None, Life::External);
        TaskKey { slot, task }
    }

    /// Wakes a task. False if this cannot be done now.
    #[inline]
    pub(in crate::runtime) fn wake(&self, entry: TaskKey) -> bool {
        let Ok(mut sched) = self.sched.try_borrow_mut() else {
            return false;
        };
        sched.wake(entry);
        true
    }

    /// Has a task woken when the loop looks: the reactor calls wakers on the loop's own thread while it waits. False if
    /// this cannot be done now.
    pub(super) fn wake_later(&self, entry: TaskKey) -> bool {
        let Ok(mut woken) = self.woken.try_borrow_mut() else {
            return false;
        };
        woken.push(entry);
        drop(woken);
        if let Some(waker) = self.loop_waker.take() {
            waker.wake();
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
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let Some(current) = &mut sched.current else {
            return;
        };
        current.declared_waits += 1;
        if !sched.recorder.on {
            // Whether a wait is known to the loop matters all the same, see `Stalled`.
            sched.slots[current.slot as usize].wait.0 = on;
            return;
        }
        let at = sched.recorder.await_location(awaited, made);
        let also = current.declared_waits > 1;
        let slot = &mut sched.slots[current.slot as usize];
        if also || !same_wait(slot.wait, (on, at)) {
            slot.wait = (on, at);
            sched.recorder.writer.wait(on, at, also);
        }
    }

    /// Asks a task to end, in so many words or by dropping its handle.
    pub(in crate::runtime) fn cancel(&self, entry: TaskKey, dropped: bool) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let Some(slot) = sched.slots.get_mut(entry.slot as usize) else {
            return;
        };
        if slot.task == entry.task && !slot.cancelled && !slot.has_ended() {
            slot.cancelled = true;
            sched
                .recorder
                .write(|writer| writer.cancel_asked(TaskId(entry.task), dropped));
            sched.wake(entry);
        }
    }

    /// Nobody holds a task's handle any more. Gives what was left in its task_slot, if it has ended.
    #[inline]
    pub(in crate::runtime) fn drop_handle(&self, entry: TaskKey) -> Option<Body> {
        let mut sched = self.sched.borrow_mut();
        sched.slot(entry)?.has_handle = false;
        sched.reclaim(entry.slot)
    }

    /// What the running task is about to give is an error, with this message.
    pub(in crate::runtime) fn report_error(&self, message: &str) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        if let Some(current) = &mut sched.current {
            current.reports_error = true;
            sched.recorder.write(|writer| writer.failed(message));
        }
    }

    /// Puts a callback at the end of the ready queue.
    pub(in crate::runtime) fn call_soon(&self, name: &str, callback: Box<dyn FnOnce()>) {
        let mut sched = self.sched.borrow_mut();
        let sched = &mut *sched;
        let mut id = CallbackId(0);
        if sched.recorder.on {
            let name = sched.recorder.text(name);
            id = sched.recorder.writer.callback_scheduled(name);
        }
        sched.callbacks.push_back((id, callback));
        sched.ready.push_back(TaskKey {
            slot: CALLBACK,
            task: 0,
        });
    }

    /// What a timer is to wake that was polled with `waker`.
    #[inline]
    pub(in crate::runtime) fn wake_target(&self, waker: &Waker) -> WakeTarget {
        self.sched.borrow().wake_target(waker)
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
