//! Sets up a run and returns its result.

use std::{any::Any, fmt, future::Future, io, panic::Location};

use crate::trace::{ClockKind, Log, Meta, Moment, Outcome, RingLog, Schedule, TickPolicy};

use super::{
    clock::Clock,
    core::Core,
    gate::LoopControl,
    live_trace::LiveTrace,
    recorder::{Recorder, TraceSink},
    run::{ChoiceRefused, RunOptions, run_loop},
    run_settings::{OnIdle, RunSettings},
    store::Store,
    task_name::TaskName,
};

/// Sets up a run of a loop.
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
    max_events: Option<u64>,
    until: Option<Moment>,
    on_idle: OnIdle,
    live: Option<LiveTrace>,
    store: Option<Store>,
    max_memory: Option<usize>,
    record_bytes: bool,
    control: Option<LoopControl>,
    main_name: Option<String>,
}

/// The result of a run.
#[non_exhaustive]
pub struct Run<T> {
    /// What the main task returned. `None` if the task was cancelled or panicked.
    pub value: Option<T>,
    /// How the run ended.
    pub outcome: Outcome,
    /// The trace. It has no bytes if nothing was recorded, or if it was handed over to a
    /// [`LiveTrace`] or a [`Store`].
    pub log: Log,
    /// The error that ended the file of the [`Store`].
    pub store_error: Option<io::Error>,
    /// What the main task panicked with.
    pub panic: Option<Box<dyn Any + Send>>,
    /// A choice of the [`Schedule`] that could not be made. The run was stopped there.
    pub refused: Option<ChoiceRefused>,
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
    ///
    /// ```
    /// let run = loopscope::Builder::new().run(async { "hello" });
    /// assert_eq!(run.value, Some("hello"));
    /// ```
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

