//! The trace: everything that happened in a loop, as data. The runtime writes it, and everything
//! else reads it.
//!
//! ```text
//!   Writer ──> bytes ──> Log ──> Cursor ──> Record ──┬─> Event        (replay folds it into a State)
//!                                                    └─> definition   (a text, a location, a new name: Frame, Tables)
//! ```
//!
//! A trace is one stream of bytes that contains everything, including names and texts. Its
//! beginning can be read while the rest is still being written: by the screen while the loop runs,
//! or by a file writer. `docs/trace-format.md` describes the bytes; [`mod@file`] wraps them in a
//! file.
//!
//! A lost part (of a damaged file, or discarded by a flight recorder) is replaced by a
//! [gap](Event::Gap), which contains everything that the records behind it are relative to. So the
//! rest is a trace like any other.
//!
//! Nothing in this module reads a clock, a terminal or the environment.

#![warn(clippy::wildcard_enum_match_arm)]

mod cursor;
pub(crate) mod encoding;
mod event;
pub mod file;
mod gap_context;
mod id;
mod log;
mod names;
mod ring_log;
mod schedule;
mod source_lines;
mod tables;
pub(crate) mod varint;
mod writer;

#[cfg(test)]
pub(crate) use cursor::DEFINITIONS_READ;
#[cfg(feature = "formats")]
pub(crate) use cursor::resume::MAX_UNSEEN;
pub use cursor::{Cursor, Definition};
pub use event::{
    Advance, CallbackEvent, Event, LoopEvent, OperationKind, Outcome, PollOutcome, PollSample,
    ResourceEvent, ResourceKind, ResourceOp, TaskEvent, TimerEvent, Wait, WakeEffect, WokenBy,
};
pub(crate) use id::to_usize;
pub use id::{
    CallbackId, LocationId, LoopTime, Moment, Position, ResourceId, Span, TaskId, TextId, TimerId,
};
pub use log::{Aspect, ClockKind, Log, Meta, TickPolicy};
pub use names::UnknownName;
pub use ring_log::RingLog;
pub use schedule::{Choice, Schedule, ScheduleError};
#[cfg(feature = "formats")]
pub(crate) use tables::is_plain;
pub use tables::{Frame, Location, Tables, TaskInfo, sanitize, sanitized};
pub use writer::Writer;
