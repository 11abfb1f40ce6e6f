//! "What if": the list of tasks that could have the next turn, and the branches that were started.

use crate::{
    replay::NextPoll,
    scene::summary_line,
    trace::{Position, TaskId},
    tui::source::RunRequest,
};

/// The list that is open: what can be chosen, and which row of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WhatIf {
    /// The turn that can be given to another; none if nobody has one any more.
    pub(crate) turn: Option<NextPoll>,
    pub(crate) row: usize,
}

/// What a row of the list stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WhatIfRow<'a> {
    /// This task runs first.
    Task(TaskId),
    /// A branch that was started before.
    Branch(&'a Branch),
}

/// A branch that was started.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Branch {
    pub(crate) what: RunRequest,
    /// Where it stood when it was left.
    pub(crate) at: Option<Position>,
}

impl WhatIf {
    /// The rows, from the top.
    pub(crate) fn entries<'a>(&'a self, branches: &'a [Branch]) -> Vec<WhatIfRow<'a>> {
        let tasks = self.turn.iter().flat_map(|turn| &turn.ready);
        let tasks = tasks.map(|task| WhatIfRow::Task(*task));
        tasks
            .chain(branches.iter().map(WhatIfRow::Branch))
            .collect()
    }
}

/// What a branch is called in the list.
pub(crate) fn name(branch: &Branch) -> String {
    summary_line::branch_title(branch.what.variant.clone(), &branch.what.schedule)
}
