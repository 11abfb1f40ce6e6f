//! Decoding of definitions: the records that are not events. Each is read to its end before it changes
//! the cursor.

use super::{Cursor, Definition, Reader, decode::narrow};
use crate::trace::{LocationId, PollSample, Span, TaskId, TextId, WokenBy, encoding::Record};

impl Cursor {
    /// Reads a definition. `None` if the record is an event, if it makes no sense, or if it is cut
    /// off.
    pub(super) fn decode_definition<'a>(
        &mut self,
        record: Record,
        from: &mut Reader<'a>,
    ) -> Option<Definition<'a>> {
        match record {
            Record::WakesFrom => self.wakes_from(from),
            Record::Actor => self.set_actor(from),
            Record::Text => self.text(from),
            Record::Location => {
                let [file, line, column] = from.operands(record, 0)?;
                let file = self.known_text(narrow(file)?)?;
                self.location(file, line, column)
            }
            Record::GapLocation => {
                let [file, line, column] = from.operands(record, 0)?;
                let file = self.known_text_or_unknown(narrow(file)?)?;
                self.location(file, line, column)
            }
            Record::Frame => self.frame(from),
            Record::Name => {
                let [task, name] = from.operands(record, 0)?;
                let (task, name) = (narrow(task)?, self.known_text(narrow(name)?)?);
                (task < self.tasks).then_some(Definition::Name(TaskId(task), name))
            }
            Record::Resume => self.resume(from),
            Record::UnseenTasks => self.unseen_tasks(from),
            Record::PollSample => self.poll_sample(from),
            Record::TickStart
            | Record::TickEnd
            | Record::Park
            | Record::ParkUntil
            | Record::Advance
            | Record::Timers
            | Record::Run
            | Record::Gap
            | Record::Spawn
            | Record::Wake
            | Record::WakeRedundant
            | Record::WakeLate
            | Record::PollStart
            | Record::PollPending
            | Record::PollReady
            | Record::PollPanicked
            | Record::PollCancelled
            | Record::Wait
            | Record::WaitAlso
            | Record::Failed
            | Record::CancelRequested
            | Record::CancelDelivered
            | Record::TimerSet
            | Record::TimerFired
            | Record::TimerCancelled
            | Record::ResourceCreated
            | Record::ResourceDropped
            | Record::Op
            | Record::CallbackScheduled
            | Record::CallbackStart
            | Record::CallbackEnd
            | Record::Output
            | Record::End
            | Record::PollFailed
            | Record::HandleDropped
            | Record::OtherWait
            | Record::Joined
            | Record::OutputAt
            | Record::ResourceMember
            | Record::ResourceBytes
            | Record::ResourceFirstUsed => None,
        }
    }

    /// The thread that the next wakes come from, as its text + 1; 0 for I/O.
    fn wakes_from<'a>(&mut self, from: &mut Reader<'_>) -> Option<Definition<'a>> {
        let [thread] = from.operands(Record::WakesFrom, 0)?;
        self.actor = match narrow(thread)?.checked_sub(1) {
            None => WokenBy::Io,
            Some(text) => WokenBy::Thread(self.known_text(text)?),
        };
        Some(Definition::Wakes(self.actor))
    }

    /// An actor that is a task is also the one that tasks are written as a difference to, and its
    /// poll ends next.
    fn set_actor<'a>(&mut self, from: &mut Reader<'_>) -> Option<Definition<'a>> {
        let [code, number] = from.operands(Record::Actor, 0)?;
        let actor = WokenBy::from_code(u8::try_from(code).ok()?, narrow(number)?)?;
        match actor {
            WokenBy::Task(task) if task.0 < self.tasks => self.last = task.0,
            WokenBy::Task(_) => return None,
            WokenBy::Thread(text) => drop(self.known_text(text.0)?),
            WokenBy::Callback(_)
            | WokenBy::Timer(_)
            | WokenBy::Io
            | WokenBy::Loop
            | WokenBy::Unknown => {}
        }
        self.actor = actor;
        Some(Definition::Wakes(actor))
    }

    fn text<'a>(&mut self, from: &mut Reader<'a>) -> Option<Definition<'a>> {
        let [length] = from.operands(Record::Text, 0)?;
        let text = from.slice(usize::try_from(length).ok()?)?;
        self.texts = self.texts.checked_add(1)?;
        Some(Definition::Text(text))
    }

    fn location<'a>(&mut self, file: TextId, line: u64, column: u64) -> Option<Definition<'a>> {
        let (line, column) = (narrow(line)?, narrow(column)?);
        self.locations = self.locations.checked_add(1)?;
        Some(Definition::Location(file, line, column))
    }

    fn frame<'a>(&mut self, from: &mut Reader<'_>) -> Option<Definition<'a>> {
        let [file, line, function, outer] = from.operands(Record::Frame, 0)?;
        let outer = match narrow(outer)?.checked_sub(1) {
            Some(outer) if outer >= self.locations => return None,
            outer => outer.map_or(LocationId::UNKNOWN, LocationId),
        };
        let frame = Definition::Frame {
            file: self.known_text(narrow(file)?)?,
            line: narrow(line)?,
            function: self.known_text_or_unknown(narrow(function)?)?,
            outer,
        };
        self.locations = self.locations.checked_add(1)?;
        Some(frame)
    }

    fn poll_sample<'a>(&self, from: &mut Reader<'_>) -> Option<Definition<'a>> {
        let [at, processor] = from.operands(Record::PollSample, 0)?;
        let sample = PollSample {
            at: self.known_location(narrow(at)?)?,
            processor: processor.checked_sub(1).map(Span),
        };
        let poll = self.polls;
        Some(Definition::PollSample { poll, sample })
    }

    /// A text that is written plus one, with 0 for unknown.
    pub(super) fn known_text_or_unknown(&self, plus_one: u32) -> Option<TextId> {
        match plus_one.checked_sub(1) {
            None => Some(TextId::UNKNOWN),
            Some(text) => self.known_text(text),
        }
    }
}
