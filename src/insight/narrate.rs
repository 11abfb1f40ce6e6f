//! One event explained, in a few sentences.
//!
//! ```text
//!   what   #1 hello finished, so #0 main moves from PENDING to READY.
//!   why    #0 main was waiting at `hello.await` (line 8)
//!   note   #0 main does NOT run now. Tick 3 took its list before …   rule: a tick runs a snapshot
//! ```
//!
//! `what` names the task and the two queues between which it moves. `why` is the cause, in terms of
//! the program. A note is added only where many people expect something else.
//!
//! Every sentence is drawn from the [facts](super::facts) or from the event itself; a sentence that
//! no fact supports is not said. The facts need the state *before* the event, the event and a few
//! events around it, so a log of a whole run takes one pass.

mod io;
mod lateness;
mod notes;
mod resource_notes;
mod resources;
mod tasks;
mod what;
mod why;

use std::{collections::HashSet, ops::Deref};

use crate::replay::{EventStep, Replay, Running, Status, TaskState};
use crate::trace::{LocationId, Position, ResourceId, TaskId, Wait};

use super::{
    language::{Language, Phrase},
    lesson::Lesson,
    source::{Quote, quote, whole_quote},
    words::{capital, fit, named_resource, other_waits, task_label, wait_on, wait_words},
};

/// The most columns of `what`: two lines of a screen with 80 columns.
const WHAT: usize = 150;
/// The most columns of `why`, which is shown behind a heading: two lines.
const WHY: usize = 144;
/// The most columns of a note without its rule: two lines behind a heading.
const NOTE: usize = 144;

/// The most columns of the name of a resource, which may be an address.
const NAME: usize = 34;

/// The most columns of a program's own text in a sentence: a printed line, a message.
const TEXT: usize = 48;

/// The most tasks, timers or resources that a note searches through.
const SEARCHED: usize = 4096;

/// One event explained. `what` takes at most 150 columns, `why` and the note at most 144 each.
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

/// A step and the language of its sentences.
struct Told<'a> {
    step: &'a EventStep<'a>,
    language: Language,
    /// Whether nothing is cut.
    whole: bool,
    /// The rules that need no note, because one has explained them before.
    explained: Option<&'a HashSet<Phrase>>,
}

impl<'a> Deref for Told<'a> {
    type Target = EventStep<'a>;

    fn deref(&self) -> &EventStep<'a> {
        self.step
    }
}

impl Told<'_> {
    /// Whether a note on this rule is not wanted. Notes that are expensive to find ask first.
    fn has_explained(&self, rule: impl Into<Phrase>) -> bool {
        self.explained
            .is_some_and(|rules| rules.contains(&rule.into()))
    }

    /// The line at a location.
    fn quote(&self, at: LocationId) -> Option<Quote> {
        let quote = if self.whole { whole_quote } else { quote };
        quote(self.meta(), self.tables(), at, self.language)
    }

    /// What a task waits for, before the event.
    fn wait_words(&self, row: &TaskState) -> String {
        if row.phase.wait_is_unknown() || row.wait == Wait::Unknown {
            return wait_words(self.meta(), self.tables(), self.before, row, self.language);
        }
        let words = self.wait_on(row.wait);
        match row.also {
            0 => words,
            more => format!("{words}, {}", other_waits(more)),
        }
    }

    /// The words for a single wait, before the event.
    fn wait_on(&self, wait: Wait) -> String {
        match wait {
            Wait::Acquire(id) => resources::awaited(self, id),
            Wait::Operation(id) => io::operation_awaited(self, id),
            Wait::Send(id) => format!("room in {}", self.resource_label(id)),
            Wait::Receive(id) => format!("an item in {}", self.resource_label(id)),
            Wait::Unknown
            | Wait::Yield
            | Wait::Timer(_)
            | Wait::Join(_)
            | Wait::All(_)
            | Wait::Any(_) => wait_on(self.tables(), self.before, wait, self.language),
        }
    }

    fn label(&self, task: TaskId) -> String {
        task_label(self.tables(), task)
    }

    fn status(&self, task: TaskId) -> Status {
        let row = self.before.tasks.get(task);
        row.map_or(Status::Absent, TaskState::status)
    }

    /// A resource without what it holds: `` channel `items` ``, or `the lock` if it has no name.
    fn resource_label(&self, id: ResourceId) -> String {
        named_resource(self.tables(), self.before.resource(id), id, self.language)
    }

    /// Of two words, the one in the language of the sentences.
    fn choose<'t>(&self, rust: &'t str, python: &'t str) -> &'t str {
        self.language.choose(rust, python)
    }

    /// What is running, as the subject of a sentence.
    fn actor(&self) -> String {
        match self.before.running {
            Running::Task(task) => self.label(task),
            Running::Callback(_, name) => {
                format!("Callback {}", fit(self.tables().text(name), NAME))
            }
            Running::Nothing => "The loop".to_owned(),
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
    let whole = narrate_told(&Told {
        step,
        language,
        whole: false,
        explained: None,
    });
    Narration {
        what: fit(&whole.what, WHAT),
        why: whole.why.map(|why| fit(&why, WHY)),
        note: whole.note.map(|note| Note {
            text: fit(&note.text, NOTE),
            ..note
        }),
    }
}

/// The same without a limit of its columns: expressions of the program are quoted in full.
pub(crate) fn narrate_whole(step: &EventStep<'_>, language: Language) -> Narration {
    narrate_told(&Told {
        step,
        language,
        whole: true,
        explained: None,
    })
}

/// The same for a reader to whom these rules have been explained: a note on one of them may be left
/// out.
pub(crate) fn narrate_after(
    step: &EventStep<'_>,
    language: Language,
    explained: &HashSet<Phrase>,
) -> Narration {
    narrate_told(&Told {
        step,
        language,
        whole: true,
        explained: Some(explained),
    })
}

fn narrate_told(told: &Told<'_>) -> Narration {
    Narration {
        what: capital(&what::what(told)),
        why: why::why(told),
        note: notes::note_for(told),
    }
}

/// The first line of [`narrate_step`] alone, for searching through many events.
pub fn headline(step: &EventStep<'_>, language: Language) -> String {
    let told = Told {
        step,
        language,
        whole: false,
        explained: None,
    };
    fit(&capital(&what::what(&told)), WHAT)
}
