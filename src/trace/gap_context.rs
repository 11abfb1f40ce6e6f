//! What must outlive the events that define it: names, locations and the identity of tasks.
//!
//! # Gaps
//!
//! Events get lost in two ways: a chunk of a file is damaged, or the flight recorder discards its
//! oldest block. The records behind the lost ones are relative to a [`Cursor`] that has seen them.
//! A gap is a short sequence of records that takes a reader from the cursor before the loss to the
//! one behind it:
//!
//! 1. `GAP`, with the number of lost events.
//! 2. One text and one location for each that was defined in the lost part. Their content comes
//!    from the context. A text that it does not have is empty, and a location unknown.
//! 3. The tasks that were spawned in the lost part, in runs of equal ones.
//! 4. `RESUME`, with the state of the cursor behind the loss.
//!
//! A trace with a gap is therefore a trace like any other, and no reader needs a special case.
//!
//! # Why a gap is safe
//!
//! A gap may be built from a header that a damaged or hostile file contains. Three properties hold
//! whatever that header claims:
//!
//! * **Every number behind a gap exists.** A cursor accepts `RESUME` only if exactly the tasks,
//!   texts and locations that it counts have been defined (step 2 and 3), and a record that names
//!   another one is rejected anyway. So no reader looks up a number that is not in its tables.
//! * **Nothing goes back.** A cursor rejects a `RESUME` whose time, polls or ticks are lower than
//!   its own. So readers may rely on time and counts that only grow.
//! * **Memory is bounded by the size of the file.** Step 2 writes a record for each text and each
//!   location. The reader of a file refuses a gap if all of its gaps together would define more of
//!   them than the file has bytes, plus a constant (see `Recording::gap`). Tasks are declared in
//!   runs, which take a few bytes for any number; a cursor therefore limits them to about a million
//!   in a trace, and a reader keeps no row for a task before its first event.
//!
//! What a gap cannot restore is the status of tasks. Readers set it to unknown until the next event
//! of the task.

use std::collections::BTreeMap;

use super::{
    Cursor, Definition, Event, LocationId, TaskEvent, TaskId, TextId,
    encoding::{Record, plus_one, put_record},
    varint::{Reader, put},
};

/// Names, locations and tasks by number, as far as their definitions were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GapContext {
    /// Texts, except output and messages of failures.
    texts: BTreeMap<u32, Vec<u8>>,
    locations: BTreeMap<u32, (TextId, u32, u32)>,
    next_text: u32,
    next_location: u32,
    next_task: u32,
    /// Runs of tasks that differ only in their number, by the first task of each.
    tasks: BTreeMap<u32, TaskRun>,
    /// Names that tasks got after their spawn.
    names: BTreeMap<u32, TextId>,
}

/// Tasks in a row that have the same name, location and parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TaskRun {
    count: u32,
    name: TextId,
    at: LocationId,
    parent: Option<TaskId>,
}

impl TaskRun {
    const UNKNOWN: TaskRun = TaskRun {
        count: 1,
        name: TextId::UNKNOWN,
        at: LocationId::UNKNOWN,
        parent: None,
    };
}

