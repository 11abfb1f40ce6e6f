//! loopscope under the name smol.
//!
//! A program that puts this package in the place of smol with `[patch.crates-io]` is observed together
//! with all crates it depends on, as far as they use smol by that name. This package exports what
//! smol 2.0 exports, and nothing else, so that such a program also compiles with smol.

pub use loopscope::{
    Async, Executor, LocalExecutor, Task, Timer, Unblock, block_on, channel, fs, future, io, lock,
    net, pin, prelude, process, ready, spawn, stream, unblock,
};
