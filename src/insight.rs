//! What a trace means, in words and numbers.
//!
//! ```text
//!            ┌─ narrate   this event: what moved, why, and what you may have expected instead
//!   Replay ──┼─ cause     which event brought this one about, back to a timer, I/O or the start
//!            ├─ obstacle  what a task waits for, and whom that waits for
//!            ├─ predict   a question about what comes next, with its answer
//!            ├─ kind      events by their kinds
//!            ├─ source    which line of the program each task stands on
//!            ├─ longest   the longest turn of a task
//!            ├─ summary   the whole run in numbers
//!            ├─ compare   two runs: where they part, what one saves, what could be saved at best
//!            └─ lesson    what many believe, and the number of a run that says otherwise
//!
//!   words, width   what every face calls things, and how many columns that takes
//! ```
//!
//! Everything here is a pure function of a [`Replay`](crate::replay::Replay). No text names a colour or knows how
//! wide a screen is, beyond the promise of [`Narration`] to be short.

#![warn(clippy::wildcard_enum_match_arm)]

mod blocked_on;
mod cause;
mod compare;
mod difference;
mod event_kind;
mod lesson;
mod longest_poll;
mod narrate;
mod predict;
mod python_lines;
mod source;
mod summary;
mod width;
mod words;

pub use blocked_on::{blocked_on, waits_for_itself};
pub use cause::{CauseLink, cause, why};
pub use compare::{Comparison, compare};
pub use difference::{
    Difference, SyncBy, difference_after, difference_before, first_difference, follow,
};
pub use event_kind::event_kind;
pub use lesson::{LESSONS, Lesson, LessonResult, lesson_result};
pub use longest_poll::{LongestPoll, longest_poll};
pub use narrate::{Narration, Note, headline, narrate, narrate_step};
pub use predict::{Question, question};
pub use python_lines::python_lines;
pub use source::{Quote, TaskAtLine, differing_lines, location_lines, quote, tasks_at_lines};
pub use summary::{Summary, summary, summary_until};
pub use width::{char_columns, columns, fit};
pub use words::{
    event_words, queue_name, resource_words, seconds, status_code, task_label, wait_words,
};
