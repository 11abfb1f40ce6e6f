//! Pausing, stepping and stopping a loop from another thread.
//!
//! The loop asks its [`Gate`] at three checkpoints: before a tick, before a poll, and when it is
//! about to wait or was woken from that. The gate has three modes. In `RUN` every checkpoint
//! passes, at the cost of one atomic load. In `STOP` none passes, and the mode does not change
//! again. In `PAUSE` a checkpoint passes only as part of a step:
//!
//! ```text
//!   step under way    checkpoint Tick          checkpoint Poll          checkpoint Wait
//!   ───────────────   ──────────────────────   ──────────────────────   ──────────────────
//!   none              begin the next step that was asked for and look again; without one, close
//!   Poll              pass                     pass; the step is done   pass
//!   Tick              pass; now RestOfTick     now RestOfTick           now RestOfTick
//!   RestOfTick        the step is done         pass                     pass
//! ```
//!
//! A `Tick` step that begins in the middle of a tick thus ends with that tick. A `Tick` step that
//! begins between two ticks contains the whole next tick. Where the table only changes the state,
//! the new state is looked up for the same checkpoint.
//!
//! A request has to wake the loop wherever the loop waits. A loop that found its gate closed waits
//! for a message in the channel `bell`. A loop that waits for I/O gets a `Message::Gate` in its
//! inbox, and then asks its gate. A request therefore sends both messages.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

use async_channel::{Receiver, Sender};

use super::waker::Message;

const RUN: u8 = 0;
const PAUSE: u8 = 1;
const STOP: u8 = 2;

/// Pauses, steps and stops a loop from another thread. Clones control the same loop.
///
/// A request takes effect at the next poll: a poll that is under way cannot be interrupted.
///
/// ```
/// use loopscope::{Builder, runtime::LoopControl, trace::Outcome};
///
/// let control = LoopControl::new();
/// let run = Builder::new().control(control.clone()).run(async move {
///     control.stop();
///     loopscope::future::yield_now().await;
///     unreachable!("the loop stops before the next poll");
/// });
/// assert_eq!((run.value, run.outcome), (None::<()>, Outcome::Stopped));
/// ```
#[derive(Clone, Debug)]
pub struct LoopControl {
    shared: Arc<ControlShared>,
}

#[derive(Debug)]
struct ControlShared {
    /// `RUN`, `PAUSE` or `STOP`.
    mode: AtomicU8,
    steps: Mutex<PendingSteps>,
    /// Wakes a loop that waits at its gate.
    bell: (Sender<()>, Receiver<()>),
    /// Wakes a loop that waits for I/O.
    inbox: OnceLock<Mutex<Sender<Message>>>,
}

/// The steps that a paused loop may take.
#[derive(Debug, Default)]
struct PendingSteps {
    /// Steps that were requested and have not begun, the oldest first. Two requests in a row lead
    /// to two steps.
    asked: VecDeque<GateStep>,
    /// The step that has begun and is not done.
    under_way: Option<GateStep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GateStep {
    /// Up to the end of the next poll.
    Poll,
    /// A tick that has not begun.
    Tick,
    /// Up to the end of the tick that the loop is in.
    RestOfTick,
}

impl Default for LoopControl {
    fn default() -> Self {
        LoopControl::new()
    }
}

impl LoopControl {
    /// A control whose loop is not paused at its start.
    pub fn new() -> LoopControl {
        LoopControl {
            shared: Arc::new(ControlShared {
                mode: AtomicU8::new(RUN),
                steps: Mutex::default(),
                bell: async_channel::bounded(1),
                inbox: OnceLock::new(),
            }),
        }
    }

    /// Lets the loop run, and discards requested steps.
    pub fn run(&self) {
        self.shared.forget_steps();
        self.set(RUN);
    }

    /// Pauses the loop before its next poll, and discards requested steps. The loop's clock stops
    /// during the pause.
    pub fn pause(&self) {
        self.shared.forget_steps();
        self.set(PAUSE);
    }

    /// Lets a paused loop run to the end of its tick; between two ticks, to the end of the next
    /// one.
    pub fn tick(&self) {
        self.step(GateStep::Tick);
    }

    /// Lets a paused loop poll one task.
    pub fn poll(&self) {
        self.step(GateStep::Poll);
    }

    /// Makes a loop that waits at its gate ask again.
    pub(super) fn ring(&self) {
        // A full channel rings anyway.
        let _ = self.shared.bell.0.try_send(());
    }

    /// Ends the run: all tasks are cancelled.
    pub fn stop(&self) {
        self.set(STOP);
    }

