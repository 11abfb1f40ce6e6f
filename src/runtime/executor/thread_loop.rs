//! The loop of a thread. It persists from one `block_on` to the next, and so do its tasks.
//!
//! smol has one executor for the whole process, which runs on a thread of its own from the first
//! `spawn` on. Here each thread has a loop, so that everything between two `await`s of a program
//! is in one trace:
//!
//! | where `spawn` is called | which loop polls the task |
//! |---|---|
//! | inside of `block_on` | the loop of that thread; a [`host`](super::host) after `block_on` has returned |
//! | where no loop runs | the background loop, on a thread of its own, from now on |
//!
//! A task whose future is not `Send` stays on its thread. If it is spawned outside of `block_on`, or
//! is unfinished when `block_on` returns, it is polled in the next `block_on` of the thread.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem::ManuallyDrop,
    panic::{Location, resume_unwind},
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use crate::trace::Outcome;

use super::{
    core::{self, Core},
    gate::LoopControl,
    host::{self, Host, PATIENCE},
    live_trace::LiveTrace,
    loop_state::LoopState,
    recorder::{OutputSource, Recorder, TraceSink},
    remote_task::{RemoteSpawn, RemoteTask},
    run::{RunOptions, RunResult, run_loop, run_nested},
    run_settings::RunSettings,
    store::{Store, StoreHandle},
    task_key::TaskKey,
    task_name::{TaskName, location_name, short_name},
    task_slot::Body,
    waker::{Message, send_to},
};

thread_local! {
    /// The loop is never dropped: a thread that ends does not cancel its tasks, just as smol
    /// cancels none at the end of the program.
    static THREAD_LOOP: RefCell<Option<ManuallyDrop<Rc<ThreadLoop>>>> = const { RefCell::new(None) };

    /// Leaves the loop of a thread that ends to its host.
    static THREAD_END: ThreadEnd = const { ThreadEnd };
}

struct ThreadLoop {
    place: RefCell<LoopPlace>,
    /// Names and locations of the tasks that were spawned before the loop first ran. A recording
    /// that starts then lists them.
    early: RefCell<Vec<(String, &'static Location<'static>)>>,
    has_run: Cell<bool>,
    /// Ends the file of the recording if the loop does not come back from its host.
    store: RefCell<Option<StoreHandle>>,
}

/// Where the loop of a thread is.
enum LoopPlace {
    /// On its thread. The host, if there is one, waits for the next time.
    Own(Rc<Core>, Option<Host>),
    /// On a host.
    Away(Host),
    /// Only while the loop is moved.
    Moving,
}

impl ThreadLoop {
    fn new() -> ThreadLoop {
        ThreadLoop {
            place: RefCell::new(LoopPlace::Own(new_core(), None)),
            early: RefCell::default(),
            has_run: Cell::new(false),
            store: RefCell::default(),
        }
    }

    /// The loop, which is taken back if it is away. If it does not come back within `patience`, the
    /// thread gets a new loop.
    fn core(&self, patience: Duration) -> Rc<Core> {
        if let LoopPlace::Own(core, _) = &*self.place.borrow() {
            return Rc::clone(core);
        }
        self.take_back(patience).unwrap_or_else(|| {
            if let LoopPlace::Away(host) = self.place.replace(LoopPlace::Own(new_core(), None)) {
                host.abandon();
            }
            match &*self.place.borrow() {
                LoopPlace::Own(core, _) => Rc::clone(core),
                LoopPlace::Away(_) | LoopPlace::Moving => new_core(),
            }
        })
    }

    /// Takes the loop back from its host. `None` if it is not there, or not within `patience`.
    fn take_back(&self, patience: Duration) -> Option<Rc<Core>> {
        if !matches!(&*self.place.borrow(), LoopPlace::Away(_)) {
            return None;
        }
        let LoopPlace::Away(host) = self.place.replace(LoopPlace::Moving) else {
            return None;
        };
        let Some(state) = host.take_back(patience) else {
            self.place.replace(LoopPlace::Away(host));
            return None;
        };
        let core = state.into_core();
        self.place
            .replace(LoopPlace::Own(Rc::clone(&core), Some(host)));
        Some(core)
    }

    /// Moves the loop to a host, if it has work that another thread may do.
    fn give_away(&self) {
        if !matches!(&*self.place.borrow(), LoopPlace::Own(core, _) if core.sched.borrow().has_work())
        {
            return;
        }
        let LoopPlace::Own(core, host) = self.place.replace(LoopPlace::Moving) else {
            return;
        };
        let host = host.unwrap_or_else(|| {
            let _ = THREAD_END.try_with(|_| {});
            Host::new(core.id, core.control.borrow().clone(), false)
        });
        let place = match LoopState::of(core).map(|state| host.give(state)) {
            Ok(Ok(())) => LoopPlace::Away(host),
            Ok(Err(state)) => LoopPlace::Own(state.into_core(), Some(host)),
            Err(core) => LoopPlace::Own(core, Some(host)),
        };
        self.place.replace(place);
    }
}

