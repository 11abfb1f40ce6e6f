//! What events refer to by number: texts, locations in the source, and the fixed properties of
//! tasks.

use std::collections::BTreeMap;

use super::{
    Definition, Event, LocationId, Moment, PollSample, Position, TaskEvent, TaskId, TextId,
    source_lines::SourceLines,
};

/// The texts, locations and tasks of a trace. The tables only grow.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// All texts, joined.
    text: String,
    /// Where each text ends in `text`.
    text_ends: Vec<usize>,
    locations: Vec<Location>,
    /// What is known of the locations that are part of an await chain.
    frames: BTreeMap<LocationId, Frame>,
    tasks: Vec<TaskInfo>,
    /// What was seen of long polls, by the number of polls that had ended before.
    samples: BTreeMap<u64, PollSample>,
    /// What was found at lines of the source, so that it is not searched for again.
    pub(crate) source_lines: SourceLines,
}

/// A location in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the compiler names it.
    pub file: TextId,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A location in an await chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The name of its function.
    pub function: TextId,
    /// The location in the function that awaits this one; unknown for the outermost function.
    pub outer: LocationId,
}

/// The most functions of an await chain that are followed. A screen has fewer rows.
const MOST_FRAMES: usize = 100;

/// The most bytes that the names in an await chain may have, all together. A trace repeats a name by
/// its number, so a file of some kilobytes may contain a chain of a hundred names of megabytes.
const MOST_NAMES: usize = 1 << 16;

/// The properties that a task has from its spawn on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TaskInfo {
    /// Its name.
    pub name: TextId,
    /// Where it was spawned.
    pub at: LocationId,
    /// The task that spawned it; `None` for the main task.
    pub parent: Option<TaskId>,
    /// The position behind the event that spawned it, or behind the gap in which it was spawned.
    pub spawned: Position,
    /// When it was spawned, or when the gap ended.
    pub spawned_at: Moment,
}

/// Makes a character safe to show: returns U+FFFD for a control character, which could command a
/// terminal, for a separator of lines, and for a character that could reorder a text (those with
/// Unicode's property `Bidi_Control`). Characters in `allowed` stay.
pub fn sanitize(c: char, allowed: &str) -> char {
    let is_unsafe = c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        );
    if is_unsafe && !allowed.contains(c) {
        '\u{fffd}'
    } else {
        c
    }
}

/// Whether a text has only printable ASCII characters. They are safe to show, and to test this is much
/// faster than to look at each character.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// A text with each character made safe to show, see [`sanitize`]. File names and messages pass
/// through this function before they reach standard error.
///
/// ```
/// use loopscope::trace::sanitized;
///
/// assert_eq!(sanitized("\u{1b}[2J a\tb", "\t"), "\u{fffd}[2J a\tb");
/// ```
pub fn sanitized(text: &str, allowed: &str) -> String {
    text.chars().map(|c| sanitize(c, allowed)).collect()
}

/// Appends a text as it is shown. A program that prints for a terminal sets colours with
/// `ESC [ numbers m`; these sequences are left out.
fn push_shown(to: &mut String, mut text: &str) {
    if is_plain(text) {
        to.push_str(text);
        return;
    }
    while let Some((before, sequence)) = text.split_once("\x1b[") {
        to.extend(before.chars().map(|c| sanitize(c, "\t")));
        let numbers = |c: char| c.is_ascii_digit() || matches!(c, ';' | ':');
        let behind = sequence.trim_start_matches(numbers);
        text = behind.strip_prefix('m').unwrap_or_else(|| {
            to.push_str("\u{fffd}[");
            sequence
        });
    }
    to.extend(text.chars().map(|c| sanitize(c, "\t")));
}

impl Tables {
    /// Adds a text, a location or a name. Bytes that are not UTF-8 become U+FFFD, and so do
    /// characters that are not safe to show (see [`sanitize`]). Escape sequences that set colours are
    /// left out.
    pub fn define(&mut self, definition: Definition<'_>) {
        match definition {
            Definition::Text(bytes) => {
                push_shown(&mut self.text, &String::from_utf8_lossy(bytes));
                self.text_ends.push(self.text.len());
            }
            Definition::Location(file, line, column) => {
                self.locations.push(Location { file, line, column });
            }
            Definition::Frame {
                file,
                line,
                function,
                outer,
            } => {
                let location = LocationId(self.locations.len().try_into().unwrap_or(u32::MAX));
                self.frames.insert(location, Frame { function, outer });
                let column = 0;
                self.locations.push(Location { file, line, column });
            }
            Definition::Name(task, name) => {
                if let Some(info) = self.tasks.get_mut(task.index()) {
                    info.name = name;
                }
            }
            Definition::PollSample { poll, sample } => drop(self.samples.insert(poll, sample)),
            Definition::Wakes(_) | Definition::Tasks { .. } | Definition::Resume(_) => {}
        }
    }

    /// Adds the tasks that were spawned in a gap, which ends at `position`.
    pub fn add_unseen_tasks(
        &mut self,
        definition: Definition<'_>,
        position: Position,
        now: Moment,
    ) {
        if let Definition::Tasks {
            count,
            name,
            at,
            parent,
        } = definition
        {
            let info = TaskInfo {
                name,
                at,
                parent,
                spawned: position,
                spawned_at: now,
            };
            self.tasks.extend(std::iter::repeat_n(info, count as usize));
        }
    }

