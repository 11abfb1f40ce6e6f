//! Work on smol's pool of threads.

use std::panic::Location;

use crate::{
    runtime::{executor::task_name::short_name, task::Task},
    trace::{ResourceKind, ResourceOp},
};

use super::traced::{IoObject, Traced};

/// Runs a closure on smol's pool of threads, where it may block, and gives its result.
#[track_caller]
pub fn unblock<T, F>(work: F) -> Task<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Task::pool(smol::unblock(work), Location::caller())
}

/// Blocking I/O, or an iterator that blocks, used on the pool of threads: `smol::Unblock`.
///
/// What is not recorded is reached through [`Deref`](std::ops::Deref).
pub type Unblock<T> = Traced<smol::Unblock<T>>;

impl<T> IoObject for smol::Unblock<T> {
    const KIND: ResourceKind = ResourceKind::Pool;

    fn label(&self) -> String {
        short_name(std::any::type_name::<T>())
            .unwrap_or("thread pool")
            .to_owned()
    }
}

impl<T> Traced<smol::Unblock<T>> {
    /// Moves something that blocks to the pool of threads.
    #[track_caller]
    pub fn new(io: T) -> Unblock<T> {
        Traced::wrap(smol::Unblock::new(io), Location::caller())
    }

    /// Like [`Unblock::new`], with a buffer of `capacity` bytes or items instead of 8 MiB or 8192 items.
    #[track_caller]
    pub fn with_capacity(capacity: usize, io: T) -> Unblock<T> {
        Traced::wrap(
            smol::Unblock::with_capacity(capacity, io),
            Location::caller(),
        )
    }

    /// Waits for the operation in flight, and takes the blocking object back.
    pub async fn into_inner(self) -> T {
        let Traced { inner, io } = self;
        io.end(ResourceOp::Ended);
        inner.into_inner().await
    }
}
