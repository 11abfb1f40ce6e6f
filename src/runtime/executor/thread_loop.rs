//! The loop of a thread. It persists from one `block_on` to the next, and so do its tasks.
//!
//! smol has one executor for the whole process, which runs on a thread of its own from the first
//! `spawn` on. Here futures need not be `Send`, so each thread has a loop, which runs while the
//! thread is in `block_on`. A task that is spawned outside of `block_on` is first polled in the
//! next `block_on`. A task that is unfinished when `block_on` returns continues in the next one.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    mem::ManuallyDrop,
    panic::{Location, resume_unwind},
    rc::Rc,
};

use crate::trace::{ClockKind, Outcome, Schedule, TickPolicy};

use super::{
    clock::Clock,
    core::{self, Core},
    gate::LoopControl,
    live_trace::LiveTrace,
    recorder::{OutputSource, Recorder, TraceSink},
    run::{OnIdle, RunOptions, RunResult, run_loop},
    store::Store,
    task_key::TaskKey,
    task_name::{TaskName, location_name, short_name},
    task_slot::Body,
};

thread_local! {
    /// The loop is never dropped: a thread that ends does not cancel its tasks, just as smol
    /// cancels none at the end of the program.
    static THREAD_LOOP: RefCell<Option<ManuallyDrop<Rc<ThreadLoop>>>> = const { RefCell::new(None) };
}

struct ThreadLoop {
    core: Rc<Core>,
    control: RefCell<LoopControl>,
    /// Names and locations of the tasks that were spawned before the loop first ran. A recording
    /// that starts then lists them.
    early: RefCell<Vec<(String, &'static Location<'static>)>>,
    has_run: Cell<bool>,
}

impl ThreadLoop {
    fn new() -> ThreadLoop {
        let recorder = Recorder::new(false, u64::MAX - 1, None, TraceSink::default(), false);
        ThreadLoop {
            core: Core::new(Clock::new(ClockKind::Real), recorder),
            control: RefCell::default(),
            early: RefCell::default(),
            has_run: Cell::new(false),
        }
    }
}

fn thread_loop() -> Rc<ThreadLoop> {
    THREAD_LOOP.with(|thread_loop| {
        let mut thread_loop = thread_loop.borrow_mut();
        let new = || ManuallyDrop::new(Rc::new(ThreadLoop::new()));
        Rc::clone(thread_loop.get_or_insert_with(new))
    })
}

/// Calls `f` with this thread's own loop if the loop has this id. The loop need not be running:
/// tasks are spawned into it before the first `block_on`.
pub(in crate::runtime) fn with_own_loop<R>(loop_id: u64, f: impl FnOnce(&Core) -> R) -> Option<R> {
    let own = THREAD_LOOP.try_with(|own| own.try_borrow().ok()?.as_deref().cloned());
    let own = own.ok().flatten()?;
    (own.core.id == loop_id).then(|| f(&own.core))
}

/// Spawns a task in the loop that is running on this thread; if none is, in the thread's own.
/// Returns the loop's id as well.
#[inline]
pub(in crate::runtime) fn spawn(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    body: Body,
) -> (TaskKey, u64) {
    let mut body = Some(body);
    core::with_current(|core| (core.spawn(name, at, body.take()), core.id))
        .unwrap_or_else(|| spawn_early(name, at, body))
}

#[cold]
fn spawn_early(
    name: TaskName<'_>,
    at: &'static Location<'static>,
    body: Option<Body>,
) -> (TaskKey, u64) {
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
    let core = &thread_loop.core;
    (core.spawn(name, at, body), core.id)
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
    let sink = TraceSink::new(options.store, None);
    let mut recorder = Recorder::new(true, u64::MAX - 1, options.live, sink, true);
    recorder.set_output_source(options.output);
    if options.bytes {
        recorder.keep_bytes();
    }
    thread_loop.core.record(recorder, &thread_loop.early.take());
    thread_loop.control.replace(options.control);
    true
}

/// Whether a loop is running on this thread, so that a `block_on` now would be inside of one of its
/// tasks.
pub fn is_inside() -> bool {
    core::with_current(|_| ()).is_some()
}

/// Ends the recording of this thread's loop, and its file.
pub fn end(outcome: Outcome) {
    // When a thread ends, its thread-local values may be gone already.
    let _ = THREAD_LOOP.try_with(|thread_loop| {
        if let Some(thread_loop) = thread_loop
            .try_borrow()
            .ok()
            .and_then(|thread_loop| thread_loop.as_deref().cloned())
            && let Ok(mut sched) = thread_loop.core.sched.try_borrow_mut()
        {
            sched.recorder.end(outcome);
            thread_loop.core.recording.set(false);
            let (_, store) = sched.recorder.finish();
            if let Some(store) = store {
                // An error was reported when it happened.
                let _ = store.finish();
            }
        }
    });
}

/// Runs a future to completion on this thread's loop. Returns `None` if the loop was stopped by its
/// [`LoopControl`].
///
/// Inside of a task of that loop, the future runs in a separate loop, which ends with the future.
///
/// # Panics
///
/// If the future panics, with its panic.
#[track_caller]
pub fn block_on<F: Future>(future: F) -> Option<F::Output> {
    let at = Location::caller();
    let nested = is_inside();
    let thread_loop = if nested {
        Rc::new(ThreadLoop::new())
    } else {
        thread_loop()
    };
    thread_loop.has_run.set(true);
    let options = RunOptions {
        name: TaskName::Type(std::any::type_name::<F>()),
        at,
        control: thread_loop.control.borrow().clone(),
        on_idle: OnIdle::Wait,
        tick_policy: TickPolicy::default(),
        until: None,
        schedule: &Schedule::default(),
        silent: false,
        keep_tasks: !nested,
    };
    let RunResult { value, panic, .. } = run_loop(&thread_loop.core, options, future);
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
    value
}
