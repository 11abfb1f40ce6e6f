//! The gate: where a loop can be paused, let on by one poll or one tick, and stopped.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
};

use async_channel::{Receiver, Sender};

use super::waker::Message;

const RUN: u8 = 0;
/// Only the steps that were asked for are taken.
const PAUSE: u8 = 1;
const STOP: u8 = 2;

/// Steers a loop from another thread. A clone steers the same loop.
///
/// What is asked takes effect at the next poll: code that runs cannot be interrupted.
#[derive(Clone, Debug)]
pub struct LoopControl {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mode: AtomicU8,
    steps: Mutex<Steps>,
    /// Wakes the loop while it stands at the gate.
    bell: (Sender<()>, Receiver<()>),
    /// Wakes the loop while it waits for I/O.
    inbox: OnceLock<Mutex<Sender<Message>>>,
}

/// What a paused loop may do all the same.
#[derive(Debug, Default)]
struct Steps {
    /// Asked for and not begun, the oldest first: who asks twice quickly gets two.
    asked: VecDeque<Step>,
    under_way: Option<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
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
    /// A control for a loop that runs from the start.
    pub fn new() -> LoopControl {
        let shared = Shared {
            mode: AtomicU8::new(RUN),
            steps: Mutex::default(),
            bell: async_channel::bounded(1),
            inbox: OnceLock::new(),
        };
        LoopControl {
            shared: Arc::new(shared),
        }
    }

    /// Lets the loop run.
    pub fn run(&self) {
        self.shared.forget_steps();
        self.set(RUN);
    }

    /// Stops the loop before its next poll, steps that were asked for or not. Its clock stands still.
    pub fn pause(&self) {
        self.shared.forget_steps();
        self.set(PAUSE);
    }

    /// Lets a paused loop go on to the end of its tick, or of the next one if it stands between two. Asked twice, it
    /// does so twice.
    pub fn tick(&self) {
        self.step(Step::Tick);
    }

    /// Lets a paused loop poll one task. Asked twice, it does so twice.
    pub fn poll(&self) {
        self.step(Step::Poll);
    }

    /// Ends the run: the tasks are cancelled in order.
    pub fn stop(&self) {
        self.set(STOP);
    }

    fn step(&self, step: Step) {
        self.shared.steps().asked.push_back(step);
        self.set(PAUSE);
    }

    fn set(&self, mode: u8) {
        // A run that is being stopped cannot be asked anything else.
        let keep = |current| (current != STOP).then_some(mode);
        let current = &self.shared.mode;
        let _ = current.fetch_update(Ordering::SeqCst, Ordering::SeqCst, keep);
        // Full is as good as sent: the loop will look.
        let _ = self.shared.bell.0.try_send(());
        if let Some(inbox) = self.shared.inbox.get() {
            let inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
            drop(inbox.try_send(Message::Gate));
        }
    }
}

impl Shared {
    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_steps(&self) {
        *self.steps() = Steps::default();
    }
}

impl Steps {
    /// Whether the loop may pass here, as a part of a step.
    fn pass(&mut self, at: Checkpoint) -> bool {
        loop {
            match (self.under_way, at) {
                (Some(Step::RestOfTick), Checkpoint::Poll | Checkpoint::Wait)
                | (Some(Step::Poll), Checkpoint::Tick | Checkpoint::Wait) => return true,
                (Some(Step::Poll), Checkpoint::Poll) => {
                    self.under_way = None;
                    return true;
                }
                (Some(Step::Tick), Checkpoint::Tick) => {
                    self.under_way = Some(Step::RestOfTick);
                    return true;
                }
                (Some(Step::Tick), Checkpoint::Poll | Checkpoint::Wait) => {
                    self.under_way = Some(Step::RestOfTick);
                }
                (Some(Step::RestOfTick), Checkpoint::Tick) => self.under_way = None,
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
pub(in crate::runtime) struct Gate {
    control: LoopControl,
}

/// Where the loop asks whether it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) enum Checkpoint {
    Tick,
    Poll,
    /// It is about to wait, or was woken from that.
    Wait,
}

/// The gate's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runtime) enum Verdict {
    Go,
    Wait,
    Stop,
}

impl Gate {
    pub(in crate::runtime) fn new(control: LoopControl, inbox: Sender<Message>) -> Gate {
        drop(control.shared.inbox.set(Mutex::new(inbox)));
        Gate { control }
    }

    /// Whether the loop may go on, at once.
    #[inline]
    pub(in crate::runtime) fn ask(&self, at: Checkpoint) -> Verdict {
        let mode = self.control.shared.mode.load(Ordering::Relaxed);
        if mode == RUN {
            Verdict::Go
        } else {
            self.consider(mode, at)
        }
    }

    #[cold]
    fn consider(&self, mode: u8, at: Checkpoint) -> Verdict {
        if mode == STOP {
            Verdict::Stop
        } else if self.control.shared.steps().pass(at) {
            Verdict::Go
        } else {
            Verdict::Wait
        }
    }

    /// Waits until the loop may go on, or is to stop.
    pub(in crate::runtime) async fn wait_open(&self, at: Checkpoint) -> Verdict {
        loop {
            match self.ask(at) {
                // The sender lives as long as this gate.
                Verdict::Wait => {
                    let _ = self.control.shared.bell.1.recv().await;
                }
                answer => return answer,
            }
        }
    }
}
