//! Where in the source a task is: the chain of functions that await each other, and the line that
//! was executed last.
//!
//! A trace knows two places of a task: the line that spawned it and the `.await` at which it
//! suspends. The functions between the two are not recorded. They follow from the source that the
//! trace contains.

use crate::replay::Replay;
use crate::trace::TaskId;

/// A function of a task that waits: the next function, or the wait itself, is at `line`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitFrame {
    /// The name of the function.
    pub function: String,
    /// The name of the source file, as the trace contains it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// The functions that a task is in, from its own async function to the await that suspends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AwaitChain {
    /// The frames, outermost first. Empty if the trace does not contain the source.
    pub frames: Vec<AwaitFrame>,
    /// Whether the source and the trace leave only this chain. Otherwise it is a guess, and what
    /// shows it has to say so.
    pub known: bool,
}

/// The chain of functions of a task at the position of the replay. Of a task that is polled or has
/// ended, the chain at its last await.
pub fn await_chain(_replay: &Replay, _task: TaskId) -> AwaitChain {
    AwaitChain::default()
}

/// A line of the source that a task has executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutedLine {
    /// The name of the source file, as the trace contains it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The task that executed it.
    pub task: TaskId,
    /// Whether the line is certain. Otherwise it is a guess, or only the function is certain.
    pub known: bool,
}

/// The line that was executed last before the position of the replay: a spawn, an output, an await,
/// the creation of a resource, the end of a function. `None` if the trace does not contain the
/// source.
pub fn current_line(_replay: &Replay) -> Option<ExecutedLine> {
    None
}
