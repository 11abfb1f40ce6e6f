//! The teacher: one event explained, in at most four lines.
//!
//! ```text
//!   what   #1 hello finished, so #0 main moves from PENDING to READY.
//!   why    #0 main stood at `hello.await` (line 8).
//!   note   #0 main does NOT run now. Tick 3 took its list before …   rule: a tick runs a snapshot
//! ```
//!
//! `what` names the task and the two places it moves between, `why` the cause in words of the program, a note
//! stands only where many people expect something else. All of it is worked out from the state *before* the event
//! and the event itself, so that a log of the whole run costs one pass.

mod notes;
mod reason;
mod resource;
mod task;

use crate::replay::{EventStep, Replay, Running, Status, TickPhase};
use crate::trace::{
    Advance, CallbackEvent, Event, LoopEvent, Moment, Outcome, Position, ResourceEvent, TaskEvent,
    TaskId, TickPolicy, TimerEvent,
};

use super::width::fit;
use super::words::{outcome_words, seconds, task_label};

/// The columns of `what`.
const WHAT: usize = 78;
/// The columns of `why`, which is shown behind a heading.
const WHY: usize = 72;
/// The columns of a note with its rule, over two lines behind a heading.
const NOTE: usize = 132;

/// One event explained. `what` takes one line of 78 columns, `why` one and the note two of 72.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narration {
    /// What moved, from where to where.
    pub what: String,
    /// The cause.
    pub why: Option<String>,
    /// What you may have expected, and the rule that says otherwise.
    pub note: Option<Note>,
    /// What could happen next, for predicting; what does happen is among them, and nothing says which it is.
    pub next: Vec<String>,
}

/// A misconception and the rule against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What happens instead of what may be expected.
    pub text: String,
    /// The rule, short enough to be remembered.
    pub rule: &'static str,
    /// The number of the lesson about it, if there is one.
    pub lesson: Option<u8>,
}

impl Note {
    /// The rule with its lesson: `a tick runs a snapshot, lesson 20`.
    pub fn ruling(&self) -> String {
        match self.lesson {
            Some(number) => format!("{}, lesson {number:02}", self.rule),
            None => self.rule.to_owned(),
        }
    }
}

impl EventStep<'_> {
    fn label(&self, task: TaskId) -> String {
        task_label(self.tables(), task)
    }

    fn status(&self, task: TaskId) -> Status {
        self.before
            .tasks
            .get(task)
            .map_or(Status::Absent, crate::replay::TaskState::status)
    }

    /// Who has the slot, as the subject of a sentence.
    fn actor(&self) -> String {
        match self.before.running {
            Running::Task(task) => self.label(task),
            Running::Callback(_, name) => format!("Callback {}", fit(self.tables().text(name), 24)),
            Running::Nothing => "The loop".to_owned(),
        }
    }

    /// The tick in which a task that becomes ready now gets its turn.
    fn tick_of_turn(&self) -> u32 {
        let tick = self.before.tick();
        match self.before.phase {
            TickPhase::Wait | TickPhase::Parked | TickPhase::Timers => tick,
            TickPhase::Run if self.meta().tick_policy == TickPolicy::Drain => tick,
            TickPhase::Run | TickPhase::Between => tick + 1,
        }
    }
}

/// Explains the event that leads to the current position.
pub fn narrate(replay: &Replay) -> Narration {
    let next = choices(replay);
    let Some(number) = replay.position().0.checked_sub(1) else {
        return Narration {
            what: "Before the first event: nothing has happened yet.".to_owned(),
            why: (replay.end().0 > 0).then(|| "the trace begins here; step forward".to_owned()),
            note: None,
            next,
        };
    };
    let before = replay.state_at(Position(number));
    match EventStep::after(replay, &before) {
        Some(step) => Narration {
            next,
            ..narrate_step(&step)
        },
        None => Narration::default(),
    }
}

/// Explains one event. It says nothing about what comes next: that is for who has the whole trace.
pub fn narrate_step(step: &EventStep<'_>) -> Narration {
    let note = notes::note_for(step).map(|note| Note {
        text: fit(&note.text, NOTE.saturating_sub(note.ruling().len())),
        ..note
    });
    Narration {
        what: headline(step),
        why: reason::why(step).map(|why| fit(&why, WHY)),
        note,
        next: Vec::new(),
    }
}

/// The first line of [`narrate_step`] alone: for looking through many events.
pub fn headline(step: &EventStep<'_>) -> String {
    fit(&capital(&what(step)), WHAT)
}

/// A sentence that begins as one.
fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}

