//! Our own form in lines of JSON: `docs/jsonl.md` says what stands in them.

mod fields;
mod head;

use std::{collections::HashMap, io::BufRead};

use crate::trace::{
    CallbackEvent, CallbackId, Event, LocationId, LoopEvent, Moment, PollOutcome, ResourceEvent,
    ResourceId, TaskEvent, TaskId, TextId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
};

use super::{
    ImportError, Imported, TraceBuilder,
    json_lines::{JsonLine, JsonLines},
};
use fields::Fields;

pub(super) fn read(from: impl BufRead) -> Result<Imported, ImportError> {
    let mut lines = JsonLines::new(from);
    let JsonLine::Object(object) = lines.next()? else {
        return Err(ImportError::Empty("there is no first line"));
    };
    let meta = head::read(&Fields(&object)).map_err(|what| lines.wrong(what))?;
    let mut reader = JsonlReader::default();
    let mut notes = Vec::new();
    loop {
        match lines.next()? {
            JsonLine::Object(object) => reader
                .line(&Fields(&object))
                .map_err(|what| lines.wrong(what))?,
            JsonLine::Cut => {
                notes.push(format!(
                    "it breaks off in line {}; what comes before is shown",
                    lines.number
                ));
                break;
            }
            JsonLine::End => break,
        }
    }
    Ok(Imported {
        log: reader.to.finish(meta),
        notes,
    })
}

#[derive(Default)]
struct JsonlReader {
    to: TraceBuilder,
    /// Whoever writes such a file may number tasks and callbacks in its own way.
    tasks: HashMap<u64, TaskId>,
    callbacks: HashMap<u64, CallbackId>,
}

impl JsonlReader {
    fn line(&mut self, line: &Fields<'_>) -> Result<(), String> {
        let word = line.text("e")?;
        if word == "name" {
            let (task, name) = (self.task(line.number("task")?)?, line.text("name")?);
            return self.to.rename(task, name).map_err(|what| what.to_string());
        }
        let at = line.optional_number("t")?.map(Moment);
        let at = at.unwrap_or(self.to.now());
        let event = self
            .of_tasks(word, line, at)
            .or_else(|| self.of_things(word, line))
            .or_else(|| self.of_the_loop(word, line));
        let event = event
            .ok_or_else(|| format!("there is no event {word:?} (docs/jsonl.md lists them)"))??;
        self.to.event(at, &event).map_err(|what| what.to_string())
    }

    /// The events of tasks; none if the word is for another one.
    fn of_tasks(
        &mut self,
        word: &str,
        line: &Fields<'_>,
        at: Moment,
    ) -> Option<Result<Event, String>> {
        Some(match word {
            "spawn" => self.spawn(line),
            "wake" => self.wake(line),
            "poll" => self
                .the_task(line)
                .map(|task| Event::Task(TaskEvent::PollStart { task })),
            "wait" => self.wait(line),
            "poll_end" => self.poll_end(line),
            "failed" => self.the_task(line).and_then(|task| {
                let message = self.to.text(line.text("message")?);
                Ok(Event::Task(TaskEvent::Failed { task, message }))
            }),
            "cancel" => self.the_task(line).and_then(|task| {
                let dropped = line.flag("dropped")?;
                Ok(Event::Task(TaskEvent::CancelRequested { task, dropped }))
            }),
            "cancelled" => self
                .the_task(line)
                .map(|task| Event::Task(TaskEvent::CancelDelivered { task })),
            "timer" => self.the_task(line).and_then(|task| {
                let deadline = Moment(line.number("deadline")?);
                if deadline < at {
                    return Err("the deadline has passed when the timer is set".into());
                }
                Ok(Event::Timer(TimerEvent::Set {
                    timer: TimerId(line.small("timer")?),
                    task,
                    deadline,
                }))
            }),
            _ => return None,
        })
    }

    /// The events of timers, resources and callbacks.
    fn of_things(&mut self, word: &str, line: &Fields<'_>) -> Option<Result<Event, String>> {
        let timer = || line.small("timer").map(TimerId);
        Some(match word {
            "fired" => timer().map(|timer| Event::Timer(TimerEvent::Fired { timer })),
            "timer_cancelled" => timer().map(|timer| Event::Timer(TimerEvent::Cancelled { timer })),
            "resource" => self.resource(line),
            "use" => line.small("resource").and_then(|resource| {
                Ok(Event::Resource(ResourceEvent::Op {
                    resource: ResourceId(resource),
                    op: line.word("verb")?,
                    value: line.optional_small("value")?.unwrap_or(0),
                }))
            }),
            "dropped" => line.small("resource").map(|resource| {
                Event::Resource(ResourceEvent::Dropped {
                    resource: ResourceId(resource),
                })
            }),
            "callback" => self.callback(line),
            "callback_start" => self
                .the_callback(line)
                .map(|callback| Event::Callback(CallbackEvent::Start { callback })),
            "callback_end" => self
                .the_callback(line)
                .map(|callback| Event::Callback(CallbackEvent::End { callback, took: 0 })),
            _ => return None,
        })
    }

    /// The events of the loop itself.
    fn of_the_loop(&mut self, word: &str, line: &Fields<'_>) -> Option<Result<Event, String>> {
        Some(match word {
            "tick" => Ok(Event::Loop(LoopEvent::TickStart)),
            "park" => line.optional_number("until").map(|until| {
                Event::Loop(LoopEvent::Park {
                    until: until.map(Moment),
                })
            }),
            "advance" => line
                .word("why")
                .map(|why| Event::Loop(LoopEvent::Advance { by: 0, why })),
            "timers" => line
                .small("due")
                .map(|due| Event::Loop(LoopEvent::TimerPhase { due })),
            "run" => line
                .small("ready")
                .map(|ready| Event::Loop(LoopEvent::RunPhase { ready })),
            "tick_end" => Ok(Event::Loop(LoopEvent::TickEnd)),
            "output" => line.text("text").map(|text| Event::Output {
                text: self.to.text(text),
            }),
            "end" => line
                .word("outcome")
                .map(|outcome| Event::Loop(LoopEvent::End { outcome })),
            "gap" => line.small("events").map(|events| Event::Gap { events }),
            _ => return None,
        })
    }

