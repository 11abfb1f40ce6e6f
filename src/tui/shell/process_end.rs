//! The end of the process while the screen has the terminal.
//!
//! The thread of the screen gives the terminal back when the screen is closed. The process may end
//! before: `main` returns, or a thread calls `exit`, and the thread of the screen then ends without
//! its destructors. The C library calls the functions that `atexit` has registered in both cases, on
//! the thread that ends the process. [`guard`] registers one:
//!
//! 1. It calls [`ExitHooks::wait`], with which a program whose screen is on another thread waits until
//!    the user has closed the screen.
//! 2. If the terminal is still taken, it gives the terminal back.
//!
//! A panic of a program that was compiled with `panic = "abort"` ends the process without these
//! functions: then the panic hook calls [`before_abort`]. Nothing runs after SIGKILL, and after a
//! crash, such as an overflow of the stack.
//!
//! `atexit` itself can only be called with `unsafe`, so the registration is that of the crate
//! `shutdown_hooks`, which has no other content and no dependency.

use std::{
    io,
    sync::{Once, OnceLock},
};

use shutdown_hooks::add_shutdown_hook;

/// What a program does at its end that has a screen on a thread of its own.
#[derive(Clone, Copy, Debug)]
pub struct ExitHooks {
    /// Waits until the user has closed the screen. Called by the thread that ends the process. Must
    /// not panic, and must not use variables of the thread.
    pub wait: fn(),
    /// Restores the streams of the program before a panic aborts it.
    pub restore: fn(),
}

static HOOKS: OnceLock<ExitHooks> = OnceLock::new();

/// Gives the terminal back, unless that is done already.
static GIVE_BACK: OnceLock<fn()> = OnceLock::new();

/// Sets what the end of the process waits for. Only the first call has an effect.
pub fn set_exit_hooks(hooks: ExitHooks) {
    let _ = HOOKS.set(hooks);
}

/// Makes the end of the process call `give_back`.
pub(super) fn guard(give_back: fn()) -> io::Result<()> {
    static REGISTERED: Once = Once::new();
    let _ = GIVE_BACK.set(give_back);
    let mut result = Ok(());
    REGISTERED.call_once(|| {
        if !add_shutdown_hook(at_exit) {
            result = Err(io::Error::other("the end of the process cannot be noticed"));
        }
    });
    result
}

fn give_back() {
    if let Some(give_back) = GIVE_BACK.get() {
        give_back();
    }
}

extern "C" fn at_exit() {
    if let Some(hooks) = HOOKS.get() {
        (hooks.wait)();
    }
    give_back();
}

/// Gives the terminal and the streams back. The panic that is reported next aborts the process.
pub(super) fn before_abort() {
    give_back();
    if let Some(hooks) = HOOKS.get() {
        (hooks.restore)();
    }
}
