//! The loop itself: its queues, its three phases, what it records, and how it is set up and steered.

mod builder;
pub(super) mod clock;
pub(super) mod core;
mod current_loop;
mod gate;
mod live_trace;
mod location_cache;
pub(super) mod output;
mod recorder;
pub(super) mod resource;
mod run;
pub(super) mod scheduler;
mod sink;
mod store;
pub(super) mod task_key;
pub(super) mod task_name;
pub(super) mod task_slot;
pub(super) mod thread_loop;
pub(super) mod timers;
pub(super) mod waker;

pub use builder::{Builder, Run};
pub use gate::LoopControl;
pub use live_trace::{LiveTrace, Polling};
pub use output::print_line;
pub use recorder::OutputSource;
pub use run::OnIdle;
pub use store::{Store, StoreHandle};
pub use thread_loop::{WatchOptions, block_on, end, is_inside, watch};
