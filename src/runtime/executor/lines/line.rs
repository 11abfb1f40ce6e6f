//! A line of the program's source.

use std::sync::Arc;

/// A line of the program's source, as the debug information tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::runtime::executor) struct DebugLine {
    /// The file, with its whole path.
    pub(in crate::runtime::executor) file: Arc<str>,
    /// Its line, from 1.
    pub(in crate::runtime::executor) line: u32,
    /// The column, from 1; 0 if it is unknown.
    pub(in crate::runtime::executor) column: u32,
}
