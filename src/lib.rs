//! loopscope: watch an event loop run, step it tick by tick, forward and back, and lay two runs side by side.
//!
//! **The runtime writes a trace; everything else reads it.**
//!
//! ```text
//!    writing                                        reading
//!    scenario or user program (async fn)
//!       | spawn
//!    runtime ── polls, wakes, timers, I/O ──> Event ──> trace ──> replay ──> &State ──> scene ──> tui | plain text
//!       ^                                                            ^
//!       | run / pause / one tick / one poll                          | seek
//!       +───────────────── Command <──── update <──── Message <──── keymap <──── key, mouse, resize, frame
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`trace`] | events, ids, the bytes they are written in, the file format |
//! | [`replay`] | the state at any position of a trace: a fold, keyframes, lanes for the timeline |
//! | [`insight`] | words and findings: narration, causes, comparison of two runs, lessons, numbers of a whole run |
//! | [`scene`] | what is to be seen at a position, as words and numbers; the plain text and JSON faces |
//! | [`import`] | recordings of other programs as traces: Chrome trace JSON, console-subscriber, JSON Lines |
//! | [`export`] | a trace for other programs: Perfetto, Chrome, JSON Lines, SVG, folded stacks, Parquet |
//! | [`tui`] | the screen: keys, model, update, one widget a file, the shell round it |
//! | [`runtime`] | the instrumented executor and what programs use: tasks, timers, channels, locks, sockets |
//! | [`watch`] | a program's own run: `LOOPSCOPE`, the screen beside it, its output |
//! | [`mod@scenario`] | programs to look at: what one is, and how it is run; the catalogue is in `scenarios/` |
//! | `program/` | a package of its own: arguments, one file a subcommand, exit codes, the catalogue |
//!
//! Rooms import in these directions and no others (`tests/rooms.rs` holds them to it):
//!
//! ```text
//!    trace <- replay <- insight <- scene <- tui <- main          trace <- runtime <- scenario <- main
//!                              (tui, runtime) <- watch <- main
//!    trace <- import <- main                                     trace <- replay <- insight <- export <- main
//! ```
//!
//! What is absent on purpose: `trace`, `replay`, `insight`, `scene`, `import` and `export` read no clock, no file, no environment, no
//! terminal and no random source, and start no thread. The screen cannot reach the runtime; it can only return a
//! command, which the shell carries out. State changes only in [`replay::State::apply`], the screen's state only in its
//! `update`; drawing takes a shared reference.

#[cfg(feature = "formats")]
pub mod export;
#[cfg(feature = "formats")]
pub mod import;
pub mod insight;
#[cfg(feature = "formats")]
mod jsonl;
pub mod replay;
#[cfg(feature = "runtime")]
pub mod runtime;
#[cfg(feature = "runtime")]
pub mod scenario;
pub mod scene;
pub mod trace;
#[cfg(feature = "tui")]
pub mod tui;
#[cfg(feature = "runtime")]
pub mod watch;

#[cfg(feature = "runtime")]
mod face {
    //! The public face of the runtime: smol's names wherever smol has the thing.
    pub use crate::runtime::{
        AsCompleted, Async, Builder, Executor, FallibleTask, FirstCompleted, FutureExt, Gather, Io,
        LocalExecutor, Named, Run, Shared, SharedValue, Sleep, Task, TaskGroup, Timeout, Timer,
        Unblock, as_completed, block_for, channel, clock_text, first_completed, future, gather,
        lock, net, now, print_line, sleep, sleep_until, spawn, spawn_named, stream, timeout,
        try_gather, try_spawn, unblock,
    };
    pub use crate::watch::{Watch, Watched, block_on};
    pub use smol::{fs, io, pin, prelude, process, ready};
}
#[cfg(feature = "runtime")]
pub use face::*;
