//! The threads that run a loop while the loop's own thread is not in `block_on`.
//!
//! When `block_on` returns, tasks may be unfinished, and handles may exist of tasks that have
//! ended. The whole loop, a [`LoopState`], then moves to a [`Host`]: a thread that runs it without a
//! main task. The next `block_on` of the own thread takes the loop back, so both runs are in one
//! trace. The host gives a loop back between two ticks only. If a poll on the host does not return
//! within [`PATIENCE`], the own thread continues with a new loop, and the host keeps the old one.
//!
//! ```text
//!            give                 the host takes it              recall, or the loop has no task
//!   Empty ──────────> Given(loop) ─────────────────> Running ─────────────────> Returned(loop)
//!     ^                   │ take_back                                            │ take_back
//!     └───────────────────┴──────────────────────────────────────────────────────┘
//! ```
//!
//! * `recalled` is set while the own thread waits in [`Host::take_back`]. Only a `Running` loop
//!   looks at it.
//! * `abandoned` is set once and for ever when the own thread ends, or has lost its patience. The
//!   host then runs the loop to its end and drops it.
//!
//! The background loop is a loop without a thread of its own: it is on a host from its first spawn
//! to the end of the program.

use std::{
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::{
    core::Core,
    gate::LoopControl,
    loop_state::LoopState,
    recall::Recall,
    recorder::{Recorder, TraceSink},
    run::run_hosted,
    waker::{Message, send_to},
};

/// The name of the threads that run loops, as in smol.
const THREAD_NAME: &str = "smol-1";

/// How long `block_on` waits for its loop, if the host is in a poll.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);

/// How long the thread of a host waits for another loop.
const IDLE: Duration = Duration::from_secs(5);

/// The own thread's side of a host.
#[derive(Debug)]
pub(super) struct Host {
    shared: Arc<HostShared>,
}

/// See the documentation of this module for the states.
#[derive(Debug)]
struct HostShared {
    /// The id of the hosted loop.
    loop_id: u64,
    place: Mutex<HostPlace>,
    changed: Condvar,
    recall: Recall,
    abandoned: AtomicBool,
    control: LoopControl,
}

#[derive(Debug, Default)]
struct HostPlace {
    state: HostState,
    /// Whether the host's thread exists.
    has_thread: bool,
}

#[derive(Debug, Default)]
enum HostState {
    #[default]
    Empty,
    Given(Box<LoopState>),
    Running,
    Returned(Box<LoopState>),
}

impl Host {
    pub(super) fn new(loop_id: u64, control: LoopControl, permanent: bool) -> Host {
        Host {
            shared: Arc::new(HostShared {
                loop_id,
                place: Mutex::default(),
                changed: Condvar::new(),
                recall: Recall::new(permanent),
                abandoned: AtomicBool::new(false),
                control,
            }),
        }
    }

    /// Hands the loop over. Returns it if no thread can be started.
    pub(super) fn give(&self, state: Box<LoopState>) -> Result<(), Box<LoopState>> {
        let mut place = self.shared.place();
        self.shared.recall.set(false);
        if !place.has_thread {
            let shared = Arc::clone(&self.shared);
            if start_thread(shared).is_err() {
                return Err(state);
            }
            place.has_thread = true;
        }
        place.state = HostState::Given(state);
        drop(place);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Takes the loop back. `None` if the host is in a poll that does not return within `patience`.
    pub(super) fn take_back(&self, patience: Duration) -> Option<Box<LoopState>> {
        let mut place = self.shared.place();
        if matches!(place.state, HostState::Running) {
            self.shared.recall.set(true);
            send_to(self.shared.loop_id, Message::Recall);
            self.shared.control.ring();
            let is_running = |place: &mut HostPlace| matches!(place.state, HostState::Running);
            place = self
                .shared
                .changed
                .wait_timeout_while(place, patience, is_running)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        match std::mem::take(&mut place.state) {
            HostState::Given(state) | HostState::Returned(state) => Some(state),
            other => {
                place.state = other;
                self.shared.recall.set(false);
                None
            }
        }
    }

    /// Leaves the loop to its host for ever, because the own thread ends or has a new loop.
    pub(super) fn abandon(self) {
        self.shared.abandoned.store(true, Ordering::SeqCst);
        let state = {
            let mut place = self.shared.place();
            match place.state {
                HostState::Returned(_) => std::mem::take(&mut place.state),
                _ => HostState::Empty,
            }
        };
        self.shared.changed.notify_all();
        if let HostState::Returned(state) = state {
            state.end();
        }
    }
}

impl HostShared {
    fn place(&self) -> MutexGuard<'_, HostPlace> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next loop to run; `None` if none was given for a while.
    fn next_loop(&self) -> Option<Box<LoopState>> {
        let mut place = self.place();
        let is_idle = |place: &mut HostPlace| {
            !matches!(place.state, HostState::Given(_)) && !self.abandoned.load(Ordering::SeqCst)
        };
        place = self
            .changed
            .wait_timeout_while(place, IDLE, is_idle)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        match std::mem::take(&mut place.state) {
            HostState::Given(state) => {
                place.state = HostState::Running;
                Some(state)
            }
            other => {
                place.state = other;
                place.has_thread = false;
                None
            }
        }
    }

    fn give_back(&self, state: Box<LoopState>) {
        if self.abandoned.load(Ordering::SeqCst) {
            state.end();
            self.place().state = HostState::Empty;
            return;
        }
        self.place().state = HostState::Returned(state);
        self.changed.notify_all();
    }
}

fn start_thread(shared: Arc<HostShared>) -> io::Result<()> {
    let run = move || {
        while let Some(state) = shared.next_loop() {
            let state = run_hosted(state, &shared.recall);
            shared.give_back(state);
        }
    };
    thread::Builder::new()
        .name(THREAD_NAME.into())
        .spawn(run)
        .map(drop)
}

/// The id of the background loop, which runs what is spawned where no loop runs. Starts the loop if
/// this is the first call; `prepare` may then make it record.
///
/// # Panics
///
/// If no thread can be started, as in smol.
pub(super) fn background(prepare: impl FnOnce(&Core)) -> u64 {
    static BACKGROUND: OnceLock<u64> = OnceLock::new();
    *BACKGROUND.get_or_init(|| {
        let recorder = Recorder::new(false, u64::MAX - 1, None, TraceSink::default(), false);
        let core = Core::for_thread(recorder);
        prepare(&core);
        let id = core.id;
        let host = Host::new(id, core.control.borrow().clone(), true);
        let given = LoopState::of(core).map(|state| host.give(state));
        assert!(
            matches!(given, Ok(Ok(()))),
            "the thread of the background loop cannot be started"
        );
        id
    })
}
