//! What is to be seen at a position, as plain words and numbers.
//!
//! ```text
//!   Replay ──> place    the queues: READY, RUNNING, TIMERS, PENDING, DONE
//!          ──> task     the rows of the task table, and one task in detail
//!          ──> program  the source, with the tasks that stand on its lines
//!          ──> output   the lines printed so far
//!          ──> axis     the ruler of the timeline, and the way from a column to a position
//!          ──> marks    what stands on the timeline beside the lanes: due timers, shared values
//!          ──> glance   a run in a few words: where it stands, how it ended
//!          ──> both     the table of two runs as a whole
//!          ──> plain    the whole run as a linear log
//!          ──> json     the whole run as one object
//! ```
//!
//! A front end adds colour and borders and nothing else. Lists are made for as many rows as there is room for: a
//! picture of a run with a million tasks costs what its visible rows cost.

pub mod axis;
pub mod both;
pub mod glance;
#[cfg(feature = "formats")]
pub mod json;
pub mod marks;
pub mod numbers;
pub mod output;
pub mod place;
pub mod plain;
pub mod program;
pub mod task;
