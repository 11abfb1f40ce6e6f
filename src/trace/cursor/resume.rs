//! Reading on behind a gap: the state of a cursor as bytes, and the checks before a cursor takes it
//! over.
//!
//! [`gap_context`](crate::trace::gap_context) tells how a gap is written, and why it is safe.

use super::{Cursor, Definition, Reader, decode::narrow};
use crate::trace::{
    LocationId, Moment, TaskId, TextId, WokenBy,
    encoding::{Record, put_record},
    varint::put,
};

/// The most tasks of gaps in one trace. A reader keeps a row for each task, and one short record
/// declares any number of them, so without a limit a few bytes could request all of the memory.
pub(crate) const MAX_UNSEEN: u32 = 1 << 20;

impl Cursor {
    /// Writes the `RESUME` record that gives a cursor the state of this one, without its offset.
    pub(crate) fn write_resume(&self, to: &mut Vec<u8>) {
        put_record(to, Record::Resume, 0, self.numbers());
    }

    /// The operands of the `RESUME` record as bare varints.
    pub(crate) fn encode(&self, to: &mut Vec<u8>) {
        for number in self.numbers() {
            put(to, number);
        }
    }

    /// All but the offset, in the order of the record's operands.
    fn numbers(&self) -> [u64; 11] {
        [
            self.now.0,
            self.polls,
            self.ticks,
            self.last.into(),
            self.tasks.into(),
            self.texts.into(),
            self.locations.into(),
            self.last_name.0.into(),
            self.last_place.0.into(),
            resume_code(self.actor).into(),
            self.actor.number().unwrap_or(0).into(),
        ]
    }

    /// Reads what [`Cursor::encode`] wrote; `None` if it is something else. The offset is 0.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Cursor> {
        let mut reader = Reader::new(bytes);
        let cursor = decode(&mut reader)?;
        reader.is_at_end().then_some(cursor)
    }

    /// How many texts have been defined.
    pub(crate) fn texts(&self) -> u32 {
        self.texts
    }

    /// How many locations have been defined.
    pub(crate) fn locations(&self) -> u32 {
        self.locations
    }

    /// How many texts and locations a gap from here to `later` would define; `None` if `later` is an
    /// earlier place.
    pub(crate) fn gap_size_to(&self, later: &Cursor) -> Option<u64> {
        let texts = later.texts.checked_sub(self.texts)?;
        let locations = later.locations.checked_sub(self.locations)?;
        later.tasks.checked_sub(self.tasks)?;
        Some(u64::from(texts) + u64::from(locations))
    }

    /// Whether the same texts, locations and tasks have been defined at another place.
    pub(crate) fn defines_same_as(&self, other: &Cursor) -> bool {
        (self.texts, self.locations, self.tasks) == (other.texts, other.locations, other.tasks)
    }

    /// This place, later: behind a gap that ends at `now`, with these numbers of polls and ticks, and
    /// in the poll of this task. Nothing goes back.
    #[cfg(feature = "formats")]
    pub(crate) fn behind_gap(
        &self,
        now: Moment,
        polls: u64,
        ticks: u64,
        running: Option<TaskId>,
    ) -> Cursor {
        Cursor {
            now: now.max(self.now),
            polls: polls.max(self.polls),
            ticks: ticks.max(self.ticks),
            last: running.map_or(self.last, |task| task.0),
            actor: running.map_or(WokenBy::Loop, WokenBy::Task),
            ..*self
        }
    }

    /// Takes over the state of a `RESUME` record, if it can follow this one: time, polls and ticks
    /// do not go back, and exactly the tasks, texts and locations that it counts have been defined.
    pub(super) fn resume<'a>(&mut self, reader: &mut Reader<'_>) -> Option<Definition<'a>> {
        let there = decode(reader)?;
        let can_follow = there.now >= self.now
            && there.polls >= self.polls
            && there.ticks >= self.ticks
            && (there.tasks, there.texts, there.locations)
                == (self.tasks, self.texts, self.locations);
        if !can_follow {
            return None;
        }
        *self = Cursor {
            offset: self.offset,
            unseen: self.unseen,
            ..there
        };
        Some(Definition::Resume(self.actor))
    }

    /// Reads a run of tasks that were spawned in a gap.
    pub(super) fn unseen_tasks<'a>(&mut self, from: &mut Reader<'_>) -> Option<Definition<'a>> {
        let [count, name, at, parent] = from.operands(Record::UnseenTasks, 0)?;
        let count = narrow(count)?;
        let name = self.known_text_or_unknown(narrow(name)?)?;
        let at = self.known_location(narrow(at)?)?;
        let parent = narrow(parent)?.checked_sub(1);
        let parent = parent.map(|task| TaskId(task.min(self.tasks.saturating_sub(1))));
        let unseen = self.unseen.checked_add(count)?;
        if unseen > MAX_UNSEEN {
            return None;
        }
        self.unseen = unseen;
        self.tasks = self.tasks.checked_add(count)?;
        Some(Definition::Tasks {
            count,
            name,
            at,
            parent,
        })
    }
}

