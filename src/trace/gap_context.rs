//! What stays true of a trace when its events are gone: names, places, which task is which.
//!
//! It is kept while records pass by, so that a gap can be written in place of those that are lost.

use std::collections::BTreeMap;

use super::{
    Cursor, Definition, Event, LocationId, TaskEvent, TaskId, TextId,
    encoding::{Record, plus_one, put_record},
    varint::{Reader, put},
};

/// Names, places and tasks by their numbers, as far as they were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GapContext {
    /// Texts that are no output.
    texts: BTreeMap<u32, Vec<u8>>,
    locations: BTreeMap<u32, (TextId, u32, u32)>,
    next_text: u32,
    next_location: u32,
    next_task: u32,
    /// Tasks in a row that differ in nothing but their number, by the first of them.
    tasks: BTreeMap<u32, Spawned>,
    /// Names that were given later.
    names: BTreeMap<u32, TextId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spawned {
    count: u32,
    name: TextId,
    at: LocationId,
    parent: Option<TaskId>,
}

impl Spawned {
    const UNKNOWN: Spawned = Spawned {
        count: 1,
        name: TextId::UNKNOWN,
        at: LocationId::UNKNOWN,
        parent: None,
    };
}

impl GapContext {
    /// Enters a definition.
    pub(crate) fn define(&mut self, definition: &Definition<'_>) {
        match *definition {
            Definition::Text(text) => {
                self.texts.insert(self.next_text, text.to_vec());
                self.next_text += 1;
            }
            Definition::Location(file, line, column) => {
                self.locations
                    .insert(self.next_location, (file, line, column));
                self.next_location += 1;
            }
            Definition::Name(task, name) => drop(self.names.insert(task.0, name)),
            Definition::Tasks {
                count,
                name,
                at,
                parent,
            } => self.spawned(Spawned {
                count,
                name,
                at,
                parent,
            }),
            Definition::Wakes(_) | Definition::Resume(_) => {}
        }
    }

    /// Enters what an event says for good.
    #[inline]
    pub(crate) fn note(&mut self, event: &Event) {
        if matches!(
            event,
            Event::Task(TaskEvent::Spawn { .. } | TaskEvent::Failed { .. }) | Event::Output { .. }
        ) {
            self.note_one(event);
        }
    }

    fn note_one(&mut self, event: &Event) {
        match *event {
            Event::Task(TaskEvent::Spawn {
                name, at, parent, ..
            }) => self.spawned(Spawned {
                count: 1,
                name,
                at,
                parent,
            }),
            // A line is as long as it likes and mostly comes once: it goes with its event.
            Event::Output { text } | Event::Task(TaskEvent::Failed { message: text, .. })
                if text.0.checked_add(1) == Some(self.next_text) =>
            {
                self.texts.remove(&text.0);
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }

    fn spawned(&mut self, new: Spawned) {
        let first = self.next_task;
        self.next_task = first.saturating_add(new.count);
        if let Some(mut last) = self.tasks.last_entry() {
            let last = last.get_mut();
            let same = (last.name, last.at, last.parent) == (new.name, new.at, new.parent);
            if same && let Some(count) = last.count.checked_add(new.count) {
                last.count = count;
                return;
            }
        }
        self.tasks.insert(first, new);
    }

    /// Writes a gap: the records that lead from one place to another when the events between them are lost.
    pub(crate) fn write_gap(&self, from: &Cursor, to: &Cursor, events: u32, out: &mut Vec<u8>) {
        put_record(out, Record::Gap, events.into(), []);
        for number in from.texts()..to.texts() {
            let text = self.texts.get(&number).map_or(&[][..], Vec::as_slice);
            put_record(out, Record::Text, 0, [text.len() as u64]);
            out.extend_from_slice(text);
        }
        for number in from.locations()..to.locations() {
            let unknown = (TextId::UNKNOWN, 0, 0);
            let (file, line, column) = self.locations.get(&number).copied().unwrap_or(unknown);
            let operands = [plus_one(file.0), line.into(), column.into()];
            put_record(out, Record::GapLocation, 0, operands);
        }
        let mut task = from.tasks();
        while task < to.tasks() {
            let row = self.row(task, to.tasks());
            let operands = [
                row.count.into(),
                plus_one(row.name.0),
                plus_one(row.at.0),
                row.parent.map_or(0, |parent| plus_one(parent.0)),
            ];
            put_record(out, Record::UnseenTasks, 0, operands);
            task += row.count;
        }
        to.write_resume(out);
    }

    /// What is known of a task and of how many after it, up to a task.
    fn row(&self, task: u32, until: u32) -> Spawned {
        let renamed = self.names.get(&task).copied();
        let most = self
            .names
            .range(task + 1..)
            .next()
            .map_or(until, |(next, _)| until.min(*next));
        let run = self.tasks.range(..=task).next_back();
        let run = run.filter(|(first, run)| task - **first < run.count);
        let mut row = run.map_or(
            Spawned {
                count: most - task,
                ..Spawned::UNKNOWN
            },
            |(first, run)| Spawned {
                count: (first + run.count).min(most) - task,
                ..*run
            },
        );
        if let Some(name) = renamed {
            (row.count, row.name) = (1, name);
        }
        row
    }

    /// All of it as bytes: numbers are varints.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut to = Vec::new();
        put(&mut to, self.texts.len() as u64);
        for (number, text) in &self.texts {
            put(&mut to, (*number).into());
            put(&mut to, text.len() as u64);
            to.extend_from_slice(text);
        }
        put(&mut to, self.locations.len() as u64);
        for (number, (file, line, column)) in &self.locations {
            for value in [*number, file.0, *line, *column] {
                put(&mut to, value.into());
            }
        }
        put(&mut to, self.tasks.len() as u64);
        for (first, run) in &self.tasks {
            put(&mut to, (*first).into());
            put(&mut to, run.count.into());
            put(&mut to, plus_one(run.name.0));
            put(&mut to, plus_one(run.at.0));
            put(
                &mut to,
                run.parent.map_or(0, |parent| u64::from(parent.0) + 1),
            );
        }
        put(&mut to, self.names.len() as u64);
        for (task, name) in &self.names {
            put(&mut to, (*task).into());
            put(&mut to, name.0.into());
        }
        to
    }

    /// What [`GapContext::encode`] wrote; what is left of it, if it is broken.
    pub(crate) fn decode(bytes: &[u8]) -> GapContext {
        let mut known = GapContext::default();
        let _ = known.fill(&mut Reader::new(bytes));
        known
    }

    fn fill(&mut self, from: &mut Reader<'_>) -> Option<()> {
        for _ in 0..from.varint()? {
            let number = from.u32()?;
            let length = usize::try_from(from.varint()?).ok()?;
            let text = from.slice(length)?;
            self.texts.insert(number, text.to_vec());
        }
        for _ in 0..from.varint()? {
            let number = from.u32()?;
            let place = (TextId(from.u32()?), from.u32()?, from.u32()?);
            self.locations.insert(number, place);
        }
        for _ in 0..from.varint()? {
            let first = from.u32()?;
            let run = Spawned {
                count: from.u32()?.min(u32::MAX - first),
                name: TextId(from.u32()?.wrapping_sub(1)),
                at: LocationId(from.u32()?.wrapping_sub(1)),
                parent: from.u32()?.checked_sub(1).map(TaskId),
            };
            self.tasks.insert(first, run);
        }
        for _ in 0..from.varint()? {
            let task = from.u32()?;
            self.names.insert(task, TextId(from.u32()?));
        }
        Some(())
    }
}
