//! Time travel: the state of the loop at any position of a trace.
//!
//! ```text
//!   Log ──> Index::extend (once, as bytes come in)          Replay::seek(position)
//!             ├─ bookmarks   a cursor every 1,024 events       nearest keyframe, or where we are,
//!             ├─ keyframes   a whole State now and then        then State::apply forward
//!             ├─ lanes       what each task did per block
//!             └─ outputs, errors, history (shared values, late timers), side tables
//! ```
//!
//! Behind a [gap](crate::trace::Event::Gap) tasks are [`Status::Unknown`] until something is heard of them.
//!
//! [`State::apply`] is the one place that says what an event means; everything else is bookkeeping to get there
//! quickly. There are no inverse events: to go back is to seek to an earlier position. The property that holds it
//! together: for any path of seeks, the state equals the fold of the prefix.

#![warn(clippy::wildcard_enum_match_arm)]

mod history;
mod index;
mod next_poll;
mod position;
mod resource;
mod scan;
mod slots;
mod state;
mod steps;
mod task;
mod task_phase;
mod timeline;
mod timer;
mod trim;

pub use history::{Access, History, LateTimer, ValueHistory};
pub use index::{BLOCK, Gap, Index, OutputLine};
pub use next_poll::NextPoll;
pub use position::Replay;
pub use resource::ResourceState;
pub use scan::{Predicate, ScanResult};
pub use state::{Running, State, TickPhase, WaitingCallback};
pub use steps::{EventStep, Steps};
pub use task::{Status, TaskState, Tasks};
pub use task_phase::TaskPhase;
pub use timeline::{Axis, Cell, Timeline, Window};
pub use timer::TimerState;
