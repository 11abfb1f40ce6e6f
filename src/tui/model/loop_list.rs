//! The loops of a program that has several, such as one for each thread.
//!
//! One loop of the program is on the screen: its [`RunPane`] is among the model's panes. The panes of
//! the other loops are here. They receive the records of their loops as well, and keep their own
//! positions, marks and breakpoints. If the user chooses another loop, the two panes change places.

use super::run_pane::RunPane;

/// The loops of the program that is on the screen.
#[derive(Debug, Default)]
pub(crate) struct LoopList {
    /// The names of all loops: that of the main thread, then the others in the order in which they
    /// started. Empty if there is one loop.
    pub(super) names: Vec<String>,
    /// The loops that are not on the screen. The shell keeps their sources in the same order.
    pub(crate) hidden: Vec<RunPane>,
    /// Whether the user has pressed a key since the program was opened. If so, the screen does not
    /// change to another loop by itself.
    pub(crate) is_touched: bool,
}

impl LoopList {
    /// How many loops there are; 0 if the program has one.
    pub(crate) fn count(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, number: usize) -> &str {
        self.names.get(number).map_or("", String::as_str)
    }
}
