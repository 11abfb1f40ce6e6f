//! A trace for other programs.
//!
//! ```text
//!   Replay ──> LoopWalk (each event, with the lanes and queue lengths after it) ──┬─ perfetto   protobuf for ui.perfetto.dev
//!                                                                             ├─ chrome     the same as Chrome's JSON
//!                                                                             └─ folded     await tree, for flame graphs
//!          ──> jsonl   every event as a line, as import reads it
//! ```
//!
//! All of them read the trace once, from its start to its end, and write as they go: memory grows with the number of
//! tasks, not of events. Times are nanoseconds of loop time where the other format does not want something else.

#![warn(clippy::wildcard_enum_match_arm)]

mod chrome;
mod folded;
mod json;
mod jsonl;
mod label;
mod perfetto;
mod proto;
mod walk;

pub use chrome::chrome;
pub use folded::{Weight, folded};
pub use jsonl::jsonl;
pub use perfetto::perfetto;
