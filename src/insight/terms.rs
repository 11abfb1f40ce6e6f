//! The terms of both languages: what a reader of Rust and a reader of asyncio call the same thing.
//!
//! The sentences of the narration, the queues and the exports draw from this table, so that one
//! concept has one word in each language. Words that both languages share, such as *task*, *await*,
//! *poll* and *cancel*, are not listed.

use super::language::Phrase;

/// A computation that an `async fn` returns, and that runs only when it is awaited.
pub(super) const FUTURE: Phrase = Phrase::new("future", "coroutine");

/// The verb between a task and the new task: `#0 main spawns #1 hello`.
pub(super) const SPAWNS: Phrase = Phrase::new("spawns", "creates task");

/// The participle: `spawned by #0`.
pub(crate) const SPAWNED: Phrase = Phrase::new("spawned", "created");

/// The wait for another task, before its name: `join #1 hello`.
pub(super) const JOIN: Phrase = Phrase::new("join", "await");

/// The verb of a task that ends with an error.
pub(super) const RETURNS_ERROR: Phrase = Phrase::new("returns an error", "raises an exception");

/// The verb of a task that panics. Python has one way to fail only.
pub(super) const PANICS: Phrase = Phrase::new("panics", "raises an exception");

/// What happens to the computation of a task that is cancelled, after the name of the task.
pub(super) const FUTURE_DROPPED: Phrase = Phrase::new(
    "its future is dropped",
    "CancelledError is raised in its coroutine",
);

/// A queue between tasks.
pub(super) const CHANNEL: Phrase = Phrase::new("channel", "queue");
