//! The queue and its items. Look at the capacity: without one, no producer ever waits.

use loopscope::{
    channel::{self, Receiver, Sender},
    scenario::Args,
    trace::Moment,
};

pub(super) struct Item {
    pub(super) name: String,
    pub(super) number: u32,
    pub(super) made: Moment,
}

/// The two ends of the queue.
pub(super) fn queue(args: &Args) -> (Sender<Item>, Receiver<Item>) {
    channel::named("items", args.count("capacity") as usize)
}
