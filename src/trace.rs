//! What happened, as data: the one thing that the writing side and the reading side share.
//!
//! ```text
//!   Writer ──> bytes ──> Log ──> Cursor ──> Record ──┬─> Event        (replay folds it into a State)
//!                                                    └─> definition   (a text, a location, a new name: Tables)
//! ```
//!
//! A trace is one stream of bytes. It says everything, names and texts included, so a part of it that has been
//! handed over (to the screen while the loop runs, to a file) can be read without the rest. `docs/trace-format.md` says how
//! the bytes are laid out; [`mod@file`] wraps them in a file.
//!
//! Where a part of it is lost (a damaged file, a flight recorder) a [gap](Event::Gap) stands in its place, with what the records
//! after it are relative to. So what is left is a trace like any other, and what is not known in it is known to be unknown.
//!
//! Nothing in here reads a clock, a terminal or the environment.

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
mod tables;
pub(crate) mod varint;
mod writer;

pub use cursor::{Cursor, Definition};
pub use event::{
    Advance, CallbackEvent, Event, LoopEvent, OperationKind, Outcome, PollOutcome, ResourceEvent,
    ResourceKind, ResourceOp, TaskEvent, TimerEvent, Wait, WakeEffect, WokenBy,
};
pub use id::{CallbackId, LocationId, Moment, Position, ResourceId, Span, TaskId, TextId, TimerId};
pub use log::{Aspect, ClockKind, Log, Meta, TickPolicy};
pub use names::UnknownName;
pub use ring_log::RingLog;
pub use schedule::{Choice, Schedule};
pub use tables::{Location, Tables, TaskInfo, sanitize};
pub use writer::Writer;