fn decode(reader: &mut Reader<'_>) -> Option<Cursor> {
    let [now, polls, ticks, numbers @ ..]: [u64; 11] = reader.operands(Record::Resume, 0)?;
    let mut small = [0; 8];
    for (small, number) in small.iter_mut().zip(numbers) {
        *small = narrow(number)?;
    }
    let [
        last,
        tasks,
        texts,
        locations,
        last_name,
        last_place,
        actor,
        number,
    ] = small;
    let cursor = Cursor {
        now: Moment(now),
        polls,
        ticks,
        last,
        tasks,
        texts,
        locations,
        last_name: TextId(last_name),
        last_place: LocationId(last_place),
        actor: from_resume_code(actor, number)?,
        ..Cursor::START
    };
    // What the state names must be among what it counts.
    let is_consistent = cursor.last < cursor.tasks.max(1)
        && match cursor.actor {
            WokenBy::Task(task) => task.0 < cursor.tasks,
            WokenBy::Thread(text) => text.0 < cursor.texts,
            WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Loop
            | WokenBy::Unknown => true,
        };
    is_consistent.then_some(cursor)
}

/// The number of kinds of actors.
const ACTORS: u8 = 7;

/// The code of an actor in a `RESUME` record. The list is the one of an `ACTOR` record, but begins
/// with the task and ends with the unknown actor.
fn resume_code(actor: WokenBy) -> u8 {
    (actor.code() + ACTORS - 1) % ACTORS
}

fn from_resume_code(code: u32, number: u32) -> Option<WokenBy> {
    let code = u8::try_from(code).ok().filter(|code| *code < ACTORS)?;
    WokenBy::from_code((code + 1) % ACTORS, number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{CallbackId, TimerId};

    /// Files contain these bytes, so they must never change.
    #[test]
    fn a_resume_record_keeps_its_bytes() {
        let actors = [
            (WokenBy::Task(TaskId(8)), [0, 8]),
            (WokenBy::Callback(CallbackId(3)), [1, 3]),
            (WokenBy::Timer(TimerId(4)), [2, 4]),
            (WokenBy::Io, [3, 0]),
            (WokenBy::Thread(TextId(5)), [4, 5]),
            (WokenBy::Loop, [5, 0]),
            (WokenBy::Unknown, [6, 0]),
        ];
        for (actor, tail) in actors {
            let cursor = Cursor {
                now: Moment(300),
                polls: 2,
                ticks: 1,
                last: 8,
                tasks: 9,
                texts: 6,
                locations: 7,
                last_name: TextId(5),
                last_place: LocationId::UNKNOWN,
                actor,
                ..Cursor::START
            };
            let mut bytes = Vec::new();
            cursor.write_resume(&mut bytes);
            let head = [
                0xeb, 0xac, 2, 2, 1, 8, 9, 6, 7, 5, 0xff, 0xff, 0xff, 0xff, 15,
            ];
            assert_eq!(bytes, [&head[..], &tail].concat());
            assert_eq!(Cursor::decode(&bytes[1..]), Some(cursor));
        }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor {
            now: Moment(u64::MAX),
            polls: 300,
            tasks: 9,
            last: 8,
            last_place: LocationId::UNKNOWN,
            actor: WokenBy::Task(TaskId(8)),
            ..Cursor::START
        };
        let mut bytes = Vec::new();
        cursor.encode(&mut bytes);
        assert_eq!(Cursor::decode(&bytes), Some(cursor));
        bytes.push(0);
        assert_eq!(Cursor::decode(&bytes), None, "a byte too many");
        assert_eq!(Cursor::decode(&bytes[..4]), None, "cut off");
    }
}
