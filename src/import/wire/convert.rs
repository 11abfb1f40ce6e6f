//! Turns the events of an adapter into those of a trace.
//!
//! A trace says more than an adapter does, and in another order:
//!
//! * **Waits.** A task declares what it waits for before its poll ends. An adapter often finds that
//!   out later, when its loop parks. So a frame is read twice: the first pass assigns each late
//!   answer to the poll that it is about, the second pass writes the events.
//! * **Arrivals.** What enters the ready queue between two ticks was woken by I/O, by a thread or
//!   by a timer. The timer phase says how many timers are due before it names them, so arrivals are
//!   kept until the run phase begins.
//! * **Permits.** asyncio hands a released permit to the first task that waits, in the step of the
//!   task that releases. The trace says that the task takes the permit in its own next poll.

mod names;
mod resources;
mod steps;
mod tasks;

use std::collections::{HashMap, HashSet};

use crate::trace::{
    Advance, CallbackId, Event, LocationId, LoopEvent, Moment, Outcome, PollOutcome, PollSample,
    ResourceId, Span, TaskId, TimerEvent, Wait, WokenBy,
};

use super::{
    super::TraceBuilder,
    WireError,
    event::{StepOwner, WireEvent, WireResource, WireWait},
    frame::WirePlace,
};
use names::WireNames;
use resources::awaited_by;

/// The callbacks of timers that only wake the task which waits for the timer.
const WAKING: [&str; 2] = ["_set_result_unless_cancelled", "_release_waiter"];

/// The poll or callback that is under way.
#[derive(Clone, Copy, Debug)]
struct OpenStep {
    owner: OpenOwner,
    /// The index of its first event in the frame; `None` if it began in an earlier frame.
    index: Option<usize>,
    wait: Option<(Wait, LocationId)>,
    /// How the task has ended, if it has.
    outcome: PollOutcome,
    /// A cancellation was thrown into the task in this step.
    is_cancelled: bool,
    began: Moment,
    /// What was seen of it while it was under way, if it has lasted long.
    sample: Option<PollSample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenOwner {
    Task(TaskId),
    Callback(CallbackId),
}

/// Where the loop is in its tick.
#[derive(Clone, Debug, Default)]
enum LoopPhase {
    /// Between two runs of the loop, or in a gap.
    #[default]
    Outside,
    /// Before the run phase, with what has entered the ready queue so far.
    Waiting(Vec<WireEvent>),
    Running,
}

/// What the second pass over a frame needs to know beforehand.
#[derive(Clone, Debug, Default)]
struct FrameNotes {
    /// The late answers, by the index of the step that they are about.
    late: HashMap<Option<usize>, (WireWait, i64)>,
    /// The indices of the events that are late answers to a step of this frame.
    used: HashSet<usize>,
    resources: HashMap<i64, WireResource>,
    members: HashMap<i64, Vec<i64>>,
}

/// Writes the trace of one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Converter {
    builder: TraceBuilder,
    names: WireNames,
    /// Tasks that were spawned and not woken yet: their spawn puts them into the ready queue.
    fresh: HashSet<i64>,
    /// The adapter's time at which the trace begins.
    start: Option<i64>,
    step: Option<OpenStep>,
    /// The steps that were interrupted by an eager task's first step, the outermost first.
    outer: Vec<OpenStep>,
    phase: LoopPhase,
    is_parked: bool,
    /// How often the cancellation of the main task was requested.
    main_cancels: u32,
    /// The loop has begun to run and has not stopped.
    is_running: bool,
    /// The task for which the loop runs: the last one that was spawned before the loop began.
    main: Option<TaskId>,
    /// How the main task has ended, if it has.
    main_outcome: Option<PollOutcome>,
    /// When the program was last paused or resumed.
    held: Option<Moment>,
    /// Whether the clock jumps to the next deadline.
    is_virtual: bool,
    notes: FrameNotes,
    /// Permits that were handed to a task which has not run since.
    promised: HashMap<TaskId, Vec<(ResourceId, u32)>>,
}

type Written = Result<(), WireError>;