impl GapContext {
    /// Adds a definition.
    pub(crate) fn add_definition(&mut self, definition: &Definition<'_>) {
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
            // The chain is lost in a gap; the location is not.
            Definition::Frame { file, line, .. } => {
                self.locations.insert(self.next_location, (file, line, 0));
                self.next_location += 1;
            }
            Definition::Name(task, name) => drop(self.names.insert(task.0, name)),
            Definition::Tasks {
                count,
                name,
                at,
                parent,
            } => self.add_run(TaskRun {
                count,
                name,
                at,
                parent,
            }),
            Definition::Wakes(_) | Definition::Resume(_) | Definition::PollSample { .. } => {}
        }
    }

    /// Adds the task of a spawn, and forgets the text of a line of output, of a failure:
    /// it can be long, it rarely repeats, and it is lost with its event.
    pub(crate) fn add_event(&mut self, event: &Event) {
        let (Event::Output { text, .. } | Event::Task(TaskEvent::Failed { message: text, .. })) =
            *event
        else {
            if let Event::Task(TaskEvent::Spawn {
                name, at, parent, ..
            }) = *event
            {
                self.add_run(TaskRun {
                    count: 1,
                    name,
                    at,
                    parent,
                });
            }
            return;
        };
        if text.0.checked_add(1) == Some(self.next_text) {
            self.texts.remove(&text.0);
        }
    }

    fn add_run(&mut self, new: TaskRun) {
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

    /// Writes the gap between two cursors, in the four steps above.
    pub(crate) fn write_gap(&self, from: &Cursor, to: &Cursor, events: u64, out: &mut Vec<u8>) {
        put_record(out, Record::Gap, events, []);
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
            let run = self.run_from(task, to);
            let operands = [
                run.count.into(),
                plus_one(run.name.0),
                plus_one(run.at.0),
                run.parent.map_or(0, |parent| plus_one(parent.0)),
            ];
            put_record(out, Record::UnseenTasks, 0, operands);
            task += run.count;
        }
        to.write_resume(out);
    }

    /// The longest run of equal tasks that begins with `task` and ends before `until`: a part of a
    /// run of the context, up to the next task that was renamed.
    ///
    /// A task that gets its name behind the gap has its old one here: the text of the new one does
    /// not exist yet, and the record that gives it follows.
    fn run_from(&self, task: u32, to: &Cursor) -> TaskRun {
        let until = to.tasks();
        let renamed = self.names.get(&task).copied();
        let renamed = renamed.filter(|name| name.0 < to.texts());
        let most = self
            .names
            .range(task + 1..)
            .next()
            .map_or(until, |(next, _)| until.min(*next));
        let run = self.tasks.range(..=task).next_back();
        let run = run.filter(|(first, run)| task - **first < run.count);
        let mut row = run.map_or(
            TaskRun {
                count: most - task,
                ..TaskRun::UNKNOWN
            },
            |(first, run)| TaskRun {
                count: (first + run.count).min(most) - task,
                ..*run
            },
        );
        if let Some(name) = renamed {
            (row.count, row.name) = (1, name);
        }
        row
    }

    /// The payload of a file's `TABLES` chunk. All numbers are varints.
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

    /// Reads what [`GapContext::encode`] wrote, up to the first error, and at most `most` entries.
    pub(crate) fn decode(bytes: &[u8], most: u64) -> GapContext {
        let mut context = GapContext::default();
        let _ = context.fill(&mut Reader::new(bytes), most);
        context
    }

    fn fill(&mut self, from: &mut Reader<'_>, most: u64) -> Option<()> {
        let mut left = most;
        let mut count = |entries: u64| {
            let within = entries.min(left);
            left -= within;
            within
        };
        for _ in 0..count(from.varint()?) {
            let number = from.u32()?;
            let length = usize::try_from(from.varint()?).ok()?;
            let text = from.slice(length)?;
            self.texts.insert(number, text.to_vec());
        }
        for _ in 0..count(from.varint()?) {
            let number = from.u32()?;
            let location = (TextId(from.u32()?), from.u32()?, from.u32()?);
            self.locations.insert(number, location);
        }
        for _ in 0..count(from.varint()?) {
            let first = from.u32()?;
            let run = TaskRun {
                count: from.u32()?.min(u32::MAX - first),
                name: TextId(from.u32()?.wrapping_sub(1)),
                at: LocationId(from.u32()?.wrapping_sub(1)),
                parent: from.u32()?.checked_sub(1).map(TaskId),
            };
            self.tasks.insert(first, run);
        }
        for _ in 0..count(from.varint()?) {
            let task = from.u32()?;
            self.names.insert(task, TextId(from.u32()?));
        }
        Some(())
    }
}
