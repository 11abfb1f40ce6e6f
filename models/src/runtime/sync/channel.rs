//! Channels.

#[path = "../../../../src/runtime/sync/channel/message_queue.rs"]
#[allow(dead_code, reason = "the counts are not modelled")]
mod message_queue;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_channel::{RecvError, SendError, TryRecvError};
use loom::{future::block_on, thread};

use self::message_queue::{MessageQueue, Moved};
use super::{model, poll_once_and_drop, wait_queue::Ticket};

fn moved(moved: Moved) {
    if let Some(next) = moved.next {
        next.wake();
    }
}

struct Recv<'a>(&'a MessageQueue<u8>, Ticket);

fn recv(queue: &MessageQueue<u8>) -> Recv<'_> {
    Recv(queue, Ticket::default())
}

impl Future for Recv<'_> {
    type Output = Result<u8, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Recv(queue, ticket) = &mut *self;
        match queue.poll_recv(ticket, cx.waker()) {
            Some(Ok((message, rest))) => {
                moved(rest);
                Poll::Ready(Ok(message))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => Poll::Pending,
        }
    }
}

impl Drop for Recv<'_> {
    fn drop(&mut self) {
        if let Some(next) = self.0.cancel_recv(&mut self.1) {
            next.wake();
        }
    }
}

struct Send<'a>(&'a MessageQueue<u8>, Option<u8>, Ticket);

fn send(queue: &MessageQueue<u8>, message: u8) -> Send<'_> {
    Send(queue, Some(message), Ticket::default())
}

impl Future for Send<'_> {
    type Output = Result<(), SendError<u8>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Send(queue, message, ticket) = &mut *self;
        match queue.poll_send(message, ticket, cx.waker()) {
            Some(Ok(rest)) => {
                moved(rest);
                Poll::Ready(Ok(()))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => Poll::Pending,
        }
    }
}

impl Drop for Send<'_> {
    fn drop(&mut self) {
        if let Some(next) = self.0.cancel_send(&mut self.2) {
            next.wake();
        }
    }
}

struct Closed<'a>(&'a MessageQueue<u8>, Ticket);

impl Future for Closed<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Closed(queue, ticket) = &mut *self;
        if queue.poll_closed(ticket, cx.waker()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

fn close(queue: &MessageQueue<u8>) {
    if let Some(closed) = queue.close() {
        closed.wake();
    }
}

/// Starts a thread of the model that works on the channel.
fn start<T: 'static>(
    queue: &Arc<MessageQueue<u8>>,
    work: impl FnOnce(&MessageQueue<u8>) -> T + 'static,
) -> thread::JoinHandle<T> {
    let queue = Arc::clone(queue);
    thread::spawn(move || work(&queue))
}

#[test]
fn each_message_wakes_a_receiver() {
    model(|| {
        let queue = Arc::new(MessageQueue::new(None));
        let receivers = [(); 2].map(|()| start(&queue, |queue| block_on(recv(queue)).unwrap()));
        for message in [1, 2] {
            moved(queue.try_send(message).unwrap());
        }
        let got: u8 = receivers.into_iter().map(|it| it.join().unwrap()).sum();
        assert_eq!(got, 3);
    });
}

#[test]
fn free_space_wakes_a_sender() {
    model(|| {
        let queue = Arc::new(MessageQueue::new(Some(1)));
        let senders = [1, 2].map(|message| {
            start(&queue, move |queue| block_on(send(queue, message)).unwrap())
        });
        let got = block_on(recv(&queue)).unwrap() + block_on(recv(&queue)).unwrap();
        assert_eq!(got, 3);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn a_cancelled_receiver_does_not_take_the_wake_of_another() {
    model(|| {
        let queue = Arc::new(MessageQueue::new(None));
        let cancelled = start(&queue, |queue| poll_once_and_drop(recv(queue)).is_some());
        let waits = start(&queue, |queue| block_on(recv(queue)).unwrap());
        for message in [1, 2] {
            moved(queue.try_send(message).unwrap());
        }
        waits.join().unwrap();
        let taken = usize::from(cancelled.join().unwrap());
        assert_eq!(queue.len(), 1 - taken);
    });
}

#[test]
fn a_cancelled_sender_does_not_take_the_wake_of_another() {
    model(|| {
        let queue = Arc::new(MessageQueue::new(Some(1)));
        moved(queue.try_send(0).unwrap());
        let cancelled = start(&queue, |queue| poll_once_and_drop(send(queue, 1)).is_some());
        let waits = start(&queue, |queue| block_on(send(queue, 2)).unwrap());
        block_on(recv(&queue)).unwrap();
        if cancelled.join().unwrap() {
            block_on(recv(&queue)).unwrap();
        }
        waits.join().unwrap();
    });
}

#[test]
fn a_close_releases_all_waiters() {
    model(|| {
        let queue = Arc::new(MessageQueue::new(Some(1)));
        let receiver = start(&queue, |queue| block_on(recv(queue)).is_err());
        let closed = start(&queue, |queue| {
            block_on(Closed(queue, Ticket::default()));
        });
        close(&queue);
        assert!(receiver.join().unwrap());
        closed.join().unwrap();
    });
}

#[test]
fn a_close_releases_a_sender() {
    model(|| {
        let queue = Arc::new(MessageQueue::new(Some(1)));
        moved(queue.try_send(1).unwrap());
        let sender = start(&queue, |queue| block_on(send(queue, 2)).is_err());
        close(&queue);
        assert!(sender.join().unwrap());
        assert_eq!(queue.try_recv().ok().map(|(message, _)| message), Some(1));
        assert!(matches!(queue.try_recv(), Err(TryRecvError::Closed)));
    });
}

#[test]
fn a_stream_that_is_polled_anew_keeps_its_place() {
    model(|| {
        let queue = Arc::new(MessageQueue::new(None));
        let stream = start(&queue, |queue| {
            // As a select does: the receiver is polled, left in the queue, and polled again.
            let mut receiver = recv(queue);
            let cx = &mut Context::from_waker(std::task::Waker::noop());
            let first = Pin::new(&mut receiver).poll(cx);
            match first {
                Poll::Ready(message) => message.unwrap(),
                Poll::Pending => block_on(receiver).unwrap(),
            }
        });
        let other = start(&queue, |queue| block_on(recv(queue)).unwrap());
        for message in [1, 2] {
            moved(queue.try_send(message).unwrap());
        }
        assert_eq!(stream.join().unwrap() + other.join().unwrap(), 3);
    });
}
