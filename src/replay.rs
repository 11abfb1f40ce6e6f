//! Time travel: the state of the loop at any position of a trace.
//!
//! ```text
//!   Log ──> Index::extend (once, as bytes come in)          Replay::seek(position)
//!             ├─ bookmarks   a cursor every 1,024 events       nearest state that is kept,
//!             ├─ keyframes   a whole State now and then        then State::apply forward
//!             ├─ lanes       what each task did per block
//!             └─ outputs, errors, gaps, history (shared values, late timers), tables
//! ```
//!
//! [`State`] is the loop at a position. `State::apply` is the only function that says what an event
//! means; everything else here is bookkeeping to get to a state quickly. The property that holds it
//! together: for any path of seeks, the state equals the fold of all events before the position.
//!
//! Readers of a part of a trace use [`Replay::steps`], which yields each event with the state
//! before it.
//!
//! After a [gap](crate::trace::Event::Gap), unfinished tasks are [`Status::Unknown`] until their
//! next event.

#![warn(clippy::wildcard_enum_match_arm)]

mod definition_skips;
mod groups;
mod history;
mod holdings;
mod index;
mod landmarks;
mod lanes;
mod long_texts;
mod position;
#[cfg(feature = "formats")]
mod queue_fold;
#[cfg(all(test, feature = "formats"))]
mod skip_tests;
mod slot_table;
mod slots;
mod state;
mod steps;
mod task;
mod task_page;
mod task_phase;
mod task_table;
mod timeline;

pub use groups::GroupProgress;
pub use history::{Access, History, LateTimer, ValueHistory};
pub use holdings::{Holding, Holdings, LastOp};
pub use index::{Gap, Index, OutputLine};
pub use landmarks::NextPoll;
pub use position::Replay;
pub use slots::{ResourceState, TimerState, WaitingCallback};
pub use state::{Running, State, TickPhase};
pub use steps::{EventStep, Predicate, ScanResult, Steps};
pub use task::TaskState;
pub(crate) use task_phase::PhaseChange;
pub use task_phase::{Status, TaskPhase};
pub use task_table::Tasks;
pub use timeline::{Axis, Cell, Timeline, Window};

pub(crate) use lanes::BLOCK;
#[cfg(feature = "formats")]
pub(crate) use queue_fold::{FoldedTask, QueueFold};
pub(crate) use slot_table::SlotTable;
