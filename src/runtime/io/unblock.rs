//! Blocking work on smol's thread pool.

use std::{panic::Location, sync::Arc};

use crate::{
    runtime::{executor::task_name::short_name, task::Task},
    trace::{ResourceKind, ResourceOp},
};

use super::{
    job_times::JobTimes,
    traced::{IoObject, Traced},
};

/// Runs a closure on smol's thread pool, where the closure may block. Awaiting the task returns the
/// closure's result.
///
/// ```
/// let text = loopscope::block_on(loopscope::unblock(|| std::fs::read_to_string("Cargo.toml")));
/// assert!(text.is_ok_and(|text| text.contains("loopscope")));
/// ```
#[track_caller]
pub fn unblock<T, F>(work: F) -> Task<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let times = JobTimes::new();
    let measured = Arc::clone(&times);
    let work = move || {
        measured.begins();
        let value = work();
        measured.ends();
        value
    };
    Task::pool(blocking::unblock(work), times, Location::caller())
}

/// Blocking I/O, or an iterator that blocks, run on the thread pool: `smol::Unblock`.
///
/// Methods that are not recorded are reached through [`Deref`](std::ops::Deref).
///
/// ```
/// use loopscope::{Unblock, io::{AsyncReadExt, AsyncWriteExt}, stream::StreamExt};
///
/// loopscope::block_on(async {
///     let mut text = String::new();
///     Unblock::new(std::io::Cursor::new(b"slow")).read_to_string(&mut text).await?;
///     assert_eq!(text, "slow");
///     let mut file = Unblock::with_capacity(64, Vec::new());
///     file.write_all(b"line").await?;
///     file.flush().await?;
///     assert_eq!(file.into_inner().await, b"line");
///     assert_eq!(Unblock::new(1..4).collect::<Vec<_>>().await, [1, 2, 3]);
///     std::io::Result::Ok(())
/// })
/// .unwrap();
/// ```
pub type Unblock<T> = Traced<blocking::Unblock<T>>;

impl<T> IoObject for blocking::Unblock<T> {
    const KIND: ResourceKind = ResourceKind::Pool;

    fn label(&self) -> String {
        short_name(std::any::type_name::<T>())
            .unwrap_or("thread pool")
            .to_owned()
    }
}

impl<T> Traced<blocking::Unblock<T>> {
    /// Moves an object whose methods block to the thread pool.
    #[track_caller]
    pub fn new(io: T) -> Unblock<T> {
        Traced::wrap(blocking::Unblock::new(io), Location::caller())
    }

    /// Like [`Unblock::new`], with a buffer of `capacity` bytes or items instead of 8 MiB or 8192
    /// items.
    #[track_caller]
    pub fn with_capacity(capacity: usize, io: T) -> Unblock<T> {
        Traced::wrap(
            blocking::Unblock::with_capacity(capacity, io),
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