    fn spawn(&mut self, line: &Fields<'_>) -> Result<Event, String> {
        let number = line.number("task")?;
        let parent = line.optional_number("parent")?;
        let parent = parent.map(|parent| self.task(parent)).transpose()?;
        let name = self.to.name(line.optional_text("name")?);
        let at = self.place(line)?;
        let task = TaskId(self.to.tasks());
        if self.tasks.insert(number, task).is_some() {
            return Err(format!("task {number} was spawned before"));
        }
        Ok(Event::Task(TaskEvent::Spawn {
            task,
            name,
            at,
            parent,
        }))
    }

    fn wake(&mut self, line: &Fields<'_>) -> Result<Event, String> {
        let effect = line.word_or("effect")?;
        Ok(Event::Task(TaskEvent::Wake {
            task: self.the_task(line)?,
            by: self.waker(line)?,
            effect: effect.unwrap_or(WakeEffect::Enqueued),
        }))
    }

    fn waker(&mut self, line: &Fields<'_>) -> Result<WokenBy, String> {
        let Some((what, number)) = line.choice("by")? else {
            return Ok(WokenBy::Unknown);
        };
        Ok(match what {
            "task" => WokenBy::Task(self.task(number.number()?)?),
            "callback" => WokenBy::Callback(self.known_callback(number.number()?)?),
            "timer" => WokenBy::Timer(TimerId(number.small()?)),
            "thread" => WokenBy::Thread(self.to.name(number.text()?)),
            "io" => WokenBy::Io,
            "loop" => WokenBy::Loop,
            "unknown" => WokenBy::Unknown,
            _ => {
                return Err(format!(
                    "nobody is {what:?}: task, callback, timer, thread, io, loop, unknown"
                ));
            }
        })
    }

    fn wait(&mut self, line: &Fields<'_>) -> Result<Event, String> {
        let task = self.the_task(line)?;
        let on = match line.choice("on")? {
            None | Some(("unknown", _)) => Wait::Unknown,
            Some(("yield", _)) => Wait::Yield,
            Some(("timer", number)) => Wait::Timer(TimerId(number.small()?)),
            Some(("join", number)) => Wait::Join(self.task(number.number()?)?),
            Some(("send", number)) => Wait::Send(ResourceId(number.small()?)),
            Some(("receive", number)) => Wait::Receive(ResourceId(number.small()?)),
            Some(("acquire", number)) => Wait::Acquire(ResourceId(number.small()?)),
            Some(("operation", number)) => Wait::Operation(ResourceId(number.small()?)),
            Some((what, _)) => {
                return Err(format!(
                    "nobody waits for {what:?}: timer, join, send, receive, acquire, operation, yield, unknown"
                ));
            }
        };
        Ok(Event::Task(TaskEvent::Wait {
            task,
            on,
            at: self.place(line)?,
            also: line.flag("also")?,
        }))
    }

    fn poll_end(&mut self, line: &Fields<'_>) -> Result<Event, String> {
        let outcome = line.word_or("outcome")?;
        Ok(Event::Task(TaskEvent::PollEnd {
            task: self.the_task(line)?,
            outcome: outcome.unwrap_or(PollOutcome::Pending),
            took: 0,
        }))
    }

    fn resource(&mut self, line: &Fields<'_>) -> Result<Event, String> {
        let at = self.place(line)?;
        Ok(Event::Resource(ResourceEvent::Created {
            resource: ResourceId(line.small("resource")?),
            kind: line.word("kind")?,
            name: self.to.name(line.optional_text("name")?),
            at,
            limit: line.optional_small("limit")?.unwrap_or(0),
        }))
    }

    fn callback(&mut self, line: &Fields<'_>) -> Result<Event, String> {
        let number = line.number("callback")?;
        let callback = CallbackId(self.to.callbacks());
        if self.callbacks.insert(number, callback).is_some() {
            return Err(format!("callback {number} was scheduled before"));
        }
        let name: TextId = self.to.name(line.optional_text("name")?);
        Ok(Event::Callback(CallbackEvent::Scheduled { callback, name }))
    }

    fn the_task(&self, line: &Fields<'_>) -> Result<TaskId, String> {
        self.task(line.number("task")?)
    }

    fn task(&self, number: u64) -> Result<TaskId, String> {
        let known = self.tasks.get(&number).copied();
        known.ok_or_else(|| format!("task {number} was not spawned before"))
    }

    fn the_callback(&self, line: &Fields<'_>) -> Result<CallbackId, String> {
        self.known_callback(line.number("callback")?)
    }

    fn known_callback(&self, number: u64) -> Result<CallbackId, String> {
        let known = self.callbacks.get(&number).copied();
        known.ok_or_else(|| format!("callback {number} was not scheduled before"))
    }

    /// `FILE:LINE:COLUMN`, or without the column. A file may have colons in its name.
    fn place(&mut self, line: &Fields<'_>) -> Result<LocationId, String> {
        let at = line.optional_text("at")?;
        if at.is_empty() {
            return Ok(LocationId::UNKNOWN);
        }
        let (file, line, column) = fields::place(at)
            .ok_or_else(|| format!("{at:?} is no place: main.py:12:5 would be one"))?;
        Ok(self.to.place(file, line, column))
    }
}
