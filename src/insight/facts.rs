//! Facts about a trace, each with the events that prove it.
//!
//! ```text
//!   wake      who woke whom, by what, and when the woken task is polled
//!   wait      what a task waits for: one thing, all of a group, the first of several
//!   holders   which tasks hold a lock or a permit, and which tasks are in line for it
//!   hold      which poll held the loop, from when to when, and whom it delayed by how much
//!   series    which waits of a run overlapped, and which came one after the other
//!   ending    why a run ended, and for a deadlock what each task waits for
//! ```
//!
//! Every sentence about a run (narration, notes, `w`, comparison, prediction, lesson) is drawn from
//! these facts, so no two of them can disagree. A fact contains identifiers, times and positions;
//! the words are chosen elsewhere.
//!
//! A fact is a pure function of an [`EventStep`](crate::replay::EventStep), or of a state and its
//! trace. It is computed when it is asked for. What a state does not contain is found by looking
//! through the events before it, but only through a limited number of them: a frame of the screen
//! must not take longer because the trace is long. Where the limit is reached, the fact says less,
//! never something else.

mod ending;
mod hold;
mod holders;
mod series;
mod wait;
mod wake;

pub use ending::{EndingFact, StuckFact, StuckReason, ending};
pub(in crate::insight) use ending::{stuck, stuck_reason, stuck_reason_of};
pub use hold::{Delay, DelayKind, HoldFact, LateFact, hold, hold_between, late};
pub(crate) use hold::{hold_at_least, late_at_least};
pub use holders::{holders, queue_of};
pub use series::{SeriesFact, WaitSpan, in_series, most_at_once, overlap, wait_spans};
pub use wait::{WaitFact, WaitMode, waiting_for};
pub(in crate::insight) use wake::tick_of_poll;
pub use wake::{WakeFact, WakeReason, woken_by};
