//! An iterator made of a function that stops. `next` polls the function once, with a waker that
//! does nothing, and takes the value that the function left.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use loopscope::resumable;

use super::Out;

/// Resumes a function for each of its values.
pub(super) struct Generator {
    function: Pin<Box<dyn Future<Output = ()>>>,
    out: Out,
}

impl Generator {
    pub(super) fn new<F: Future<Output = ()> + 'static>(function: fn(Out) -> F) -> Generator {
        let out = Out::default();
        let body = function(Rc::clone(&out));
        Generator {
            function: Box::pin(resumable("get_numbers", body)), // each poll is in the trace
            out,
        }
    }
}

impl Iterator for Generator {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let context = &mut Context::from_waker(Waker::noop());
        match self.function.as_mut().poll(context) {
            Poll::Pending => self.out.take(),
            Poll::Ready(()) => None,
        }
    }
}