impl Converter {
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.builder.take()
    }

    pub(super) fn main_cancels(&self) -> u32 {
        self.main_cancels
    }

    pub(super) fn count(&self) -> u64 {
        self.builder.events()
    }

    pub(super) fn polls(&mut self) -> u64 {
        self.builder.polls()
    }

    pub(super) fn use_virtual_clock(&mut self) {
        self.is_virtual = true;
    }

    /// The program was paused or resumed at this time. It is paused between two steps, so the one
    /// before has ended.
    pub(super) fn hold(&mut self, paused: bool, time: i64) -> Written {
        let time = self.moment(time);
        self.held = Some(time);
        if paused { self.end_step(time) } else { Ok(()) }
    }

    /// The time of a loop that is parked, as it was last said; `None` if it is not parked.
    pub(super) fn parked(&self) -> Option<Moment> {
        let now = self.builder.now();
        self.is_parked
            .then(|| self.held.map_or(now, |held| held.max(now)))
    }

    pub(super) fn text(&mut self, text: &str) {
        let id = self.builder.name(text);
        self.names.texts.push(id);
        if let Some((kind, name)) = awaited_by(text) {
            let name = self.builder.name(name);
            self.names.functions.insert(id, (kind, name));
        } else if WAKING.contains(&text) {
            self.names.waking.insert(id);
        }
    }

    pub(super) fn places(&mut self, places: &[WirePlace]) -> Written {
        for place in places {
            let file = self.names.text(place.file)?;
            let function = self.names.text(place.function)?;
            let outer = self.names.place(place.outer)?;
            let place = self.builder.frame(file, place.line, function, outer);
            self.names.places.push(place);
        }
        Ok(())
    }

    /// Events are missing from here on.
    pub(super) fn lost(&mut self, events: u64) {
        self.step = None;
        self.outer.clear();
        self.phase = LoopPhase::Outside;
        self.names.timers.clear();
        self.names.free_timers.clear();
        self.names.resources.clear();
        self.names.wakers.clear();
        self.fresh.clear();
        self.promised.clear();
        // A gap names nothing that could be unknown.
        let _ = self.write(&Event::Gap { events });
    }

    /// Ends the trace. While its loop runs, a program ends only if it is killed or ends itself; the
    /// trace then has no end.
    pub(super) fn end(&mut self) {
        if self.is_running {
            return;
        }
        let outcome = match self.main_outcome {
            Some(PollOutcome::Ready) => Outcome::Finished,
            Some(PollOutcome::Failed | PollOutcome::Panicked) => Outcome::Panicked,
            Some(PollOutcome::Cancelled | PollOutcome::Pending) | None => Outcome::Stopped,
        };
        let now = self.builder.now();
        let _ = self.end_tick(now);
        let _ = self.write(&Event::Loop(LoopEvent::End { outcome }));
    }

    /// Writes the events of a frame.
    pub(super) fn events(&mut self, events: &[WireEvent]) -> Written {
        if let Some(step) = &mut self.step {
            step.index = None;
        }
        self.notes = self.read_ahead(events);
        for (index, event) in events.iter().enumerate() {
            self.event(index, *event)?;
        }
        // The step that is under way may end in another frame.
        let open = self.step.map(|step| step.index);
        let late = open.and_then(|index| self.notes.late.get(&index).copied());
        if let Some((wait, place)) = late {
            let found = (self.wait_of(wait)?, self.names.place(place)?);
            if let Some(step) = &mut self.step {
                step.wait = Some(found);
            }
        }
        self.notes = FrameNotes::default();
        Ok(())
    }

    /// The first pass.
    fn read_ahead(&self, events: &[WireEvent]) -> FrameNotes {
        let mut notes = FrameNotes::default();
        let mut steps: HashMap<TaskId, Option<usize>> = HashMap::new();
        let mut spawned: HashMap<i64, Option<usize>> = HashMap::new();
        if let Some(OpenStep {
            owner: OpenOwner::Task(task),
            ..
        }) = self.step
        {
            steps.insert(task, None);
        }
        for (index, event) in events.iter().enumerate() {
            match *event {
                WireEvent::Step {
                    owner: StepOwner::Task(task),
                    ..
                }
                | WireEvent::Eager { task } => {
                    spawned.insert(task, Some(index));
                }
                WireEvent::Asleep { task, wait, place } => {
                    let known = self.names.tasks.get(&task);
                    let step = spawned
                        .get(&task)
                        .or_else(|| known.and_then(|task| steps.get(task)));
                    if let Some(step) = step {
                        notes.late.insert(*step, (wait, place));
                        notes.used.insert(index);
                    }
                }
                WireEvent::Resource(resource) => {
                    notes.resources.insert(resource.number, resource);
                }
                WireEvent::Member { task, group } => {
                    notes.members.entry(group).or_default().push(task);
                }
                _ => {}
            }
        }
        notes
    }

    fn event(&mut self, index: usize, event: WireEvent) -> Written {
        match event {
            WireEvent::Start { time } => self.begin(time),
            WireEvent::Stop { time } => {
                self.is_running = false;
                let time = self.moment(time);
                self.end_tick(time)
            }
            WireEvent::Tick { time } => {
                let time = self.moment(time);
                self.end_tick(time)?;
                self.phase = LoopPhase::Waiting(Vec::new());
                self.write_at(time, &Event::Loop(LoopEvent::TickStart))
            }
            WireEvent::Park { deadline } => {
                self.is_parked = true;
                let until = (deadline >= 0).then(|| self.moment(deadline).max(self.builder.now()));
                self.write(&Event::Loop(LoopEvent::Park { until }))
            }
            WireEvent::Woke { time } => {
                self.is_parked = false;
                let (time, why) = (
                    self.moment(time),
                    if self.is_virtual {
                        Advance::Jumped
                    } else {
                        Advance::Waited
                    },
                );
                let by = time.since(self.builder.now());
                self.write_at(time, &Event::Loop(LoopEvent::Advance { by, why }))
            }
            WireEvent::Run { ready } => self.begin_steps(ready),
            WireEvent::Step { owner, time } => {
                let time = time.map_or(self.builder.now(), |time| self.moment(time));
                self.begin_step(index, owner, time)
            }
            WireEvent::Asleep { .. } if self.notes.used.contains(&index) => Ok(()),
            WireEvent::Asleep { task, wait, place } => self.late_wait(task, wait, place),
            WireEvent::Wake { .. }
            | WireEvent::Fired { .. }
            | WireEvent::Scheduled { .. }
            | WireEvent::From { .. }
                if matches!(self.phase, LoopPhase::Waiting(_)) =>
            {
                if let LoopPhase::Waiting(arrived) = &mut self.phase {
                    arrived.push(event);
                }
                Ok(())
            }
            event => self.inside_step(index, event),
        }
    }

    /// An event that a task or a callback causes.
    fn inside_step(&mut self, index: usize, event: WireEvent) -> Written {
        match event {
            WireEvent::Wake { task } => {
                let by = self.actor();
                self.wake(task, by)
            }
            WireEvent::Scheduled { callback, name } => self.schedule(callback, name, None),
            WireEvent::Fired { timer } => self.fire(timer).map(drop),
            WireEvent::TimerCancelled { timer } => match self.names.free_timer(timer) {
                Some(timer) => self.write(&Event::Timer(TimerEvent::Cancelled { timer })),
                None => Ok(()),
            },
            WireEvent::Spawn {
                task,
                name,
                place,
                parent,
            } => self.spawn(task, name, place, parent),
            WireEvent::Eager { task } => self.begin_eager(index, task),
            WireEvent::Cancel { task } => self.request_cancel(task, false),
            WireEvent::Freed { task } => self.freed(index, task),
            WireEvent::Name { task, name } => self.rename(task, name),
            WireEvent::Thrown { task } => self.throw(task),
            WireEvent::Retrieved { task } => self.retrieved(task),
            WireEvent::Yield { again } => self.yield_step(again),
            WireEvent::Wait(wait) => {
                let on = self.wait_of(wait)?;
                self.suspend((on, LocationId::UNKNOWN))
            }
            WireEvent::Done { outcome, text } => self.done(outcome, text),
            WireEvent::Timer {
                timer,
                deadline,
                task,
            } => self.set_timer(timer, deadline, task),
            WireEvent::Resource(resource) => self.resource(resource.number).map(drop),
            WireEvent::Operation {
                resource,
                operation,
                value,
                task,
            } => self.operation(resource, operation, value, task),
            WireEvent::Member { task, group } => self.member(task, group),
            WireEvent::Output { text, place, time } => self.output(text, place, time),
            WireEvent::Late { place, processor } => self.late(place, processor),
            WireEvent::From { .. }
            | WireEvent::Start { .. }
            | WireEvent::Stop { .. }
            | WireEvent::Tick { .. }
            | WireEvent::Park { .. }
            | WireEvent::Woke { .. }
            | WireEvent::Run { .. }
            | WireEvent::Step { .. }
            | WireEvent::Asleep { .. } => Ok(()),
        }
    }

    // ---- the loop

    fn begin(&mut self, time: i64) -> Written {
        self.is_running = true;
        let start = *self.start.get_or_insert(time);
        // The time between two runs of a loop belongs to the program.
        let now = Moment(time.saturating_sub(start).max(0).cast_unsigned());
        let (by, why) = (now.since(self.builder.now()), Advance::Passed);
        if by > Span::ZERO {
            self.write_at(now, &Event::Loop(LoopEvent::Advance { by, why }))?;
        }
        Ok(())
    }

    /// Writes what has entered the ready queue, and begins the run phase.
    fn begin_steps(&mut self, ready: i64) -> Written {
        let LoopPhase::Waiting(arrived) = std::mem::replace(&mut self.phase, LoopPhase::Running)
        else {
            return Ok(());
        };
        let is_timer = |event: &WireEvent| matches!(event, WireEvent::Fired { .. });
        let due = arrived.iter().filter(|event| is_timer(event)).count();
        let mut due = u32::try_from(due).unwrap_or(u32::MAX);
        let (mut by, mut fired) = (WokenBy::Io, None);
        for event in arrived {
            if is_timer(&event) && due > 0 {
                self.write(&Event::Loop(LoopEvent::TimerPhase { due }))?;
                due = 0;
            }
            match event {
                WireEvent::From { thread } if thread < 0 => by = WokenBy::Io,
                WireEvent::From { thread } => by = WokenBy::Thread(self.names.text(thread)?),
                WireEvent::Wake { task } => self.wake(task, by)?,
                WireEvent::Fired { timer } => fired = self.fire(timer)?,
                WireEvent::Scheduled { callback, name } => {
                    self.schedule(callback, name, fired.take())?;
                }
                other => self.inside_step(0, other)?,
            }
        }
        let ready = u32::try_from(ready).unwrap_or(0);
        self.write(&Event::Loop(LoopEvent::RunPhase { ready }))
    }

    /// Ends the step and the tick that are under way.
    fn end_tick(&mut self, time: Moment) -> Written {
        self.end_step(time)?;
        if matches!(self.phase, LoopPhase::Waiting(_)) {
            self.begin_steps(0)?;
        }
        if !matches!(self.phase, LoopPhase::Outside) {
            self.phase = LoopPhase::Outside;
            self.write_at(time, &Event::Loop(LoopEvent::TickEnd))?;
        }
        Ok(())
    }

    // ---- writing

    /// The cause of what happens now.
    fn actor(&self) -> WokenBy {
        match self.step.map(|step| step.owner) {
            Some(OpenOwner::Task(task)) => WokenBy::Task(task),
            Some(OpenOwner::Callback(callback)) => match self.names.wakers.get(&callback) {
                Some(timer) => WokenBy::Timer(*timer),
                None => WokenBy::Callback(callback),
            },
            None => WokenBy::Loop,
        }
    }

    /// The moment of the trace for a time of the adapter.
    fn moment(&mut self, time: i64) -> Moment {
        let start = *self.start.get_or_insert(time);
        Moment(time.saturating_sub(start).max(0).cast_unsigned())
    }

    fn write(&mut self, event: &Event) -> Written {
        self.write_at(self.builder.now(), event)
    }

    fn write_at(&mut self, at: Moment, event: &Event) -> Written {
        Ok(self.builder.event(at, event)?)
    }
}