    /// Sets the clock.
    ///
    /// ```
    /// use std::time::Duration;
    /// use loopscope::{Builder, sleep, trace::ClockKind};
    ///
    /// let a_year = Duration::from_secs(365 * 24 * 3600);
    /// Builder::new().clock(ClockKind::Virtual).run(sleep(a_year)); // returns at once
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: ClockKind) -> Builder {
        self.meta.clock = clock;
        self
    }

    /// Seeds the random number generator of this thread (`fastrand`), so that a run can be
    /// repeated.
    ///
    /// ```
    /// use loopscope::Builder;
    ///
    /// let number = || Builder::new().seed(7).run(async { fastrand::u64(..) }).value;
    /// assert_eq!(number(), number());
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Builder {
        self.seed = Some(seed);
        self.meta.seed = seed;
        self
    }

    /// Sets whether a trace is recorded.
    ///
    /// ```
    /// use loopscope::{Builder, replay::Replay};
    ///
    /// let run = Builder::new().record(true).run(async {});
    /// let replay = Replay::new(run.log);
    /// assert_eq!(replay.tables().tasks().len(), 1);
    /// ```
    #[must_use]
    pub fn record(mut self, record: bool) -> Builder {
        self.record = record;
        self
    }

    /// Sets the description of the run in the trace, except for clock, seed, schedule and tick
    /// policy, which have methods of their own.
    ///
    /// ```
    /// use loopscope::{Builder, trace::Meta};
    ///
    /// let meta = Meta { scenario: "greetings".into(), ..Meta::default() };
    /// let run = Builder::new().meta(meta).record(true).run(async {});
    /// assert_eq!(run.log.meta.scenario, "greetings");
    /// ```
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

    /// Polls tasks in another order than that of the ready queue, where the schedule says so. Use a
    /// virtual clock, so that poll numbers mean the same in every run.
    ///
    /// ```
    /// use loopscope::{Builder, runtime::ChoiceRefused, trace::ClockKind};
    ///
    /// let run = Builder::new()
    ///     .clock(ClockKind::Virtual)
    ///     .schedule("1:7".parse()?) // poll 1 is of task 7, but only the main task, 0, is ready
    ///     .run(async {});
    /// assert!(matches!(run.refused, Some(ChoiceRefused::NotReady { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Builder {
        self.meta.schedule = schedule;
        self
    }

    /// Sets which tasks a tick polls. By default a tick polls a snapshot of the ready queue.
    ///
    /// ```
    /// use loopscope::{Builder, trace::TickPolicy};
    ///
    /// let run = Builder::new().tick_policy(TickPolicy::Drain).run(async { 7 });
    /// assert_eq!(run.value, Some(7));
    /// ```
    #[must_use]
    pub fn tick_policy(mut self, policy: TickPolicy) -> Builder {
        self.meta.tick_policy = policy;
        self
    }

    /// Ends the run after this many recorded events.
    ///
    /// ```
    /// use loopscope::{Builder, future::yield_now, trace::Outcome};
    ///
    /// let run = Builder::new().record(true).max_events(1000).run(async {
    ///     loop {
    ///         yield_now().await;
    ///     }
    /// });
    /// assert_eq!((run.value, run.outcome), (None::<()>, Outcome::Limit));
    /// ```
    #[must_use]
    pub fn max_events(mut self, events: u64) -> Builder {
        self.max_events = Some(events);
        self
    }

    /// Ends the run at a moment of loop time.
    ///
    /// ```
    /// use std::time::Duration;
    /// use loopscope::{Builder, sleep, trace::{ClockKind, Moment, Outcome}};
    ///
    /// let run = Builder::new()
    ///     .clock(ClockKind::Virtual)
    ///     .until(Moment(0) + Duration::from_secs(1))
    ///     .run(sleep(Duration::from_secs(2)));
    /// assert_eq!(run.outcome, Outcome::Stopped);
    /// ```
    #[must_use]
    pub fn until(mut self, until: Moment) -> Builder {
        self.until = Some(until);
        self
    }

    /// Sets what the loop does when no task is ready, no timer is set and no operation is in
    /// flight.
    ///
    /// ```
    /// use loopscope::{Builder, runtime::OnIdle, trace::Outcome};
    ///
    /// let run = Builder::new().on_idle(OnIdle::End).run(async {
    ///     let (_sender, receiver) = loopscope::channel::unbounded::<()>();
    ///     receiver.recv().await
    /// });
    /// assert_eq!(run.outcome, Outcome::Deadlock);
    /// ```
    #[must_use]
    pub fn on_idle(mut self, on_idle: OnIdle) -> Builder {
        self.on_idle = on_idle;
        self
    }

    /// Hands the trace over while it is recorded, instead of keeping it. Turns recording on.
    ///
    /// Together with [`Builder::store`], both get the whole trace.
    ///
    /// ```
    /// use loopscope::{Builder, runtime::LiveTrace};
    ///
    /// let live = LiveTrace::new();
    /// Builder::new().live_trace(live.clone()).run(async {});
    /// assert!(!live.take().is_empty());
    /// ```
    #[must_use]
    pub fn live_trace(mut self, live: LiveTrace) -> Builder {
        self.record = true;
        self.live = Some(live);
        self
    }

    /// Writes the trace to a file while it is recorded, instead of keeping it. Turns recording on.
    ///
    /// ```
    /// use loopscope::{Builder, runtime::Store, trace::Meta};
    ///
    /// let file = Vec::new(); // or a `File`
    /// let store = Store::new(file, &Meta::default())?;
    /// let run = Builder::new().store(store).run(async { 7 });
    /// assert!(run.store_error.is_none());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn store(mut self, store: Store) -> Builder {
        self.record = true;
        self.store = Some(store);
        self
    }

    /// Keeps only the newest part of the trace, in about this many bytes: a flight recorder. The
    /// discarded part is a [gap](crate::trace::Event::Gap) with the number of its events. A
    /// [`Store`] still gets the whole trace. Turns recording on.
    ///
    /// Task numbers are never used again, and a program that opens the trace has to list the tasks
    /// of the gap, too. A trace whose gap hides more than four million tasks cannot be opened.
    ///
    /// ```
    /// use loopscope::Builder;
    ///
    /// let run = Builder::new().max_memory(64 << 20).run(async { 7 });
    /// assert!(run.log.bytes.len() < 64 << 20);
    /// ```
    #[must_use]
    pub fn max_memory(mut self, bytes: usize) -> Builder {
        self.record = true;
        self.max_memory = Some(bytes);
        self
    }

    /// Sets whether the trace contains what the program reads from sockets and writes to them: the
    /// first 64 bytes of each read and write, as text. By default it does not, because what passes
    /// may be confidential. Has no effect unless a trace is recorded.
    ///
    /// ```
    /// use loopscope::{Builder, net::unix::UnixStream, trace::{Event, Position, ResourceEvent}};
    ///
    /// let run = Builder::new().record(true).record_bytes(true).run(async {
    ///     let (mut one, _other) = UnixStream::pair()?;
    ///     one.write_all(b"hello\n").await
    /// });
    /// let replay = loopscope::replay::Replay::new(run.log);
    /// let shown = replay.events_from(Position(0)).find_map(|(_, event, _)| match event {
    ///     Event::Resource(ResourceEvent::Bytes { text, .. }) => Some(replay.tables().text(text)),
    ///     _ => None,
    /// });
    /// assert_eq!(shown, Some(r"hello\n"));
    /// ```
    #[must_use]
    pub fn record_bytes(mut self, record: bool) -> Builder {
        self.record_bytes = record;
        self
    }

    /// Lets `control` pause, step and stop the loop.
    ///
    /// ```
    /// use loopscope::{Builder, runtime::LoopControl, trace::Outcome};
    ///
    /// let control = LoopControl::new();
    /// control.stop();
    /// let run = Builder::new().control(control).run(async {});
    /// assert_eq!(run.outcome, Outcome::Stopped);
    /// ```
    #[must_use]
    pub fn control(mut self, control: LoopControl) -> Builder {
        self.control = Some(control);
        self
    }

    /// Names the main task. Without a name it is called after its function.
    ///
    /// ```
    /// use loopscope::{Builder, replay::Replay, trace::TaskId};
    ///
    /// let run = Builder::new().main_name("boss").record(true).run(async {});
    /// assert_eq!(Replay::new(run.log).tables().task_name(TaskId(0)), "boss");
    /// ```
    #[must_use]
    pub fn main_name(mut self, name: impl Into<String>) -> Builder {
        self.main_name = Some(name.into());
        self
    }

    /// Runs a future as the main task until that task has ended or the run ends early. Then cancels
    /// the unfinished tasks.
    ///
    /// ```
    /// let run = loopscope::Builder::new().run(async { 7 });
    /// assert_eq!(run.value, Some(7));
    /// ```
    #[track_caller]
    pub fn run<F: Future>(self, future: F) -> Run<F::Output> {
        let at = Location::caller();
        if let Some(seed) = self.seed {
            fastrand::seed(seed);
        }
        let real_clock = self.meta.clock == ClockKind::Real;
        // One below the highest position, so that one is left for the event that ends the run.
        let limit = self.max_events.unwrap_or(u64::MAX - 1);
        let sink = TraceSink::new(self.store, self.max_memory.map(RingLog::new));
        let mut recorder = Recorder::new(self.record, limit, self.live.clone(), sink, real_clock);
        if self.record_bytes {
            recorder.keep_bytes();
        }
        let core = Core::new(Clock::new(self.meta.clock), recorder);
        let options = RunOptions {
            name: match &self.main_name {
                Some(name) => TaskName::Given(name),
                None => TaskName::Type(std::any::type_name::<F>()),
            },
            at,
            control: self.control.unwrap_or_default(),
            settings: RunSettings {
                on_idle: self.on_idle,
                tick_policy: self.meta.tick_policy,
                until: self.until.map(|until| until.0),
                is_of_thread: false,
            },
            schedule: Some(&self.meta.schedule),
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
