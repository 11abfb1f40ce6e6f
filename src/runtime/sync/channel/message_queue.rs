//! The messages of a channel, and the queues of the futures that wait for it.
//!
//! A message is not reserved for the receiver that it woke: another receiver that is polled first
//! may take the message. The woken receiver then waits again, at the end of the queue. The same
//! applies to senders and free capacity. Three rules make sure that no message lies in the channel
//! while a receiver waits that nothing will wake:
//!
//! 1. A message that is put in wakes the first receiver in the queue.
//! 2. A receiver joins the queue only while the channel is empty, in one step with looking.
//! 3. A receiver that was woken and is dropped passes its wake on, if a message is left.
//!
//! The library keeps a [`Waiter`](crate::runtime::executor::waiter::Waiter) of each future; the models
//! in `models/` keep its waker.

use std::{collections::VecDeque, task::Waker};

use async_channel::{RecvError, SendError, TryRecvError, TrySendError};

use crate::runtime::sync::{
    guarded::Guarded,
    wait_queue::{Left, Ticket, WaitQueue, Wakers, WakesFuture},
};

/// The state that the two ends of a channel share.
pub(super) struct MessageQueue<T, W = Waker> {
    /// `usize::MAX` for a channel without a limit.
    capacity: usize,
    state: Guarded<MessageState<T, W>>,
}

struct MessageState<T, W> {
    messages: VecDeque<T>,
    closed: bool,
    /// Senders that wait until the channel is not full.
    sending: WaitQueue<W>,
    /// Receivers that wait for a message.
    receiving: WaitQueue<W>,
    /// Senders that wait for the channel to be closed.
    closing: WaitQueue<W>,
}

/// A message was put in or taken out: what is left to do after the lock is released.
#[must_use = "the next waiter has to be woken"]
pub(super) struct Moved<W = Waker> {
    /// How many messages the channel holds now.
    pub(super) len: usize,
    /// The waiter at the other end that can act now.
    pub(super) next: Option<W>,
}

/// The futures that a close wakes.
pub(super) struct ClosedQueue<W = Waker> {
    /// How many messages are left in the channel.
    pub(super) len: usize,
    sending: Wakers<W>,
    receiving: Wakers<W>,
    closing: Wakers<W>,
}

impl<W: WakesFuture> ClosedQueue<W> {
    pub(super) fn wake(self) {
        self.sending.wake();
        self.receiving.wake();
        self.closing.wake();
    }
}

impl<T, W: WakesFuture> MessageQueue<T, W> {
    /// A channel for `capacity` messages, or without a limit.
    pub(super) fn new(capacity: Option<usize>) -> MessageQueue<T, W> {
        MessageQueue {
            capacity: capacity.unwrap_or(usize::MAX),
            state: Guarded::new(MessageState {
                messages: VecDeque::new(),
                closed: false,
                sending: WaitQueue::new(),
                receiving: WaitQueue::new(),
                closing: WaitQueue::new(),
            }),
        }
    }

    /// How many messages the channel holds at most; `None` if it has no limit.
    pub(super) fn capacity(&self) -> Option<usize> {
        (self.capacity != usize::MAX).then_some(self.capacity)
    }

