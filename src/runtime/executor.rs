//! The loop: its state, its three phases, its recorder and its controls.
//!
//! | file | content |
//! |---|---|
//! | `builder` | sets up a run and says what it leaves behind |
//! | `thread_loop` | the loop of a thread, which persists from one `block_on` to the next |
//! | `host`, `recall`, `loop_state` | the threads that run loops while their own thread does not; the background loop |
//! | `remote_task` | spawning and awaiting a task of a loop on another thread |
//! | `thread_bound` | tasks whose futures may not leave their thread |
//! | `run`, `run_settings` | the event loop: ticks, waiting, polling, the end |
//! | `core`, `scheduler`, `task_slot` | the state of a loop: ready queue, tasks |
//! | `waits` | what a task declares of its waits |
//! | `current_loop`, `waker` | how a wake reaches the loop, from its own thread and from others |
//! | `task_key`, `task_name` | how a task is addressed and named |
//! | `timers`, `clock` | the timer queue; loop time |
//! | `gate` | pausing, stepping and stopping |
//! | `recorder`, `location_cache`, `resource`, `resource_numbers`, `output` | what is recorded |
//! | `lines` | the program's own line of a poll that lasts long |
//! | `waker_uses` | the line of a wait that is not declared |
//! | `other_threads` | which threads may wake a task while the loop waits |
//! | `live_trace`, `store` | where the records go: to a reader, to a file |

mod builder;
mod byte_queue;
mod byte_text;
pub(super) mod clock;
pub(super) mod core;
mod current_loop;
mod deadline_queue;
mod gate;
mod host;
mod lines;
mod live_trace;
mod location_cache;
mod loop_state;
mod other_threads;
pub(super) mod output;
pub(super) mod ready_queue;
mod recall;
mod record_file;
mod recorder;
pub(super) mod remote_task;
pub(super) mod resource;
mod resource_numbers;
mod run;
mod run_settings;
pub(super) mod scheduler;
mod store;
pub(super) mod task_key;
pub(super) mod task_name;
pub(super) mod task_slot;
pub(super) mod thread_bound;
pub(super) mod thread_loop;
pub(super) mod timers;
pub(super) mod waiter;
mod waits;
pub(super) mod waker;
mod waker_uses;

pub use builder::{Builder, Run};
pub use gate::LoopControl;
pub use live_trace::{LiveTrace, Polling};
pub use output::print_line;
pub use record_file::{RecordFile, size_limit};
pub use recorder::OutputSource;
pub use run::ChoiceRefused;
pub use run_settings::OnIdle;
pub use store::{Store, StoreHandle};
pub use thread_loop::{PrepareBackground, WatchOptions, block_on, end, is_inside, leave, watch};

/// Fails to compile unless the types through which other threads reach a loop may cross threads.
fn _ensure_send_and_sync() {
    fn is_send<T: Send>() {}
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<StoreHandle>();
    is_send_and_sync::<waker::WakeHandle>();
    is_send::<waker::Message>();
    is_send::<loop_state::LoopState>();
}