/// Runs when its thread ends, unless the thread never had a loop on a host.
struct ThreadEnd;

impl Drop for ThreadEnd {
    fn drop(&mut self) {
        let Some(thread_loop) = own_loop() else {
            return;
        };
        // A recorded loop is still ended by `end`, which may be called after this.
        if thread_loop.store.borrow().is_some() {
            return;
        }
        if let LoopPlace::Away(host) = thread_loop.place.replace(LoopPlace::Moving) {
            host.abandon();
            thread_loop.place.replace(LoopPlace::Own(new_core(), None));
        }
    }
}

fn new_core() -> Rc<Core> {
    Core::for_thread(Recorder::new(
        false,
        u64::MAX - 1,
        None,
        TraceSink::default(),
        false,
    ))
}

/// The loop of this thread, if it was ever used.
fn own_loop() -> Option<Rc<ThreadLoop>> {
    let own = THREAD_LOOP.try_with(|own| own.try_borrow().ok()?.as_deref().cloned());
    own.ok().flatten()
}

fn thread_loop() -> Rc<ThreadLoop> {
    THREAD_LOOP.with(|thread_loop| {
        let mut thread_loop = thread_loop.borrow_mut();
        let new = || ManuallyDrop::new(Rc::new(ThreadLoop::new()));
        Rc::clone(thread_loop.get_or_insert_with(new))
    })
}

/// Calls `f` with this thread's own loop if the loop has this id. The loop need not be running:
/// tasks may be spawned into it before the first `block_on`.
pub(in crate::runtime) fn with_own_loop<R>(loop_id: u64, f: impl FnOnce(&Core) -> R) -> Option<R> {
    let own = own_loop()?;
    let core = match &*own.place.try_borrow().ok()? {
        LoopPlace::Own(core, _) => Rc::clone(core),
        LoopPlace::Away(_) | LoopPlace::Moving => return None,
    };
    (core.id == loop_id).then(|| f(&core))
}

/// Spawns a task in the loop that is running on this thread. Returns the loop's id as well; without
/// a running loop, the body.
#[inline]
pub(in crate::runtime) fn spawn(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    body: Body,
) -> Result<(TaskKey, u64), Body> {
    let mut body = Some(body);
    let spawned = core::with_current(|core| (core.spawn(name, at, body.take()), core.id));
    match (spawned, body) {
        (None, Some(body)) => Err(body),
        (Some(spawned), _) => Ok(spawned),
        (None, None) => unreachable!("the body is only taken by a loop"),
    }
}

