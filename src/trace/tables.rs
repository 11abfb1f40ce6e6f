//! What events refer to by number: texts, places in the source, and what never changes about a task.

use super::{Definition, Event, LocationId, Moment, Position, TaskEvent, TaskId, TextId};

/// The side tables of a trace. They only grow.
#[derive(Debug, Default)]
pub struct Tables {
    /// All texts, one after the other.
    text: String,
    /// Where each text ends in it.
    text_ends: Vec<usize>,
    locations: Vec<Location>,
    tasks: Vec<TaskInfo>,
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file, as the compiler names it.
    pub file: TextId,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// What is known of a task from the moment it is spawned.
#[derive(Clone, Copy, Debug)]
pub struct TaskInfo {
    /// Its name.
    pub name: TextId,
    /// Where it was spawned.
    pub at: LocationId,
    /// Which task spawned it.
    pub parent: Option<TaskId>,
    /// The event that spawned it is the one before this position.
    pub spawned: Position,
    /// When.
    pub spawned_at: Moment,
}

/// A character as it may be shown: U+FFFD in place of one that would command a terminal (control characters) or make it
/// show a text in another order than it has (bidirectional overrides), unless it is one of `allowed`.
pub fn sanitize(c: char, allowed: &str) -> char {
    let reorders = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if (c.is_control() || reorders) && !allowed.contains(c) {
        '\u{fffd}'
    } else {
        c
    }
}

impl Tables {
    /// Enters a definition. Bytes that are no UTF-8 become U+FFFD, and so does what no terminal should be sent.
    pub fn define(&mut self, definition: Definition<'_>) {
        match definition {
            Definition::Text(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                self.text.extend(text.chars().map(|c| sanitize(c, "\t")));
                self.text_ends.push(self.text.len());
            }
            Definition::Location(file, line, column) => {
                self.locations.push(Location { file, line, column });
            }
            Definition::Name(task, name) => {
                if let Some(info) = self.tasks.get_mut(task.index()) {
                    info.name = name;
                }
            }
            Definition::Wakes(_) | Definition::Tasks { .. } | Definition::Resume(_) => {}
        }
    }

    /// Enters tasks that nobody saw being spawned. They are found at `position`, behind the gap.
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

    /// Enters what an event says for good: a spawn makes a task.
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

    /// A text; empty if there is none with this number.
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

    /// A place in the source, if it is known.
    pub fn location(&self, id: LocationId) -> Option<Location> {
        self.locations.get(id.index()).copied()
    }

    /// All places, in the order of their numbers.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// All tasks of the whole trace, in the order of their numbers.
    pub fn tasks(&self) -> &[TaskInfo] {
        &self.tasks
    }

    /// What is known of a task.
    pub fn task(&self, task: TaskId) -> Option<&TaskInfo> {
        self.tasks.get(task.index())
    }

    /// What a task is called; empty for one that is not there, `?` if it is not known.
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
    fn no_text_commands_a_terminal() {
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
