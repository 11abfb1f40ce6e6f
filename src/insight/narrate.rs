//! One event explained, in at most four lines.
//!
//! ```text
//!   what   #1 hello finished, so #0 main moves from PENDING to READY.
//!   why    #0 main was waiting at `hello.await` (line 8).
//!   note   #0 main does NOT run now. Tick 3 took its list before …   rule: a tick runs a snapshot
//! ```
//!
//! `what` names the task and the two queues between which it moves. `why` is the cause, in terms of
//! the program. A note is added only where many people expect something else. All of it follows
//! from the state *before* the event and the event itself, so a log of a whole run takes one pass.

mod lateness;
mod notes;
mod what;
mod why;

use std::ops::Deref;

use crate::replay::{EventStep, Replay, ResourceState, Running, Status, TaskState, TickPhase};
use crate::trace::{LocationId, Position, ResourceId, TaskId, TickPolicy, Wait};

use super::{
    language::{Language, Phrase},
    lesson::Lesson,
    source::{Quote, quote},
    words::{fit, resource_name, task_label, wait_on, wait_words},
};

/// The columns of `what`.
const WHAT: usize = 78;
/// The columns of `why`, which is shown behind a heading.
const WHY: usize = 72;
/// The columns of a note with its rule, over two lines behind a heading.
const NOTE: usize = 132;

/// The most tasks, timers or resources that a note searches through.
const SEARCHED: usize = 4096;

/// One event explained. `what` takes one line of 78 columns, `why` one and the note two of 72.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Narration {
    /// What moved, from where to where.
    pub what: String,
    /// The cause.
    pub why: Option<String>,
    /// What happens instead of what may be expected, and the rule behind it.
    pub note: Option<Note>,
}

/// A correction of a common misconception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What happens instead of what may be expected.
    pub text: String,
    /// The rule, short enough to remember.
    pub rule: Phrase,
    /// The number of the lesson about it, if there is one.
    pub lesson: Option<u8>,
}

impl Note {
    /// The rule with its lesson: `a tick runs a snapshot, lesson 20`.
    pub fn ruling(&self, language: Language) -> String {
        match self.lesson {
            Some(number) => format!("{}, lesson {number:02}", self.rule.text(language)),
            None => self.rule.text(language).to_owned(),
        }
    }
}

/// Makes a note, with the lesson about its rule.
#[expect(
    clippy::unnecessary_wraps,
    reason = "every caller returns an `Option<Note>`"
)]
fn note(text: String, rule: impl Into<Phrase>) -> Option<Note> {
    let rule = rule.into();
    let lesson = Lesson::with_rule(rule).map(|lesson| lesson.number);
    Some(Note { text, rule, lesson })
}

/// A step and the language in which it is told.
struct Told<'a> {
    step: &'a EventStep<'a>,
    language: Language,
}

impl<'a> Deref for Told<'a> {
    type Target = EventStep<'a>;

    fn deref(&self) -> &EventStep<'a> {
        self.step
    }
}

impl Told<'_> {
    /// The line at a location.
    fn quote(&self, at: LocationId) -> Option<Quote> {
        quote(self.meta(), self.tables(), at, self.language)
    }

    /// What a task waits for, before the event.
    fn wait_words(&self, row: &TaskState) -> String {
        wait_words(self.meta(), self.tables(), self.before, row, self.language)
    }

    /// The words for a single wait, before the event.
    fn wait_on(&self, wait: Wait) -> String {
        wait_on(self.tables(), self.before, wait, self.language)
    }

    fn resource_name(&self, resource: Option<&ResourceState>, id: ResourceId) -> String {
        resource_name(self.tables(), resource, id, self.language)
    }

    fn label(&self, task: TaskId) -> String {
        task_label(self.tables(), task)
    }

    fn status(&self, task: TaskId) -> Status {
        let row = self.before.tasks.get(task);
        row.map_or(Status::Absent, TaskState::status)
    }

    /// What is running, as the subject of a sentence.
    fn actor(&self) -> String {
        match self.before.running {
            Running::Task(task) => self.label(task),
            Running::Callback(_, name) => format!("Callback {}", fit(self.tables().text(name), 24)),
            Running::Nothing => "The loop".to_owned(),
        }
    }

    /// The tick in which a task that becomes ready now is polled.
    fn tick_of_poll(&self) -> u32 {
        let tick = self.before.tick();
        match self.before.phase {
            TickPhase::Wait | TickPhase::Parked | TickPhase::Timers => tick,
            TickPhase::Run if self.meta().tick_policy == TickPolicy::Drain => tick,
            TickPhase::Run | TickPhase::Between => tick + 1,
        }
    }
}

/// Explains the event before the current position.
pub fn narrate(replay: &Replay, language: Language) -> Narration {
    let Some(number) = replay.position().0.checked_sub(1) else {
        return Narration {
            what: "Before the first event: nothing has happened yet.".to_owned(),
            why: (replay.end().0 > 0).then(|| "the trace begins here; step forward".to_owned()),
            note: None,
        };
    };
    let before = replay.state_at(Position(number));
    let step = EventStep::after(replay, &before);
    step.map_or_else(Narration::default, |step| narrate_step(&step, language))
}

/// Explains one event.
pub fn narrate_step(step: &EventStep<'_>, language: Language) -> Narration {
    let told = Told { step, language };
    let note = notes::note_for(&told).map(|note| Note {
        text: fit(&note.text, NOTE.saturating_sub(note.ruling(language).len())),
        ..note
    });
    Narration {
        what: first_line(&told),
        why: why::why(&told).map(|why| fit(&why, WHY)),
        note,
    }
}

/// The first line of [`narrate_step`] alone, for searching through many events.
pub fn headline(step: &EventStep<'_>, language: Language) -> String {
    first_line(&Told { step, language })
}

fn first_line(told: &Told<'_>) -> String {
    fit(&capital(&what::what(told)), WHAT)
}

/// A sentence with a capital first letter.
fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}