fn what(step: &EventStep<'_>) -> String {
    match step.event {
        Event::Task(
            TaskEvent::Spawn { .. }
            | TaskEvent::Wake { .. }
            | TaskEvent::PollStart { .. }
            | TaskEvent::Wait { .. }
            | TaskEvent::PollEnd { .. }
            | TaskEvent::Failed { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. },
        )
        | Event::Timer(
            TimerEvent::Set { .. } | TimerEvent::Fired { .. } | TimerEvent::Cancelled { .. },
        ) => task::what(step),
        Event::Resource(
            ResourceEvent::Created { .. }
            | ResourceEvent::Op { .. }
            | ResourceEvent::Dropped { .. },
        )
        | Event::Callback(
            CallbackEvent::Scheduled { .. }
            | CallbackEvent::Start { .. }
            | CallbackEvent::End { .. },
        )
        | Event::Output { .. } => resource::what(step),
        Event::Loop(_) | Event::Gap { .. } => of_the_loop(step),
    }
}

/// The events that move no task.
fn of_the_loop(step: &EventStep<'_>) -> String {
    let before = step.before;
    let tick = before.tick();
    match step.event {
        Event::Loop(LoopEvent::TickStart) => {
            format!("Tick {} begins: I/O and other threads first.", tick + 1)
        }
        Event::Loop(LoopEvent::Park { until: Some(until) }) => {
            format!("Nothing is ready: the loop parks until {until}, the next deadline.")
        }
        Event::Loop(LoopEvent::Park { until: None }) => {
            "Nothing is ready: the loop parks until I/O or another thread wakes a task.".to_owned()
        }
        Event::Loop(LoopEvent::Advance { by, why }) => match why {
            Advance::Waited => format!(
                "The loop waited {} s; it is {} now.",
                seconds(by),
                step.at()
            ),
            Advance::Jumped => format!(
                "The virtual clock jumps {} s ahead, to {}.",
                seconds(by),
                step.at()
            ),
            Advance::Passed => format!("{} s go by; it is {} now.", seconds(by), step.at()),
            Advance::Worked => format!(
                "{} works for {} s without giving way; it is {} now.",
                step.actor(),
                seconds(by),
                step.at()
            ),
        },
        Event::Loop(LoopEvent::TimerPhase { due: 0 }) => "No timer is due.".to_owned(),
        Event::Loop(LoopEvent::TimerPhase { due: 1 }) => {
            "One timer is due: it fires now.".to_owned()
        }
        Event::Loop(LoopEvent::TimerPhase { due }) => {
            format!("{due} timers are due: they fire by deadline, then by age.")
        }
        Event::Loop(LoopEvent::RunPhase { ready: 0 }) => format!("Tick {tick} has nothing to run."),
        Event::Loop(LoopEvent::RunPhase { ready: 1 }) => {
            format!("Tick {tick} runs the one entry that is READY now.")
        }
        Event::Loop(LoopEvent::RunPhase { ready }) => {
            format!("Tick {tick} runs the {ready} entries that are READY now, and no others.")
        }
        Event::Loop(LoopEvent::TickEnd) => format!("Tick {tick} is over."),
        Event::Loop(LoopEvent::End { outcome }) => {
            format!("{}, at {}.", outcome_words(outcome), step.at())
        }
        Event::Gap { events: 1 } => "One event is missing here.".to_owned(),
        Event::Gap { events } => format!("{events} events are missing here."),
        Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. } => String::new(),
    }
}

/// How many events to look ahead for the next one that is worth predicting.
const AHEAD: usize = 64;

/// Up to three things that could happen next, sorted by their words so that the order gives nothing away.
fn choices(replay: &Replay) -> Vec<String> {
    let state = replay.state();
    let poll = |task| format!("poll {}", task_label(replay.tables(), task));
    let jump = |to: Moment| format!("time goes on to {to}");
    let mut choices = Vec::new();
    let ahead = replay.events_from(replay.position()).take(AHEAD);
    for (_, event, cursor) in ahead {
        let happens = match event {
            Event::Task(TaskEvent::PollStart { task }) => poll(task),
            Event::Output { text } => format!("print \"{}\"", fit(replay.tables().text(text), 24)),
            Event::Loop(LoopEvent::Advance { .. }) => jump(cursor.now),
            Event::Task(TaskEvent::Spawn { task, .. }) => {
                format!("spawn {}", task_label(replay.tables(), task))
            }
            Event::Loop(LoopEvent::End {
                outcome: Outcome::Finished,
            }) => "the run ends".to_owned(),
            Event::Loop(LoopEvent::End { .. }) => "nothing can run any more".to_owned(),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Gap { .. } => continue,
        };
        choices.push(happens);
        break;
    }
    if choices.is_empty() {
        return choices;
    }
    let ready = state.ready();
    let queue = state.next_timers(3);
    let others = ready.iter().map(|(task, _)| poll(*task));
    let sleepers = queue.iter().map(|(_, timer)| jump(timer.deadline));
    for other in others.chain(sleepers).chain(["the run ends".to_owned()]) {
        if choices.len() < 3 && !choices.contains(&other) {
            choices.push(other);
        }
    }
    choices.sort();
    choices
}
