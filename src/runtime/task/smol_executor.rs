//! `smol::Executor` and `smol::LocalExecutor`: smol's own, with each task in the trace of the loop
//! that runs them.
//!
//! The types are wrappers. With `async_executor::Executor` itself, the trace would have neither the
//! names of its tasks nor the calls that spawned them: `spawn` is a method of that type, and no
//! other crate can record its calls. Its handles would also be another type than those of
//! [`spawn`](crate::spawn). A wrapper dereferences to the executor inside of it, so `&executor` is
//! accepted where a library requires `&async_executor::Executor`.

use std::{fmt, future::Future, ops::Deref, panic::Location};

use futures_lite::future;

use crate::runtime::executor::core;

use super::{
    foreign_driver::note_unless_in_loop,
    handle::Task,
    traced_future::{LateTaskId, TracedFuture},
};

/// Whether the loop of this thread is recorded.
fn is_recorded() -> bool {
    core::with_current(|core| core.recording.get()) == Some(true)
}

macro_rules! executor {
    ($(#[$doc:meta])* $name:ident, $($send:ident)?) => {
        $(#[$doc])*
        #[derive(Default)]
        pub struct $name<'a> {
            inner: async_executor::$name<'a>,
        }

        impl<'a> $name<'a> {
            /// An executor without tasks.
            pub const fn new() -> $name<'a> {
                $name {
                    inner: async_executor::$name::new(),
                }
            }

            /// Whether the executor has no unfinished tasks.
            pub fn is_empty(&self) -> bool {
                self.inner.is_empty()
            }

            /// Makes a future a task of this executor. The task is polled by [`run`](Self::run),
            /// [`tick`](Self::tick) and [`try_tick`](Self::try_tick).
            #[track_caller]
            pub fn spawn<T: $($send +)? 'a>(
                &self,
                future: impl Future<Output = T> $(+ $send)? + 'a,
            ) -> Task<T> {
                let (id, made) = (LateTaskId::default(), Location::caller());
                let traced = TracedFuture::new(future, made, id.clone());
                Task::executor(self.inner.spawn(traced), id, made)
            }

            /// Makes each of the futures a task, and adds the handles to `handles`.
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

            /// Polls one task if one is ready. Returns `false` if none is.
            pub fn try_tick(&self) -> bool {
                note_unless_in_loop();
                self.inner.try_tick()
            }

            /// Polls one task. Waits until one is ready.
            pub async fn tick(&self) {
                note_unless_in_loop();
                self.inner.tick().await;
            }

            /// Polls the tasks until `future` completes.
            ///
            /// In a loop that is recorded, the executor yields after each poll of a task, so that
            /// the loop can be paused before the next poll.
            pub async fn run<T>(&self, future: impl Future<Output = T>) -> T {
                note_unless_in_loop();
                if !is_recorded() {
                    return self.inner.run(future).await;
                }
                let polls = async {
                    loop {
                        self.inner.tick().await;
                        future::yield_now().await;
                    }
                };
                future::or(future, polls).await
            }
        }

        impl<'a> Deref for $name<'a> {
            type Target = async_executor::$name<'a>;

            /// smol's executor inside of this one, for a library that requires it. Tasks that the
            /// library spawns there run with the others, and are not in the trace.
            fn deref(&self) -> &async_executor::$name<'a> {
                &self.inner
            }
        }

        impl<'a> AsRef<async_executor::$name<'a>> for $name<'a> {
            fn as_ref(&self) -> &async_executor::$name<'a> {
                &self.inner
            }
        }

        impl<'a> From<async_executor::$name<'a>> for $name<'a> {
            /// Takes over smol's executor, with the tasks that it has. Those are not in the trace.
            fn from(inner: async_executor::$name<'a>) -> $name<'a> {
                $name { inner }
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
    /// An executor for tasks that may move between threads: `smol::Executor`. A task is polled on
    /// any thread that runs the executor.
    ///
    /// ```
    /// use loopscope::Executor;
    ///
    /// let executor = Executor::new();
    /// let task = executor.spawn(async { 1 + 2 });
    /// assert_eq!(loopscope::block_on(executor.run(task)), 3);
    ///
    /// let mut tasks = Vec::new();
    /// executor.spawn_many((0..3).map(|n| async move { n }), &mut tasks);
    /// while executor.try_tick() {}
    /// assert!(executor.is_empty() && tasks.iter().all(loopscope::Task::is_finished));
    /// ```
    Executor,
    Send
);

executor!(
    /// An executor for tasks that stay on their thread: `smol::LocalExecutor`.
    ///
    /// ```
    /// use loopscope::LocalExecutor;
    ///
    /// let executor = LocalExecutor::new();
    /// loopscope::block_on(executor.run(async {
    ///     let task = executor.spawn(async { "hello" });
    ///     assert_eq!(task.await, "hello");
    ///     executor.spawn(async {}).detach();
    ///     executor.tick().await;
    /// }));
    /// ```
    LocalExecutor,
);