    /// Adds the task of a `Spawn` event.
    #[inline]
    pub fn note(&mut self, event: &Event, position: Position, now: Moment) {
        if let Event::Task(TaskEvent::Spawn {
            task: _,
            name,
            at,
            parent,
        }) = *event
        {
            self.tasks.push(TaskInfo {
                name,
                at,
                parent,
                spawned: position,
                spawned_at: now,
            });
        }
    }

    /// About how many bytes they take.
    pub(crate) fn bytes(&self) -> usize {
        self.text.capacity()
            + self.text_ends.capacity() * size_of::<usize>()
            + self.locations.capacity() * size_of::<Location>()
            // The nodes of a map are at least half full.
            + self.frames.len() * size_of::<(LocationId, Frame)>() * 2
            + self.samples.len() * size_of::<(u64, PollSample)>() * 2
            + self.tasks.capacity() * size_of::<TaskInfo>()
    }

    /// A text; empty for an unknown number.
    pub fn text(&self, id: TextId) -> &str {
        let index = id.index();
        let start = if index == 0 {
            0
        } else {
            self.text_ends.get(index - 1).copied().unwrap_or(0)
        };
        let end = self.text_ends.get(index).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    /// A location; `None` for an unknown number.
    pub fn location(&self, id: LocationId) -> Option<Location> {
        self.locations.get(id.index()).copied()
    }

    /// The place of a location in its await chain; `None` if the trace contains no chain for it.
    pub fn frame(&self, id: LocationId) -> Option<Frame> {
        self.frames.get(&id).copied()
    }

    /// The functions that await each other at a location, from the inside outward, each with its
    /// location. Empty if the trace contains no chain for the location.
    ///
    /// A chain that is too long ends early: what a picture or a line of output shows of a chain must
    /// not cost as much as the whole file.
    pub fn await_frames(&self, at: LocationId) -> impl Iterator<Item = (LocationId, Frame)> + '_ {
        let mut next = at;
        let mut left = MOST_NAMES;
        let frames = std::iter::from_fn(move || {
            let (at, frame) = (next, self.frame(next)?);
            let file = self.location(at)?.file;
            let names = self.text(frame.function).len() + self.text(file).len();
            left = left.checked_sub(names)?;
            next = frame.outer;
            Some((at, frame))
        });
        frames.take(MOST_FRAMES)
    }

    /// What was seen of a poll, if it was a long one. `polls` is the number of polls that ended before it.
    pub fn poll_sample(&self, polls: u64) -> Option<PollSample> {
        self.samples.get(&polls).copied()
    }

    /// All locations, in the order of their numbers.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// All tasks of the trace, in the order of their numbers.
    pub fn tasks(&self) -> &[TaskInfo] {
        &self.tasks
    }

    /// The properties of a task.
    pub fn task(&self, task: TaskId) -> Option<&TaskInfo> {
        self.tasks.get(task.index())
    }

    /// The name of a task; `?` if it was lost, empty for an unknown task.
    pub fn task_name(&self, task: TaskId) -> &str {
        self.task(task).map_or("", |info| match info.name {
            TextId::UNKNOWN => "?",
            name => self.text(name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_without_its_colours() {
        let mut tables = Tables::default();
        tables.define(Definition::Text(
            b"\x1b[32mINFO\x1b[0m: \x1b[1;38:5:9mred\x1b[m \x1b[2J\x1b[31",
        ));
        let shown = "INFO: red \u{fffd}[2J\u{fffd}[31";
        assert_eq!(tables.text(TextId(0)), shown);
    }

    /// Tables with a chain of functions that have this name.
    fn chain(name: &[u8], length: u32) -> Tables {
        let mut tables = Tables::default();
        tables.define(Definition::Text(name));
        for at in 0..length {
            tables.define(Definition::Frame {
                file: TextId::UNKNOWN,
                line: 1,
                function: TextId(0),
                outer: at.checked_sub(1).map_or(LocationId::UNKNOWN, LocationId),
            });
        }
        tables
    }

    #[test]
    fn a_chain_is_followed_no_further_than_a_limit() {
        let frames = |tables: &Tables, at| tables.await_frames(LocationId(at)).count();
        let short = chain(b"f", 90);
        assert_eq!(frames(&short, 89), 90);
        assert_eq!(frames(&short, 9), 10);
        assert_eq!(frames(&short, 90), 0);
        assert_eq!(frames(&chain(b"f", 60_000), 59_999), MOST_FRAMES);
        let long = vec![b'f'; MOST_NAMES / 10];
        assert_eq!(frames(&chain(&long, 900), 899), 10);
    }

    #[test]
    fn a_text_cannot_command_a_terminal() {
        let mut tables = Tables::default();
        tables.define(Definition::Text(
            "a\x1b[2Jb\u{9b}c\u{202e}d\te\u{265a}".as_bytes(),
        ));
        tables.define(Definition::Text(&[b'x', 0xff]));
        assert_eq!(
            tables.text(TextId(0)),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\te\u{265a}"
        );
        assert_eq!(tables.text(TextId(1)), "x\u{fffd}");
        assert_eq!(tables.text(TextId(2)), "");
    }
}
