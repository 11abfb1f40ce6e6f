//! `smol::Executor` and `smol::LocalExecutor`: smol's own, with every task in the picture of the loop that runs them.

use std::{fmt, future::Future, panic::Location};

use smol::future;

use super::{
    Task,
    traced_future::{LateTaskId, TracedFuture},
};
use crate::runtime::executor::core;

/// Whether somebody looks at the loop on this thread.
fn is_recorded() -> bool {
    core::with_current(|core| core.recording.get()) == Some(true)
}

macro_rules! executor {
    ($(#[$doc:meta])* $name:ident, $($send:ident)?) => {
        $(#[$doc])*
        #[derive(Default)]
        pub struct $name<'a> {
            inner: smol::$name<'a>,
        }

        impl<'a> $name<'a> {
            /// An executor without tasks.
            pub const fn new() -> $name<'a> {
                $name {
                    inner: smol::$name::new(),
                }
            }

            /// Whether it has no tasks that have not ended.
            pub fn is_empty(&self) -> bool {
                self.inner.is_empty()
            }

            /// Gives it a future as a task of its own. It is polled while [`run`](Self::run), [`tick`](Self::tick) or
            /// [`try_tick`](Self::try_tick) is.
            #[track_caller]
            pub fn spawn<T: $($send +)? 'a>(
                &self,
                future: impl Future<Output = T> $(+ $send)? + 'a,
            ) -> Task<T> {
                let (id, made) = (LateTaskId::default(), Location::caller());
                let traced = TracedFuture::new(future, made, id.clone());
                Task::executor(self.inner.spawn(traced), id, made)
            }

            /// Gives it many futures, and adds the handles to `handles`.
            #[track_caller]
            pub fn spawn_many<T: $($send +)? 'a, F: Future<Output = T> $(+ $send)? + 'a>(
                &self,
                futures: impl IntoIterator<Item = F>,
                handles: &mut impl Extend<Task<F::Output>>,
            ) {
                let made = Location::caller();
                handles.extend(futures.into_iter().map(|future| {
                    let id = LateTaskId::default();
                    let traced = TracedFuture::new(future, made, id.clone());
                    Task::executor(self.inner.spawn(traced), id, made)
                }));
            }

            /// Polls one of its tasks, if one is ready. False if none is.
            pub fn try_tick(&self) -> bool {
                self.inner.try_tick()
            }

            /// Polls one of its tasks; waits until one is ready.
            pub async fn tick(&self) {
                self.inner.tick().await;
            }

            /// Polls its tasks until `future` is done.
            ///
            /// While somebody looks, each task has its turn in one of the loop, so that the loop can be stopped before it.
            pub async fn run<T>(&self, future: impl Future<Output = T>) -> T {
                if !is_recorded() {
                    return self.inner.run(future).await;
                }
                let turns = async {
                    loop {
                        self.inner.tick().await;
                        future::yield_now().await;
                    }
                };
                future::or(future, turns).await
            }
        }

        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

executor!(
    /// Keeps tasks that may go from thread to thread, and polls them where it is run: `smol::Executor`.
    ///
    /// ```
    /// use loopscope::Executor;
    ///
    /// let executor = Executor::new();
    /// let task = executor.spawn(async { 1 + 2 });
    /// assert_eq!(loopscope::block_on(executor.run(task)), 3);
    /// ```
    Executor,
    Send
);

executor!(
    /// Keeps tasks that stay on their thread: `smol::LocalExecutor`.
    ///
    /// ```
    /// use loopscope::LocalExecutor;
    ///
    /// let executor = LocalExecutor::new();
    /// loopscope::block_on(executor.run(async {
    ///     let task = executor.spawn(async { "hello" });
    ///     assert_eq!(task.await, "hello");
    /// }));
    /// ```
    LocalExecutor,
);
