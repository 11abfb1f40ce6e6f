//! The stream as a type. `poll_next` answers at once whether the next value is ready: the stream is
//! pending as long as its timer is.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use loopscope::stream::Stream;

use super::CountDown;

impl Stream for CountDown {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u32>> {
        if self.from == 0 {
            return Poll::Ready(None);
        }
        ready!(Pin::new(&mut self.timer).poll_next(cx));
        self.from -= 1;
        Poll::Ready(Some(self.from + 1))
    }
}