    fn step(&self, step: GateStep) {
        self.shared.steps().asked.push_back(step);
        self.set(PAUSE);
    }

    fn set(&self, mode: u8) {
        // `STOP` is final: later requests do not change the mode.
        let keep = |current| (current != STOP).then_some(mode);
        let current = &self.shared.mode;
        let _ = current.fetch_update(Ordering::SeqCst, Ordering::SeqCst, keep);
        // If the bell is full, the loop has yet to receive an earlier message, and asks its gate
        // then.
        let _ = self.shared.bell.0.try_send(());
        if let Some(inbox) = self.shared.inbox.get() {
            let inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
            drop(inbox.try_send(Message::Gate));
        }
    }
}

impl ControlShared {
    fn steps(&self) -> MutexGuard<'_, PendingSteps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_steps(&self) {
        *self.steps() = PendingSteps::default();
    }
}

impl PendingSteps {
    /// Whether a paused loop may pass a checkpoint, as part of a step: the table in this file's
    /// header.
    fn pass(&mut self, at: Checkpoint) -> bool {
        loop {
            match (self.under_way, at) {
                (Some(GateStep::RestOfTick), Checkpoint::Poll | Checkpoint::Wait)
                | (Some(GateStep::Poll), Checkpoint::Tick | Checkpoint::Wait) => return true,
                (Some(GateStep::Poll), Checkpoint::Poll) => {
                    self.under_way = None;
                    return true;
                }
                (Some(GateStep::Tick), Checkpoint::Tick) => {
                    self.under_way = Some(GateStep::RestOfTick);
                    return true;
                }
                (Some(GateStep::Tick), Checkpoint::Poll | Checkpoint::Wait) => {
                    self.under_way = Some(GateStep::RestOfTick);
                }
                (Some(GateStep::RestOfTick), Checkpoint::Tick) => self.under_way = None,
                (None, _) => match self.asked.pop_front() {
                    None => return false,
                    next => self.under_way = next,
                },
            }
        }
    }
}

/// The loop's side of a [`LoopControl`].
#[derive(Debug)]
pub(super) struct Gate {
    control: LoopControl,
    /// Set while the thread of a hosted loop wants the loop back: a closed gate then ends the run.
    recalled: Option<Arc<AtomicBool>>,
}

/// A point at which the loop asks its gate whether it may continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checkpoint {
    /// Before a tick.
    Tick,
    /// Before a poll.
    Poll,
    /// The loop is about to wait, or was woken from that.
    Wait,
}

/// The gate's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    Wait,
    Stop,
}

impl Gate {
    pub(super) fn new(control: LoopControl, inbox: Sender<Message>) -> Gate {
        drop(control.shared.inbox.set(Mutex::new(inbox)));
        Gate {
            control,
            recalled: None,
        }
    }

    /// The gate of a loop on a host.
    pub(super) fn hosted(
        control: LoopControl,
        inbox: Sender<Message>,
        recalled: &Arc<AtomicBool>,
    ) -> Gate {
        Gate {
            recalled: Some(Arc::clone(recalled)),
            ..Gate::new(control, inbox)
        }
    }

    /// Whether the loop may continue now.
    #[inline]
    pub(super) fn ask(&self, at: Checkpoint) -> Verdict {
        // `Relaxed` is enough: the mode alone decides, and a request that is seen one checkpoint
        // late is as good as one that was made later.
        let mode = self.control.shared.mode.load(Ordering::Relaxed);
        if mode == RUN {
            Verdict::Go
        } else {
            self.consider(mode, at)
        }
    }

    /// Whether the loop runs freely, so that no checkpoint need be asked for.
    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.control.shared.mode.load(Ordering::Relaxed) == RUN
    }

    #[cold]
    fn consider(&self, mode: u8, at: Checkpoint) -> Verdict {
        let recalled = self.recalled.as_ref();
        if mode == STOP || recalled.is_some_and(|recalled| recalled.load(Ordering::SeqCst)) {
            Verdict::Stop
        } else if self.control.shared.steps().pass(at) {
            Verdict::Go
        } else {
            Verdict::Wait
        }
    }

    /// Waits until the loop may continue, or has to stop.
    pub(super) async fn wait_open(&self, at: Checkpoint) -> Verdict {
        loop {
            match self.ask(at) {
                // `recv` does not fail: this gate holds the sender, too.
                Verdict::Wait => {
                    let _ = self.control.shared.bell.1.recv().await;
                }
                verdict => return verdict,
            }
        }
    }
}
