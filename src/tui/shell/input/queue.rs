//! The queue of events from the thread that reads the terminal to the shell.
//!
//! Ctrl-C has a way of its own past the events that wait, because it ends the screen at once, also if
//! thousands of keys arrived before it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_channel::{Receiver, Sender, TryRecvError};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_lite::future;

use super::InputEnd;

/// The weight of the events that may wait for the shell. A key weighs 1.
pub(super) const CAPACITY: usize = 16 * 1024;

/// The number of bytes of a paste that weigh as much as a key.
const PASTED_BYTES: usize = 32;

/// The end of the thread that reads.
#[derive(Debug)]
pub(super) struct EventSender {
    events: Sender<Result<Event, InputEnd>>,
    ctrl_c: Sender<KeyEvent>,
    weight: Arc<AtomicUsize>,
}

/// The end of the shell.
#[derive(Clone, Debug)]
pub(super) struct EventQueue {
    events: Receiver<Result<Event, InputEnd>>,
    ctrl_c: Receiver<KeyEvent>,
    weight: Arc<AtomicUsize>,
}

/// Makes an empty queue.
pub(super) fn queue() -> (EventSender, EventQueue) {
    let (to_events, events) = async_channel::unbounded();
    let (to_ctrl_c, ctrl_c) = async_channel::bounded(1);
    let weight = Arc::new(AtomicUsize::new(0));
    let sender = EventSender {
        events: to_events,
        ctrl_c: to_ctrl_c,
        weight: Arc::clone(&weight),
    };
    let receiver = EventQueue {
        events,
        ctrl_c,
        weight,
    };
    (sender, receiver)
}

impl EventSender {
    /// Whether the shell has fallen behind, so that further input stays in the terminal.
    pub(super) fn is_full(&self) -> bool {
        self.weight.load(Ordering::Relaxed) >= CAPACITY
    }

    /// Queues an event. Returns whether the shell still receives.
    pub(super) fn send(&self, event: Event) -> bool {
        if let Event::Key(key) = event
            && is_ctrl_c(key)
        {
            // A second Ctrl-C adds nothing to one that waits.
            let _ = self.ctrl_c.try_send(key);
            return !self.events.is_closed();
        }
        self.weight.fetch_add(weight(&event), Ordering::Relaxed);
        self.events.try_send(Ok(event)).is_ok()
    }

    /// Queues the reason why no event follows.
    pub(super) fn end(&self, end: InputEnd) {
        let _ = self.events.try_send(Err(end));
    }
}

impl EventQueue {
    /// The next event, or why there is none.
    pub(super) async fn next(&self) -> Result<Event, InputEnd> {
        let event = async {
            match self.events.recv().await {
                Ok(event) => self.taken(event),
                Err(_) => Err(InputEnd::Stopped),
            }
        };
        future::or(async { Ok(self.ctrl_c().await) }, event).await
    }

    /// What has arrived already; `None` if the shell would have to wait.
    pub(super) fn arrived(&self) -> Option<Result<Event, InputEnd>> {
        if let Ok(key) = self.ctrl_c.try_recv() {
            return Some(Ok(Event::Key(key)));
        }
        match self.events.try_recv() {
            Ok(event) => Some(self.taken(event)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Closed) => Some(Err(InputEnd::Stopped)),
        }
    }

    /// The next Ctrl-C. All other events wait.
    pub(super) async fn ctrl_c(&self) -> Event {
        match self.ctrl_c.recv().await {
            Ok(key) => Event::Key(key),
            // The thread has ended. The reason is in the queue of events.
            Err(_) => future::pending().await,
        }
    }

    fn taken(&self, event: Result<Event, InputEnd>) -> Result<Event, InputEnd> {
        if let Ok(event) = &event {
            self.weight.fetch_sub(weight(event), Ordering::Relaxed);
        }
        event
    }

    /// The number of events that wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }
}

fn weight(event: &Event) -> usize {
    match event {
        Event::Paste(text) => 1 + text.len() / PASTED_BYTES,
        Event::Key(_)
        | Event::Mouse(_)
        | Event::Resize(_, _)
        | Event::FocusGained
        | Event::FocusLost => 1,
    }
}

fn is_ctrl_c(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('c')
        && key.modifiers == KeyModifiers::CONTROL
        && key.kind != KeyEventKind::Release
}
