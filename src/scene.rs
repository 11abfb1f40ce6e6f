//! What the screen and the plain output show at a position, as words and numbers.
//!
//! ```text
//!   Replay ──> queues            READY, RUNNING, TIMERS, PENDING, DONE, each with its entries
//!          ──> tasks             the rows of the task table, and one task in detail
//!          ──> chain             the functions that a task is in, as a backtrace
//!          ──> source_view       the source, with the tasks that wait or run on each line
//!          ──> output            the lines printed so far
//!          ──> axis              the ruler of the timeline, and the way from a column to a position
//!          ──> timeline_marks    due timers and shared values, drawn over the lanes
//!          ──> news              which events are told: the next, the previous, how many
//!          ──> story             what has just happened, in sentences: a tick or an event
//!          ──> summary_line      titles, and how a run ended, in one sentence
//!          ──> comparison_table  the table that compares two whole runs
//!          ──> findings          what is wrong with the run, in words
//!          ──> critical          the critical path of the run, in words
//!          ──> latency           ready-to-run and run times, by task and by place, in words
//!          ──> plain             the whole run as a linear log
//!          ──> json              the whole run as one object
//!          ──> format            seconds, durations and counts as text
//! ```
//!
//! A front end adds colours and borders, and nothing else. Each list takes the number of rows that
//! fit on the screen, so that a frame of a run with a million tasks costs as much as its visible
//! rows.

#![warn(clippy::wildcard_enum_match_arm)]

#[cfg(feature = "tui")]
pub(crate) mod axis;
#[cfg(feature = "tui")]
pub(crate) mod chain;
pub(crate) mod comparison_table;
pub mod critical;
pub mod findings;
pub(crate) mod format;
#[cfg(feature = "formats")]
pub mod json;
pub mod latency;
#[cfg(feature = "tui")]
pub(crate) mod moment;
pub mod news;
#[cfg(feature = "tui")]
pub(crate) mod output;
pub mod plain;
pub(crate) mod queues;
pub mod source_view;
pub mod story;
pub mod summary_line;
#[cfg(feature = "tui")]
pub(crate) mod tasks;
#[cfg(feature = "tui")]
pub(crate) mod timeline_marks;
pub mod waits;
