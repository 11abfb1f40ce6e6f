//! Reads a run from JSON Lines, the format of `docs/jsonl.md`.

use std::{collections::HashMap, io::BufRead};

use crate::jsonl::{
    EventLine, GapEndLine, HeadLine, LineText, ParsedLine, ResourceLine, SpawnLine, TextPairs,
    TimedLine, TimerLine, VERSION, WaitLine, WaitTarget, WakeCause, parse_line, parse_location,
};
use crate::trace::{
    CallbackEvent, CallbackId, ClockKind, Event, LocationId, LoopEvent, Meta, Moment, PollOutcome,
    ResourceEvent, ResourceId, ResourceOp, Span, TaskEvent, TaskId, TextId, TimerEvent, Wait,
    WakeEffect, WokenBy,
};

use super::{
    ImportError, Imported, LineError, TraceBuilder, cut_note,
    json_lines::{JsonLine, JsonLines},
    second_note,
};

pub(super) fn read(from: impl BufRead) -> Result<Imported, ImportError> {
    let mut lines = JsonLines::new(from);
    let JsonLine::Value(head) = lines.next::<HeadLine<'_>>()? else {
        return Err(ImportError::Empty("the file has no first line"));
    };
    let meta = meta(head).map_err(|error| lines.error(error))?;
    let mut reader = JsonlReader::default();
    let mut notes = Vec::new();
    loop {
        match lines.next_with(parse_line)? {
            JsonLine::Value(ParsedLine::Event(line)) => {
                reader.take(line).map_err(|error| lines.error(error))?;
            }
            JsonLine::Value(ParsedLine::Head) => {
                notes.push(second_note(lines.number));
                break;
            }
            JsonLine::Cut => {
                notes.push(cut_note(lines.number));
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

/// What the first line says of the run.
fn meta(head: HeadLine<'_>) -> Result<Meta, LineError> {
    match head.loopscope {
        Some(VERSION) => {}
        Some(found) => return Err(LineError::Version { found }),
        None => return Err(LineError::NoHead),
    }
    let schedule = head.schedule.unwrap_or_default();
    let mut meta = Meta {
        scenario: sanitized(head.scenario),
        variant: sanitized(head.variant),
        title: sanitized(head.title),
        params: sanitized_pairs(head.params),
        clock: head.clock.unwrap_or(ClockKind::Real),
        seed: head.seed.unwrap_or(0),
        sources: sanitized_pairs(head.sources),
        schedule: schedule
            .parse()
            .map_err(|error| LineError::Member(format!("schedule: {error}")))?,
        tick_policy: head.tick_policy.unwrap_or_default(),
        unknown: head.unknown.unwrap_or_default(),
    };
    meta.limit();
    Ok(meta)
}

/// A text of the first line is shown on the terminal, where it must not act as a command. (The
/// texts of events are sanitized by the trace writer.)
fn sanitized(text: Option<LineText<'_>>) -> String {
    sanitize(&text.unwrap_or_default())
}

fn sanitized_pairs(pairs: Option<TextPairs<'_>>) -> Vec<(String, String)> {
    let pairs = pairs.map_or_else(Vec::new, |TextPairs(pairs)| pairs.into_owned());
    let sanitized = |(name, text): (String, String)| (sanitize(&name), sanitize(&text));
    pairs.into_iter().map(sanitized).collect()
}

fn sanitize(text: &str) -> String {
    crate::trace::sanitized(text, "\n\t")
}

/// Turns lines into events. A file may number its tasks and callbacks in any way; the trace numbers
/// them in their order.
#[derive(Default)]
struct JsonlReader {
    to: TraceBuilder,
    tasks: HashMap<u64, TaskId>,
    callbacks: HashMap<u64, CallbackId>,
    /// Whether events are missing, so that a callback may have been scheduled without a line.
    has_gap: bool,
}

impl JsonlReader {
    fn take(&mut self, TimedLine { t, event: line }: TimedLine<'_>) -> Result<(), LineError> {
        let at = t.unwrap_or(self.to.now());
        let event = match line {
            EventLine::Tick => Event::Loop(LoopEvent::TickStart),
            EventLine::Park { until } => Event::Loop(LoopEvent::Park { until }),
            // How far the clock moves follows from the times of the lines.
            EventLine::Advance { why } => Event::Loop(LoopEvent::Advance {
                by: Span::ZERO,
                why,
            }),
            EventLine::Timers { due } => Event::Loop(LoopEvent::TimerPhase { due }),
            EventLine::Run { ready } => Event::Loop(LoopEvent::RunPhase { ready }),
            EventLine::TickEnd => Event::Loop(LoopEvent::TickEnd),
            EventLine::End { outcome } => Event::Loop(LoopEvent::End { outcome }),
            EventLine::Gap { events } => self.gap(events),
            EventLine::Output { text, at } => self.output(&text, at.as_ref())?,
            EventLine::Timer(timer) => Event::Timer(self.timer(&timer, at)?),
            EventLine::Fired { timer } => Event::Timer(TimerEvent::Fired { timer }),
            EventLine::TimerCancelled { timer } => Event::Timer(TimerEvent::Cancelled { timer }),
            EventLine::Resource(resource) => Event::Resource(self.resource(&resource)?),
            EventLine::Use {
                resource,
                verb,
                value,
            } => used(resource, verb, value),
            EventLine::Member { resource, task } => self.member(resource, task)?,
            EventLine::Bytes { resource, text } => self.bytes(resource, &text),
            EventLine::Dropped { resource } => Event::Resource(ResourceEvent::Dropped { resource }),
            EventLine::Callback { callback, name } => {
                Event::Callback(self.new_callback(callback, &name.unwrap_or_default())?)
            }
            EventLine::CallbackStart { callback } => Event::Callback(CallbackEvent::Start {
                callback: self.callback(callback)?,
            }),
            EventLine::CallbackEnd { callback } => Event::Callback(CallbackEvent::End {
                callback: self.callback(callback)?,
                took: Span::ZERO,
            }),
            EventLine::Spawn(spawn) => Event::Task(self.spawn(&spawn)?),
            EventLine::Wake { task, by, effect } => Event::Task(TaskEvent::Wake {
                task: self.task(task)?,
                by: self.woken_by(by)?,
                effect: effect.unwrap_or(WakeEffect::Enqueued),
            }),
            EventLine::Poll { task } => Event::Task(TaskEvent::PollStart {
                task: self.task(task)?,
            }),
            EventLine::Wait(wait) => Event::Task(self.wait(&wait)?),
            EventLine::Joined { task, joined, at } => self.joined(task, joined, at.as_ref())?,
            EventLine::PollEnd { task, outcome } => Event::Task(TaskEvent::PollEnd {
                task: self.task(task)?,
                outcome: outcome.unwrap_or(PollOutcome::Pending),
                took: Span::ZERO,
            }),
            EventLine::Failed { task, message } => Event::Task(TaskEvent::Failed {
                task: self.task(task)?,
                message: self.to.text(&message),
            }),
            EventLine::Cancel { task, dropped } => Event::Task(TaskEvent::CancelRequested {
                task: self.task(task)?,
                dropped: dropped.unwrap_or(false),
            }),
            EventLine::Cancelled { task } => Event::Task(TaskEvent::CancelDelivered {
                task: self.task(task)?,
            }),
            EventLine::Name { task, name } => return self.rename(task, &name),
            EventLine::GapTask(spawn) => return self.gap_task(&spawn),
            EventLine::GapEnd(end) => return self.gap_end(at, &end),
        };
        Ok(self.to.event(at, &event)?)
    }

    fn member(&self, resource: ResourceId, task: u64) -> Result<Event, LineError> {
        let task = self.task(task)?;
        Ok(Event::Resource(ResourceEvent::Member { resource, task }))
    }

    fn bytes(&mut self, resource: ResourceId, text: &str) -> Event {
        let text = self.to.text(text);
        Event::Resource(ResourceEvent::Bytes { resource, text })
    }

    fn joined(
        &mut self,
        task: u64,
        joined: u64,
        at: Option<&LineText<'_>>,
    ) -> Result<Event, LineError> {
        let (task, joined) = (self.task(task)?, self.task(joined)?);
        let at = self.location(at)?;
        Ok(Event::Task(TaskEvent::Joined { task, joined, at }))
    }

    fn rename(&mut self, task: u64, name: &str) -> Result<(), LineError> {
        let task = self.task(task)?;
        Ok(self.to.rename(task, name)?)
    }

    fn output(&mut self, text: &str, at: Option<&LineText<'_>>) -> Result<Event, LineError> {
        let text = self.to.text(text);
        let at = self.location(at)?;
        Ok(Event::Output { text, at })
    }

    fn spawn(&mut self, line: &SpawnLine<'_>) -> Result<TaskEvent, LineError> {
        let parent = line.parent.map(|parent| self.task(parent)).transpose()?;
        let name = self.name(line.name.as_ref());
        let at = self.location(line.at.as_ref())?;
        let task = TaskId(self.to.tasks());
        if self.tasks.insert(line.task, task).is_some() {
            return Err(LineError::TaskTwice(line.task));
        }
        Ok(TaskEvent::Spawn {
            task,
            name,
            at,
            parent,
        })
    }

    fn gap(&mut self, events: u64) -> Event {
        self.has_gap = true;
        Event::Gap { events }
    }

    fn gap_end(&mut self, at: Moment, line: &GapEndLine) -> Result<(), LineError> {
        let running = line.running.map(|task| self.task(task)).transpose()?;
        Ok(self.to.gap_end(at, line.polls, line.ticks, running)?)
    }

    fn gap_task(&mut self, line: &SpawnLine<'_>) -> Result<(), LineError> {
        let parent = line.parent.map(|parent| self.task(parent)).transpose()?;
        let name = match line.name.as_ref() {
            None => TextId::UNKNOWN,
            name => self.name(name),
        };
        let at = self.location(line.at.as_ref())?;
        let task = self.to.gap_task(name, at, parent)?;
        match self.tasks.insert(line.task, task) {
            Some(_) => Err(LineError::TaskTwice(line.task)),
            None => Ok(()),
        }
    }

    fn wait(&mut self, line: &WaitLine<'_>) -> Result<TaskEvent, LineError> {
        let on = match line.on {
            None | Some(WaitTarget::Unknown) => Wait::Unknown,
            Some(WaitTarget::Yield) => Wait::Yield,
            Some(WaitTarget::Timer(timer)) => Wait::Timer(timer),
            Some(WaitTarget::Join(task)) => Wait::Join(self.task(task)?),
            Some(WaitTarget::Send(resource)) => Wait::Send(resource),
            Some(WaitTarget::Receive(resource)) => Wait::Receive(resource),
            Some(WaitTarget::Acquire(resource)) => Wait::Acquire(resource),
            Some(WaitTarget::Operation(resource)) => Wait::Operation(resource),
            Some(WaitTarget::All(resource)) => Wait::All(resource),
            Some(WaitTarget::Any(resource)) => Wait::Any(resource),
        };
        Ok(TaskEvent::Wait {
            task: self.task(line.task)?,
            on,
            at: self.location(line.at.as_ref())?,
            at_creation: line.at_creation.unwrap_or(false),
            also: line.also.unwrap_or(false),
        })
    }

    fn woken_by(&mut self, cause: Option<WakeCause<'_>>) -> Result<WokenBy, LineError> {
        Ok(match cause {
            Some(WakeCause::Task(task)) => WokenBy::Task(self.task(task)?),
            Some(WakeCause::Callback(callback)) => WokenBy::Callback(self.callback(callback)?),
            Some(WakeCause::Timer(timer)) => WokenBy::Timer(timer),
            Some(WakeCause::Thread(name)) => WokenBy::Thread(self.to.name(&name)),
            Some(WakeCause::Io) => WokenBy::Io,
            Some(WakeCause::Loop) => WokenBy::Loop,
            None | Some(WakeCause::Unknown) => WokenBy::Unknown,
        })
    }

    fn timer(&mut self, line: &TimerLine, at: Moment) -> Result<TimerEvent, LineError> {
        if line.deadline < at {
            return Err(LineError::DeadlinePassed);
        }
        Ok(TimerEvent::Set {
            timer: line.timer,
            task: line.task.map(|task| self.task(task)).transpose()?,
            deadline: line.deadline,
        })
    }

    fn resource(&mut self, line: &ResourceLine<'_>) -> Result<ResourceEvent, LineError> {
        let at = self.location(line.at.as_ref())?;
        Ok(ResourceEvent::Created {
            resource: line.resource,
            kind: line.kind,
            name: self.name(line.name.as_ref()),
            at,
            limit: line.limit.unwrap_or(0),
            at_first_use: line.at_first_use.unwrap_or(false),
        })
    }

    fn new_callback(&mut self, number: u64, name: &str) -> Result<CallbackEvent, LineError> {
        let callback = CallbackId(self.to.callbacks());
        if self.callbacks.insert(number, callback).is_some() {
            return Err(LineError::CallbackTwice(number));
        }
        let name = self.to.name(name);
        Ok(CallbackEvent::Scheduled { callback, name })
    }

    fn task(&self, number: u64) -> Result<TaskId, LineError> {
        let known = self.tasks.get(&number).copied();
        known.ok_or(LineError::UnknownTask(number))
    }

    fn callback(&mut self, number: u64) -> Result<CallbackId, LineError> {
        match self.callbacks.get(&number) {
            Some(known) => Ok(*known),
            None if self.has_gap => {
                let lost = self.to.gap_callback();
                self.callbacks.insert(number, lost);
                Ok(lost)
            }
            None => Err(LineError::UnknownCallback(number)),
        }
    }

    fn name(&mut self, name: Option<&LineText<'_>>) -> TextId {
        self.to.name(name.map_or("", |name| name))
    }

    fn location(&mut self, at: Option<&LineText<'_>>) -> Result<LocationId, LineError> {
        let Some(at) = at.filter(|at| !at.is_empty()) else {
            return Ok(LocationId::UNKNOWN);
        };
        let (file, line, column) =
            parse_location(at).ok_or_else(|| LineError::Location(at.to_string()))?;
        Ok(self.to.location(file, line, column))
    }
}

fn used(resource: ResourceId, op: ResourceOp, value: Option<u32>) -> Event {
    Event::Resource(ResourceEvent::Op {
        resource,
        op,
        value: value.unwrap_or(0),
    })
}
