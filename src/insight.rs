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

mod cause;
mod compare;
mod difference;
mod kind;
mod lesson;
mod longest;
mod narrate;
mod obstacle;
mod predict;
mod source;
mod summary;
mod twin;
mod width;
mod words;

pub use cause::{Link, cause, why};
pub use compare::{Comparison, compare};
pub use difference::{
    Difference, Lock, difference_after, difference_before, first_difference, follow,
};
pub use kind::kind_word;
pub use lesson::{LESSONS, Lesson, Taught, taught};
pub use longest::{Turn, longest_turn};
pub use narrate::{Narration, Note, Step, headline, narrate, narrate_step};
pub use obstacle::{obstacles, waits_for_itself};
pub use predict::{Question, question};
pub use source::{Quote, Standing, Stands, differing_lines, location_lines, quote, standing};
pub use summary::{Summary, summary, summary_until};
pub use twin::line_up;
pub use width::{char_columns, columns, fit};
pub use words::{code, event_words, place, resource_words, seconds, task_label, wait_words};
