//! The gate: where a loop can be paused, let on by one poll or one tick, and stopped.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicU8, Ordering},
};

use async_channel::{Receiver, Sender};

use super::waker::Message;

const RUN: u8 = 0;
const PAUSE: u8 = 1;
const TICK: u8 = 2;
const POLL: u8 = 3;
const STOP: u8 = 4;

/// Steers a loop from another thread. A clone steers the same loop.
///
/// What is asked takes effect at the next poll: code that runs cannot be interrupted.
#[derive(Clone, Debug)]
pub struct Remote {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    mode: AtomicU8,
    /// Wakes the loop while it stands at the gate.
    bell: (Sender<()>, Receiver<()>),
    /// Wakes the loop while it waits for I/O.
    inbox: OnceLock<Mutex<Sender<Message>>>,
}

impl Default for Remote {
    fn default() -> Self {
        Remote::new()
    }
}

impl Remote {
    /// A remote for a loop that runs from the start.
    pub fn new() -> Remote {
        let shared = Shared {
            mode: AtomicU8::new(RUN),
            bell: async_channel::bounded(1),
            inbox: OnceLock::new(),
        };
        Remote {
            shared: Arc::new(shared),
        }
    }

    /// Lets the loop run.
    pub fn run(&self) {
        self.set(RUN);
    }

    /// Stops the loop before its next poll. Its clock stands still.
    pub fn pause(&self) {
        self.set(PAUSE);
    }

    /// Lets a paused loop go on to the end of its tick, or of the next one if it stands between two.
    pub fn tick(&self) {
        self.set(TICK);
    }

    /// Lets a paused loop poll one task.
    pub fn poll(&self) {
        self.set(POLL);
    }

    /// Ends the run: the tasks are cancelled in order.
    pub fn stop(&self) {
        self.set(STOP);
    }

    fn set(&self, mode: u8) {
        // A run that is being stopped cannot be asked anything else.
        let current = self.shared.mode.swap(mode, Ordering::SeqCst);
        if current == STOP {
            self.shared.mode.store(STOP, Ordering::SeqCst);
        }
        // Full is as good as sent: the loop will look.
        let _ = self.shared.bell.0.try_send(());
        if let Some(inbox) = self.shared.inbox.get() {
            let inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
            drop(inbox.try_send(Message::Gate));
        }
    }
}

/// The loop's side of a [`Remote`].
#[derive(Debug)]
pub(super) struct Gate {
    remote: Remote,
    /// What a single step may still pass.
    polls: u8,
    ticks: u8,
}

/// Where the loop asks whether it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Tick,
    Poll,
    /// It is about to wait, or was woken from that.
    Wait,
}

/// The gate's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Go,
    Wait,
    Stop,
}

impl Gate {
    pub(super) fn new(remote: Remote, inbox: Sender<Message>) -> Gate {
        drop(remote.shared.inbox.set(Mutex::new(inbox)));
        Gate {
            remote,
            polls: 0,
            ticks: 0,
        }
    }

    /// Whether the loop may go on, at once.
    #[inline]
    pub(super) fn ask(&mut self, before: Before) -> Answer {
        let mode = self.remote.shared.mode.load(Ordering::Relaxed);
        if mode == RUN {
            Answer::Go
        } else {
            self.consider(mode, before)
        }
    }

    #[cold]
    fn consider(&mut self, mode: u8, before: Before) -> Answer {
        match (mode, before) {
            (STOP, _) => Answer::Stop,
            (TICK, Before::Poll | Before::Wait) | (POLL, Before::Wait) => Answer::Go,
            (TICK, Before::Tick) if self.ticks > 0 => {
                self.ticks -= 1;
                Answer::Go
            }
            (POLL, Before::Poll) if self.polls > 0 => {
                self.polls -= 1;
                Answer::Go
            }
            (POLL, Before::Tick) if self.polls > 0 => Answer::Go,
            (TICK | POLL, _) => {
                // The step is done. If somebody asks for another one meanwhile, that counts.
                let mode_now = &self.remote.shared.mode;
                let _ = mode_now.compare_exchange(mode, PAUSE, Ordering::SeqCst, Ordering::SeqCst);
                Answer::Wait
            }
            _ => Answer::Wait,
        }
    }

    /// Stands at the gate until the remote asks for something.
    pub(super) async fn stand(&mut self, before: Before) {
        loop {
            match self.remote.shared.mode.load(Ordering::SeqCst) {
                PAUSE => {}
                mode => {
                    self.polls = u8::from(mode == POLL);
                    self.ticks = u8::from(mode == TICK && before == Before::Tick);
                    return;
                }
            }
            // The sender lives as long as this gate.
            let _ = self.remote.shared.bell.1.recv().await;
        }
    }
}
