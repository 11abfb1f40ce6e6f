//! The queue, and what lies in it. Look at the capacity: it alone decides whether a producer ever waits.

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

/// The queue: its two ends.
pub(super) fn queue(args: &Args) -> (Sender<Item>, Receiver<Item>) {
    channel::named("items", args.count("capacity") as usize)
}