/// Calls the function that it is given with the watcher of the background loop, if there is one. The
/// location is that of the first spawn.
#[doc(hidden)]
pub type PrepareBackground = fn(&Location<'static>, &mut dyn FnMut(WatchOptions));

/// Spawns a task in the background loop, which is started if this is the first one. `prepare` is
/// called then, before the loop first runs.
#[cold]
pub(in crate::runtime) fn spawn_in_background(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    body: Body,
    prepare: PrepareBackground,
) -> Arc<RemoteTask> {
    let loop_id = host::background(|core| {
        prepare(at, &mut |options| start_recording(core, options, &[]));
    });
    let task = RemoteTask::new(loop_id);
    let spawn = RemoteSpawn::new(name, at, body, &task);
    send_to(loop_id, Message::Spawn(Box::new(spawn)));
    task
}

/// Spawns a task that may not leave this thread: in the loop that is running on it, or, without one,
/// in the thread's own loop. Returns the loop's id as well.
pub(in crate::runtime) fn spawn_thread_bound(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    body: Body,
) -> (TaskKey, u64) {
    spawn(name, at, body).unwrap_or_else(|body| {
        let thread_loop = thread_loop();
        if !thread_loop.has_run.get() {
            let name = match name {
                TaskName::Type(name) => {
                    short_name(name).map_or_else(|| location_name(at), str::to_owned)
                }
                TaskName::Given(name) => name.to_owned(),
            };
            thread_loop.early.borrow_mut().push((name, at));
        }
        let core = thread_loop.core(PATIENCE);
        (core.spawn(name, at, Some(body)), core.id)
    })
}

/// The receivers of the trace of a thread's loop, and its controls.
#[derive(Debug, Default)]
pub struct WatchOptions {
    /// Something that reads the trace while it is recorded.
    pub live: Option<LiveTrace>,
    /// A file that the trace is written to.
    pub store: Option<Store>,
    /// Whether the trace contains what is read from sockets and written to them.
    pub bytes: bool,
    /// Pauses, steps and stops the loop.
    pub control: LoopControl,
    /// The source of the program's output, if the output is to be recorded.
    pub output: Option<Box<dyn OutputSource>>,
}

/// Records the loop of this thread. Returns `false` if the loop has run before: a recording has to
/// start with the first tick.
pub fn watch(options: WatchOptions) -> bool {
    let thread_loop = thread_loop();
    if thread_loop.has_run.get() {
        return false;
    }
    let store = options.store.as_ref().map(Store::handle);
    thread_loop.store.replace(store);
    let core = thread_loop.core(PATIENCE);
    start_recording(&core, options, &thread_loop.early.take());
    true
}

/// Makes a loop record that has not run yet.
fn start_recording(
    core: &Core,
    options: WatchOptions,
    early: &[(String, &'static Location<'static>)],
) {
    let sink = TraceSink::new(options.store, None);
    let mut recorder = Recorder::new(true, u64::MAX - 1, options.live, sink, true);
    recorder.set_output_source(options.output);
    if options.bytes {
        recorder.keep_bytes();
    }
    core.record(recorder, early);
    core.control.replace(options.control);
}

/// Whether a loop is running on this thread, so that a `block_on` now would be inside of one of its
/// tasks.
pub fn is_inside() -> bool {
    core::with_current(|_| ()).is_some()
}

/// How long the end of a recording waits for a loop whose poll does not return.
const END_PATIENCE: Duration = Duration::from_millis(500);

/// Ends the recording of this thread's loop, and its file.
pub fn end(outcome: Outcome) {
    // When a thread ends, its thread-local values may be gone already.
    let Some(thread_loop) = own_loop() else {
        return;
    };
    let _ = thread_loop.take_back(END_PATIENCE);
    let place = thread_loop.place.borrow();
    let LoopPlace::Own(core, _) = &*place else {
        if let Some(store) = thread_loop.store.take() {
            store.close();
        }
        return;
    };
    core.finish(outcome);
}

/// Ends the recording of this thread's loop because the thread ends. A loop that is on a host is
/// recorded until it has no work.
pub fn leave(outcome: Outcome) {
    let Some(thread_loop) = own_loop() else {
        return;
    };
    if matches!(&*thread_loop.place.borrow(), LoopPlace::Own(..)) {
        return end(outcome);
    }
    if let LoopPlace::Away(host) = thread_loop.place.replace(LoopPlace::Own(new_core(), None)) {
        host.abandon();
    }
}

/// Runs a future to completion on this thread's loop. Returns `None` if the loop was stopped by its
/// [`LoopControl`].
///
/// Inside of a task, the loop of the task continues inside of the task's poll, without the task.
///
/// # Panics
///
/// If the future panics, with its panic.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> Option<F::Output> {
    let (name, at) = (
        TaskName::Type(std::any::type_name::<F>()),
        Location::caller(),
    );
    match core::with_current(Rc::clone) {
        None => block_on_own_loop(name, at, future),
        Some(core) => {
            let is_of_thread = core.settings.get().is_of_thread;
            match run_nested(&core, name, at, future) {
                Ok(result) => value_of(result, is_of_thread),
                // A private loop, which ends with the future.
                Err(future) => value_of(
                    run_loop(&new_core(), options(name, at, false), future),
                    true,
                ),
            }
        }
    }
}

fn block_on_own_loop<F: Future>(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    future: F,
) -> Option<F::Output> {
    let thread_loop = thread_loop();
    thread_loop.has_run.set(true);
    let core = thread_loop.core(PATIENCE);
    let options = RunOptions {
        control: core.control.borrow().clone(),
        ..options(name, at, true)
    };
    let result = run_loop(&core, options, future);
    drop(core);
    thread_loop.give_away();
    value_of(result, true)
}

/// The settings of a run on the loop of a thread.
fn options<'a>(
    name: TaskName<'a>,
    at: &'static Location<'static>,
    keep_tasks: bool,
) -> RunOptions<'a> {
    RunOptions {
        name,
        at,
        control: LoopControl::default(),
        settings: RunSettings {
            is_of_thread: true,
            ..RunSettings::default()
        },
        schedule: None,
        silent: false,
        keep_tasks,
    }
}

/// The result of a run. Without one, the run was stopped: on the loop of a thread the caller ends
/// the program, and on the loop of a [`Builder`](super::Builder) the outer task ends.
fn value_of<T>(result: RunResult<T>, is_of_thread: bool) -> Option<T> {
    if let Some(panic) = result.panic {
        resume_unwind(panic);
    }
    if result.value.is_none() && !is_of_thread {
        resume_unwind(Box::new("the run was stopped inside of block_on"));
    }
    result.value
}

/// Waits for a future that blocks the calling thread. The loop of the thread, if one runs, continues
/// meanwhile.
#[track_caller]
pub(in crate::runtime) fn block_here<F: Future>(name: &str, future: F) -> F::Output {
    let at = Location::caller();
    let Some(core) = core::with_current(Rc::clone) else {
        return futures_lite::future::block_on(future);
    };
    let mut future = pin!(future);
    let cx = &mut Context::from_waker(Waker::noop());
    if let Poll::Ready(value) = future.as_mut().poll(cx) {
        return value;
    }
    let is_of_thread = core.settings.get().is_of_thread;
    match run_nested(&core, TaskName::Given(name), at, future) {
        Ok(result) => value_of(result, is_of_thread).unwrap_or_else(|| {
            resume_unwind(Box::new("the run was stopped inside of a blocking call"))
        }),
        Err(future) => futures_lite::future::block_on(future),
    }
}
