//! What a reader has found at lines of the source: a line is looked up once, not for each event that
//! names it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::TextId;

/// The most lines that are kept. A program has fewer awaits; beyond them nothing is looked up.
const MOST: usize = 1 << 14;

/// A line of a file, in one of two languages.
pub(crate) type LineKey = (TextId, u32, bool);

/// The number of the line that was found, and the expression in it.
pub(crate) type FoundLine = (u32, Option<String>);

/// The lines that were looked up.
#[derive(Debug, Default)]
pub(crate) struct SourceLines(Mutex<HashMap<LineKey, Option<FoundLine>>>);

/// The copy finds each line anew.
impl Clone for SourceLines {
    fn clone(&self) -> SourceLines {
        SourceLines::default()
    }
}

impl SourceLines {
    /// What was found at a line, or what `find` finds now. `None` if nothing is there, or if too many
    /// lines were looked up.
    pub(crate) fn look_up(
        &self,
        line: LineKey,
        find: impl FnOnce() -> Option<FoundLine>,
    ) -> Option<FoundLine> {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= MOST && !found.contains_key(&line) {
            return None;
        }
        found.entry(line).or_insert_with(find).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_looked_up_once() {
        let lines = SourceLines::default();
        let line = (TextId(1), 7, false);
        assert_eq!(lines.look_up(line, || Some((7, None))), Some((7, None)));
        assert_eq!(lines.look_up(line, || unreachable!()), Some((7, None)));
        assert_eq!(lines.look_up((TextId(1), 8, false), || None), None);
    }
}
