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
//! | module | contents |
//! |---|---|
//! | [`trace`] | events, identifiers, the encoding of a record, the file format |
//! | [`replay`] | the state at any position of a trace: a fold, keyframes, lanes for the timeline |
//! | [`insight`] | words and conclusions: narration, causes, comparison of two runs, lessons, summaries |
//! | [`scene`] | what the screen shows at a position, as words and numbers; the plain text and JSON outputs |
//! | [`import`] | recordings of other programs as traces: Chrome trace JSON, console-subscriber, JSON Lines |
//! | [`export`] | traces for other programs: Perfetto, Chrome, JSON Lines, folded stacks |
//! | [`tui`] | the screen: keymap, model, update, widgets, shell |
//! | [`runtime`] | the instrumented executor and what programs use: tasks, timers, channels, locks, sockets |
//! | [`watch`] | a program of your own: `LOOPSCOPE`, the screen beside it, its output |
//! | [`mod@scenario`] | what a scenario is and how it runs; the catalogue is in `scenarios/` |
//! | `program/` | a package of its own: the command line and the catalogue |
//!
//! The modules import each other in these directions and no others (`tests/library/modules.rs` enforces it):
//!
//! ```text
//!    trace <- replay <- insight <- scene <- tui <- program       trace <- runtime <- scenario <- program
//!                       (scene, tui, runtime) <- watch <- program
//!    trace <- import <- program                                  trace <- replay <- insight <- export <- program
//! ```
//!
//! What is absent on purpose: `trace`, `replay`, `insight`, `scene`, `import` and `export` read no clock, file,
//! environment, terminal or random source, and start no thread. The screen cannot reach the runtime: it returns a
//! command, which the shell carries out. A state changes only in `replay::State::apply`, and the screen's model only in
//! its `update`. Drawing takes shared references.
//!
//! `ARCHITECTURE.md` in the repository tells why, and defines the words that this documentation uses.

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
mod exports {
    //! What a program uses, under smol's names wherever smol has the same thing.
    pub use crate::runtime::{
        AsCompleted, Async, Builder, Executor, FallibleTask, FirstCompleted, FutureExt, Gather, Io,
        LocalExecutor, Located, Named, Resumable, Run, Scope, Shared, SharedValue, Sleep, Task,
        TaskGroup, TaskNamed, Timeout, Timer, Unblock, as_completed, block_for, channel,
        clock_text, first_completed, gather, lock, net, now, print_line, resumable, scope, sleep,
        sleep_until, spawn_local, stream, timeout, try_gather, unblock,
    };
    pub use crate::runtime::{fs, io_api as io, prelude, process};
    pub use crate::watch::{
        RecordOptions, Watch, Watched, assert_healthy, block_on, spawn, spawn_named, try_spawn,
    };

    pub mod future {
        //! Futures: smol's combinators, and those of this crate. `block_on` is the crate's own, so
        //! that a program that drives its futures with it is watched, too.
        pub use crate::{runtime::future::*, watch::block_on};
    }
    pub use futures_lite::{pin, ready};
}
#[cfg(feature = "runtime")]
pub use exports::*;

/// The README's Rust blocks, compiled.
#[cfg(all(doctest, feature = "tui"))]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

/// The Rust blocks about recordings, compiled.
#[cfg(all(doctest, feature = "tui"))]
#[doc = include_str!("../docs/recordings.md")]
struct RecordingExamples;

/// The walk's Rust blocks, compiled.
#[cfg(all(doctest, feature = "tui"))]
#[doc = include_str!("../docs/your-own-program.md")]
struct WalkExamples;