    pub(super) fn len(&self) -> usize {
        self.state.lock().messages.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.capacity
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Puts a message in, unless the channel is full or closed.
    #[inline]
    pub(super) fn try_send(&self, message: T) -> Result<Moved<W>, TrySendError<T>> {
        let mut state = self.state.lock();
        if state.closed {
            Err(TrySendError::Closed(message))
        } else if state.messages.len() >= self.capacity {
            Err(TrySendError::Full(message))
        } else {
            Ok(state.put(message))
        }
    }

    /// Puts a message in. If the channel is full, the message replaces the oldest one, which is
    /// returned. The number of messages is then the same as before, so no further receiver is woken.
    pub(super) fn force_send(&self, message: T) -> Result<(Option<T>, Moved<W>), SendError<T>> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(SendError(message));
        }
        if state.messages.len() < self.capacity {
            return Ok((None, state.put(message)));
        }
        let replaced = state.messages.pop_front();
        state.messages.push_back(message);
        let len = state.messages.len();
        Ok((replaced, Moved { len, next: None }))
    }

    /// Takes a message out, unless the channel is empty.
    #[inline]
    pub(super) fn try_recv(&self) -> Result<(T, Moved<W>), TryRecvError> {
        let mut state = self.state.lock();
        let closed = state.closed;
        state.take().ok_or(if closed {
            TryRecvError::Closed
        } else {
            TryRecvError::Empty
        })
    }

    /// Takes a message out, or queues the receiver: then the result is `None`.
    #[inline]
    pub(super) fn poll_recv(
        &self,
        ticket: &mut Ticket,
        waker: &Waker,
    ) -> Option<Result<(T, Moved<W>), RecvError>> {
        let mut state = self.state.lock();
        if let Some(taken) = state.take() {
            let left = state.receiving.leave(ticket);
            drop(state);
            drop(left);
            return Some(Ok(taken));
        }
        if state.closed {
            let left = state.receiving.leave(ticket);
            drop(state);
            drop(left);
            return Some(Err(RecvError));
        }
        let old = state.receiving.enqueue(ticket, waker);
        drop(state);
        drop(old);
        None
    }

    /// Puts the message in, or queues the sender: then the result is `None`, and the message is
    /// still in `message`. The message may be absent only after it was sent.
    #[inline]
    pub(super) fn poll_send(
        &self,
        message: &mut Option<T>,
        ticket: &mut Ticket,
        waker: &Waker,
    ) -> Option<Result<Moved<W>, SendError<T>>> {
        let mut state = self.state.lock();
        if state.closed || state.messages.len() < self.capacity {
            let left = state.sending.leave(ticket);
            let sent = message.take().map(|message| {
                if state.closed {
                    Err(SendError(message))
                } else {
                    Ok(state.put(message))
                }
            });
            drop(state);
            drop(left);
            return sent;
        }
        let old = state.sending.enqueue(ticket, waker);
        drop(state);
        drop(old);
        None
    }

    /// Whether the channel is closed; if not, queues the future.
    pub(super) fn poll_closed(&self, ticket: &mut Ticket, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            let left = state.closing.leave(ticket);
            drop(state);
            drop(left);
            return true;
        }
        let old = state.closing.enqueue(ticket, waker);
        drop(state);
        drop(old);
        false
    }

    /// Closes the channel. `None` if it was closed before.
    pub(super) fn close(&self) -> Option<ClosedQueue<W>> {
        let mut state = self.state.lock();
        if std::mem::replace(&mut state.closed, true) {
            return None;
        }
        Some(ClosedQueue {
            len: state.messages.len(),
            sending: state.sending.take_all(),
            receiving: state.receiving.take_all(),
            closing: state.closing.take_all(),
        })
    }

    /// Removes a receiver that is dropped. Returns the receiver that is to be woken instead.
    pub(super) fn cancel_recv(&self, ticket: &mut Ticket) -> Option<W> {
        if ticket.is_idle() {
            return None;
        }
        let mut state = self.state.lock();
        let left = state.receiving.leave(ticket);
        let passes_on = matches!(left, Left::Woken) && !state.messages.is_empty();
        let next = passes_on.then(|| state.receiving.pop()).flatten();
        drop(state);
        drop(left);
        next
    }

    /// Removes a sender that is dropped. Returns the sender that is to be woken instead.
    pub(super) fn cancel_send(&self, ticket: &mut Ticket) -> Option<W> {
        if ticket.is_idle() {
            return None;
        }
        let mut state = self.state.lock();
        let left = state.sending.leave(ticket);
        let passes_on = matches!(left, Left::Woken) && state.messages.len() < self.capacity;
        let next = passes_on.then(|| state.sending.pop()).flatten();
        drop(state);
        drop(left);
        next
    }

    /// Removes a future of `poll_closed` that is dropped.
    pub(super) fn cancel_closed(&self, ticket: &mut Ticket) {
        if !ticket.is_idle() {
            let mut state = self.state.lock();
            let left = state.closing.leave(ticket);
            drop(state);
            drop(left);
        }
    }
}

impl<T, W> MessageState<T, W> {
    #[inline]
    fn put(&mut self, message: T) -> Moved<W> {
        self.messages.push_back(message);
        Moved {
            len: self.messages.len(),
            next: self.receiving.pop(),
        }
    }

    #[inline]
    fn take(&mut self) -> Option<(T, Moved<W>)> {
        let message = self.messages.pop_front()?;
        let moved = Moved {
            len: self.messages.len(),
            next: self.sending.pop(),
        };
        Some((message, moved))
    }
}
