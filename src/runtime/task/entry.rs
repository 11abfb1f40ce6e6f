//! `main!` and `test!`: the macros of the crate `smol-macros`, for this crate's executors.
//!
//! `smol_macros::main!` implements its trait `MainExecutor` for `Arc<async_executor::Executor>`. Only
//! that crate may implement it for the `Arc` of another type, so `&Arc<loopscope::Executor>` cannot
//! be a parameter there. A program that also renames `smol-macros` to this crate uses the macros
//! below instead, with no changed line.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    rc::Rc,
    sync::Arc,
    thread,
};

use super::smol_executor::{Executor, LocalExecutor};

/// Makes an async function a function that blocks until its future completes, like
/// `smol_macros::main!`. The future runs in [`block_on`](crate::block_on), so it can be watched.
///
/// The function has no parameter, or one: an executor. That is `&Executor`, `Arc<Executor>`,
/// `&Arc<Executor>`, and the same with [`LocalExecutor`] and `Rc`. The macro makes the executor. An
/// [`Executor`] is also run by a thread for each processor.
///
/// With `smol-macros = { package = "loopscope" }` in its `Cargo.toml`, a program that uses
/// `#[apply(smol_macros::main!)]` gets this macro.
///
/// ```
/// use loopscope::Executor;
/// use std::sync::Arc;
///
/// loopscope::main! {
///     async fn main(executor: &Arc<Executor<'static>>) {
///         assert_eq!(executor.spawn(async { 1 + 2 }).await, 3);
///     }
/// }
/// ```
#[macro_export]
macro_rules! main {
    (
        $(#[$attribute:meta])*
        $visible:vis async fn $name:ident () $(-> $result:ty)? $body:block
    ) => {
        $(#[$attribute])*
        $visible fn $name() $(-> $result)? {
            $crate::block_on(async { $body })
        }
    };
    (
        $(#[$attribute:meta])*
        $visible:vis async fn $name:ident ($executor:ident : & $kind:ty $(,)?)
        $(-> $result:ty)? $body:block
    ) => {
        $(#[$attribute])*
        $visible fn $name() $(-> $result)? {
            <$kind as $crate::runtime::MainExecutor>::with_main(|executor| {
                $crate::block_on(executor.run(async move {
                    let $executor = executor;
                    $body
                }))
            })
        }
    };
    (
        $(#[$attribute:meta])*
        $visible:vis async fn $name:ident ($executor:ident : $kind:ty $(,)?)
        $(-> $result:ty)? $body:block
    ) => {
        $(#[$attribute])*
        $visible fn $name() $(-> $result)? {
            <$kind as $crate::runtime::MainExecutor>::with_main(|executor| {
                $crate::block_on(executor.run(async move {
                    let $executor = ::std::clone::Clone::clone(executor);
                    $body
                }))
            })
        }
    };
}

/// Makes an async function a test, like `smol_macros::test!`. See [`main!`](crate::main!).
///
/// ```
/// loopscope::test! {
///     async fn two_and_two(executor: &loopscope::LocalExecutor<'_>) {
///         assert_eq!(executor.spawn(async { 2 + 2 }).await, 4);
///     }
/// }
/// ```
#[macro_export]
macro_rules! test {
    (
        $(#[$attribute:meta])*
        $visible:vis async fn $name:ident ($executor:ident : & $kind:ty $(,)?)
        $(-> $result:ty)? $body:block
    ) => {
        $crate::main! {
            $(#[$attribute])*
            #[::core::prelude::v1::test]
            $visible async fn $name($executor: & $kind) $(-> $result)? $body
        }
    };
    (
        $(#[$attribute:meta])*
        $visible:vis async fn $name:ident ($($executor:ident : $kind:ty),* $(,)?)
        $(-> $result:ty)? $body:block
    ) => {
        $crate::main! {
            $(#[$attribute])*
            #[::core::prelude::v1::test]
            $visible async fn $name($($executor: $kind),*) $(-> $result)? $body
        }
    };
}

/// An executor that [`main!`](crate::main!) can make.
#[doc(hidden)]
pub trait MainExecutor: Sized {
    /// Makes the executor and calls `main` with it.
    fn with_main<T>(main: impl FnOnce(&Self) -> T) -> T;
}

impl MainExecutor for Executor<'_> {
    fn with_main<T>(main: impl FnOnce(&Self) -> T) -> T {
        let executor = Executor::new();
        with_threads(&executor, || main(&executor))
    }
}

impl MainExecutor for Arc<Executor<'_>> {
    fn with_main<T>(main: impl FnOnce(&Self) -> T) -> T {
        let executor = Arc::new(Executor::new());
        with_threads(&executor, || main(&executor))
    }
}

impl MainExecutor for LocalExecutor<'_> {
    fn with_main<T>(main: impl FnOnce(&Self) -> T) -> T {
        main(&LocalExecutor::new())
    }
}

impl MainExecutor for Rc<LocalExecutor<'_>> {
    fn with_main<T>(main: impl FnOnce(&Self) -> T) -> T {
        main(&Rc::new(LocalExecutor::new()))
    }
}

/// The trait of `smol_macros`, for the executors that it can be implemented for: with an unchanged
/// `smol-macros`, `&Executor` and `&LocalExecutor` are possible parameters of `main`.
impl smol_macros::__private::MainExecutor for Executor<'_> {
    fn with_main<T, F: FnOnce(&Self) -> T>(main: F) -> T {
        <Self as MainExecutor>::with_main(main)
    }
}

impl smol_macros::__private::MainExecutor for LocalExecutor<'_> {
    fn with_main<T, F: FnOnce(&Self) -> T>(main: F) -> T {
        <Self as MainExecutor>::with_main(main)
    }
}

/// Calls `main` while a thread for each processor runs the executor. The threads end when `main`
/// returns or panics.
fn with_threads<T>(executor: &Executor<'_>, main: impl FnOnce() -> T) -> T {
    let (stop, stopped) = async_channel::bounded::<()>(1);
    thread::scope(|scope| {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for number in 0..processors {
            let stopped = stopped.clone();
            let run = move || {
                // The error says that the channel is closed.
                let _ = async_io::block_on(executor.run(stopped.recv()));
            };
            let thread = thread::Builder::new().name(format!("smol-macros-{number}"));
            // If a thread cannot be started, the others and this one run the executor without it.
            drop(thread.spawn_scoped(scope, run));
        }
        // Without the catch, the threads would never be stopped, and the scope would wait for them.
        let result = catch_unwind(AssertUnwindSafe(main));
        stop.close();
        result.unwrap_or_else(|panic| resume_unwind(panic))
    })
}
