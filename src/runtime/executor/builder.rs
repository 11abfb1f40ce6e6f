//! How a run is set up, and what it leaves behind.

use std::{any::Any, fmt, future::Future, io, panic::Location};

use crate::trace::{ClockKind, Log, Meta, Moment, Outcome, RingLog, Schedule, TickPolicy};

use super::{
    clock::Clock,
    core::Core,
    gate::LoopControl,
    live_trace::LiveTrace,
    recorder::Recorder,
    run::{OnIdle, RunOptions, run_loop},
    sink::TraceSink,
    store::Store,
    task_name::TaskName,
};

/// Sets up a loop.
///
/// ```
/// use std::time::Duration;
/// use loopscope::{Builder, sleep, trace::ClockKind};
///
/// let run = Builder::new().clock(ClockKind::Virtual).record(true).run(async {
///     sleep(Duration::from_secs(3600)).await;
///     7
/// });
/// assert_eq!(run.value, Some(7));
/// assert!(!run.log.bytes.is_empty());
/// ```
#[derive(Debug, Default)]
pub struct Builder {
    meta: Meta,
    record: bool,
    seed: Option<u64>,
    max_events: Option<u32>,
    until: Option<Moment>,
    on_idle: OnIdle,
    live: Option<LiveTrace>,
    store: Option<Store>,
    max_memory: Option<usize>,
    control: Option<LoopControl>,
    main_name: Option<String>,
}

/// What a run leaves behind.
pub struct Run<T> {
    /// What the main task returned; none if it did not come to that.
    pub value: Option<T>,
    /// How it ended.
    pub outcome: Outcome,
    /// The trace; without bytes if it was not recorded, or handed over to a [`LiveTrace`] or a [`Store`].
    pub log: Log,
    /// What went wrong with the file that the trace was to go into.
    pub store_error: Option<io::Error>,
    /// What the main task panicked with.
    pub panic: Option<Box<dyn Any + Send>>,
    /// A choice of the [`Schedule`] that could not be made, in words. The run was stopped there.
    pub refused: Option<String>,
}

impl<T> fmt::Debug for Run<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// A loop on a real clock that records nothing.
    pub fn new() -> Builder {
        let meta = Meta {
            clock: ClockKind::Real,
            ..Meta::default()
        };
        Builder {
            meta,
            ..Builder::default()
        }
    }

    /// The clock to run on.
    #[must_use]
    pub fn clock(mut self, clock: ClockKind) -> Builder {
        self.meta.clock = clock;
        self
    }

    /// Seeds the random numbers of this thread (`fastrand`), so that a run can be repeated.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Builder {
        self.seed = Some(seed);
        self.meta.seed = seed;
        self
    }

    /// Whether to record a trace.
    #[must_use]
    pub fn record(mut self, record: bool) -> Builder {
        self.record = record;
        self
    }

    /// What the trace says about the run; clock, seed, schedule and turns are set by their own methods.
    #[must_use]
    pub fn meta(mut self, meta: Meta) -> Builder {
        self.meta = Meta {
            clock: self.meta.clock,
            seed: self.meta.seed,
            schedule: self.meta.schedule,
            tick_policy: self.meta.tick_policy,
            ..meta
        };
        self
    }

    /// Lets others run first than those whose turn it is. On a virtual clock, so that it means the same every time.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Builder {
        self.meta.schedule = schedule;
        self
    }

    /// What a tick runs: a snapshot of the ready queue, unless another rule is asked for.
    #[must_use]
    pub fn tick_policy(mut self, tick_policy: TickPolicy) -> Builder {
        self.meta.tick_policy = tick_policy;
        self
    }

    /// Ends the run when this many events were recorded.
    #[must_use]
    pub fn max_events(mut self, events: u32) -> Builder {
        self.max_events = Some(events);
        self
    }

    /// Ends the run at a moment.
    #[must_use]
    pub fn until(mut self, until: Moment) -> Builder {
        self.until = Some(until);
        self
    }

    /// What to do when nothing can happen any more from inside.
    #[must_use]
    pub fn on_idle(mut self, on_idle: OnIdle) -> Builder {
        self.on_idle = on_idle;
        self
    }

    /// Hands the trace over while it grows, instead of keeping it. Records.
    #[must_use]
    pub fn live_trace(mut self, live: LiveTrace) -> Builder {
        self.record = true;
        self.live = Some(live);
        self
    }

    /// Writes the trace to a file while it grows, instead of keeping it. Records.
    ///
    /// ```
    /// use loopscope::{Builder, runtime::Store, trace::Meta};
    ///
    /// let file = Vec::new(); // or a `File`
    /// let store = Store::new(file, &Meta::default())?;
    /// let run = Builder::new().store(store).max_memory(64 << 20).run(async { 7 });
    /// assert!(run.store_error.is_none());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn store(mut self, store: Store) -> Builder {
        self.record = true;
        self.store = Some(store);
        self
    }

    /// Keeps the newest part of the trace only, in about so many bytes: a flight recorder. What has gone is a
    /// [gap](crate::trace::Event::Gap) with its count; a [`Store`] has all of it. Records.
    ///
    /// Tasks keep their numbers for good, and each has its row when the trace is opened: what hides more than four million of
    /// them in its gap cannot be opened.
    #[must_use]
    pub fn max_memory(mut self, bytes: usize) -> Builder {
        self.record = true;
        self.max_memory = Some(bytes);
        self
    }

    /// Lets `control` steer the loop.
    #[must_use]
    pub fn control(mut self, control: LoopControl) -> Builder {
        self.control = Some(control);
        self
    }

    /// Calls the main task by this name, instead of after its function.
    #[must_use]
    pub fn main_name(mut self, name: impl Into<String>) -> Builder {
        self.main_name = Some(name.into());
        self
    }

    /// Runs a future as the main task, until it has ended. Tasks that are left then are cancelled.
    #[track_caller]
    pub fn run<F: Future>(self, future: F) -> Run<F::Output> {
        let at = Location::caller();
        if let Some(seed) = self.seed {
            fastrand::seed(seed);
        }
        let real_clock = self.meta.clock == ClockKind::Real;
        // One below the highest position, so that the end fits in.
        let limit = self.max_events.unwrap_or(u32::MAX - 1);
        let sink = TraceSink::new(self.store, self.max_memory.map(RingLog::new));
        let recorder = Recorder::new(self.record, limit, self.live.clone(), sink, real_clock);
        let core = Core::new(Clock::new(self.meta.clock), recorder);
        let options = RunOptions {
            name: match &self.main_name {
                Some(name) => TaskName::Given(name),
                None => TaskName::Type(std::any::type_name::<F>()),
            },
            at,
            control: self.control.unwrap_or_default(),
            on_idle: self.on_idle,
            tick_policy: self.meta.tick_policy,
            until: self.until.map(|until| until.0),
            schedule: &self.meta.schedule,
            silent: self.record,
            keep_tasks: false,
        };
        let result = run_loop(&core, options, future);
        let (bytes, store) = core.sched.borrow_mut().recorder.finish();
        let log = Log {
            bytes,
            meta: self.meta,
        };
        Run {
            value: result.value,
            outcome: result.outcome,
            log,
            store_error: store.and_then(|store| store.finish().err()),
            panic: result.panic,
            refused: result.refused,
        }
    }
}
