//! The loop itself: its queues, its three phases, what it records, and how it is set up and steered.

mod builder;
pub(super) mod clock;
pub(super) mod core;
mod drive;
mod feed;
mod gate;
mod outlet;
pub(super) mod output;
mod recorder;
pub(super) mod resource;
mod run;
pub(super) mod standing;
mod store;
pub(super) mod timers;
pub(super) mod waker;

pub use builder::{Builder, Quiet, Run};
pub use feed::{Feed, Polling};
pub use gate::Remote;
pub use output::print_line;
pub use recorder::Printed;
pub use standing::{Wanted, block_on_standing, end, is_inside, watch};
pub use store::Store;
