//! Which keys the footer shows: the topmost of these that applies determines them.
//!
//! 1. a popup or a prompt;
//! 2. a search, whose hits `n` and `N` go to, or a finding, whose evidence they go to;
//! 3. an open question of predict mode;
//! 4. the tour or a lesson;
//! 5. a live loop;
//! 6. the screen, and on the main screen the panel that has the focus.
//!
//! The names of the keys come from the key table, and the words too, unless the word of the table is
//! too general here: `b` is `break` in the table, and `break at line` in panel 1.

#![allow(
    clippy::enum_glob_use,
    reason = "the lists name the actions alone, so that they read as a table"
)]

use crate::tui::{
    keymap,
    message::{
        Action::{self, *},
        PickerAction as P, Unit,
    },
    model::{Model, Overlay, Panel, Screen, guide::Guide, run_pane::RunPane, topmost::Topmost},
};

/// A key and what it does.
pub(super) type Hint = (String, String);

/// The keys of the footer.
pub(super) struct Hints {
    /// Those of the panel or the mode.
    pub(super) own: Vec<Hint>,
    /// Those that work everywhere on this screen.
    pub(super) general: Vec<Hint>,
    /// Those that are always shown, at the end.
    pub(super) fixed: Vec<Hint>,
}

/// An entry of a list of keys.
#[derive(Clone, Copy, Debug)]
enum Entry {
    /// A row of the key table, with its own word.
    Row(Action),
    /// A row of the key table, with another word.
    Named(Action, &'static str),
    /// Keys that the table does not have, because only this mode takes them.
    Typed(&'static str, &'static str),
    /// The digits of the answers to the open question.
    Answers,
}

use Entry::{Answers, Named, Row, Typed};

const EVENT: Entry = Row(StepForward(Unit::Event));
const POLL: Entry = Row(StepForward(Unit::Poll));
const TICK: Entry = Row(StepForward(Unit::Tick));
const LANDMARK: Entry = Row(StepForward(Unit::Landmark));

const PROGRAM: &[Entry] = &[
    Row(Play),
    TICK,
    EVENT,
    Named(Down, "line"),
    Named(ToggleBreakpoint, "break at line"),
    LANDMARK,
    Row(GoToCause),
    Row(Find),
    Row(NextPanel),
];

const LOOP: &[Entry] = &[
    Row(Play),
    TICK,
    EVENT,
    POLL,
    Row(GoToCause),
    Row(Why),
    Named(ToggleBreakpoint, "break on task"),
    Row(Goto),
    Row(Find),
    Row(NextPanel),
];

const TASKS: &[Entry] = &[
    Row(Play),
    TICK,
    EVENT,
    Named(Down, "task"),
    Named(GoToCause, "why?"),
    Row(StretchEnd),
    Named(ToggleBreakpoint, "break on task"),
    Named(Find, "filter"),
    Row(NextPanel),
];

const TIMELINE: &[Entry] = &[
    Row(Play),
    TICK,
    Row(ZoomIn),
    Row(PanRight),
    Row(Axis),
    Named(Down, "task"),
    Named(GoToCause, "why?"),
    LANDMARK,
    Row(NextPanel),
];

const WHY: &[Entry] = &[
    Row(Play),
    TICK,
    EVENT,
    Named(Down, "scroll"),
    Row(GoToCause),
    Row(JumpBack),
    Named(ToggleBreakpoint, "break on kind"),
    Row(Copy),
    Row(NextPanel),
];

const OUTPUT: &[Entry] = &[
    Row(Play),
    TICK,
    EVENT,
    LANDMARK,
    Named(Down, "scroll"),
    Named(ToggleBreakpoint, "break on output"),
    Row(Find),
    Row(Copy),
    Row(NextPanel),
];

/// The keys of every panel of the main screen.
const MAIN: &[Entry] = &[
    Row(Findings),
    Row(Loops),
    Row(Language),
    Row(NextLesson),
    Row(WhatIf),
    Row(Future),
    Row(Maximise),
    Row(Compare),
    Row(Quiz),
    Row(OpenPicker),
];

const COMPARE: &[Entry] = &[
    Row(Play),
    TICK,
    EVENT,
    Row(NextDifference),
    Row(Lock),
    Row(Numbers),
    Row(ShowAlone),
    Row(Swap),
    Named(NextPanel, "other run"),
];

const COMPARE_GENERAL: &[Entry] = &[
    Row(Findings),
    Row(Language),
    Row(NextLesson),
    Row(WhatIf),
    Row(Future),
    Named(Compare, "one run"),
    Row(Axis),
    Row(ZoomIn),
    Row(OpenPicker),
];

const SEARCH: &[Entry] = &[
    Typed("n/N", "next/previous hit"),
    Row(Find),
    Row(GoToCause),
    Row(Why),
    Row(JumpBack),
    TICK,
    Named(Close, "end the search"),
];

const FINDING: &[Entry] = &[
    Typed("n/N", "next/previous evidence"),
    Named(Findings, "list"),
    Row(Why),
    Row(GoToCause),
    Row(JumpBack),
    TICK,
    Named(Close, "end"),
];

const QUIZ: &[Entry] = &[
    Answers,
    Named(Close, "skip"),
    Named(Quiz, "stop predicting"),
    TICK,
    EVENT,
    POLL,
    Row(Play),
    Row(NextPanel),
];

const LIVE: &[Entry] = &live("pause");

const LIVE_PAUSED: &[Entry] = &live("resume");

/// The keys of a live run, in which the key for playing pauses or resumes.
const fn live(play: &'static str) -> [Entry; 9] {
    [
        Named(Play, play),
        TICK,
        POLL,
        EVENT,
        Named(Last, "start/now"),
        Row(Why),
        Row(Record),
        Row(Find),
        Row(NextPanel),
    ]
}

const UNSTARTED: &[Entry] = &[
    Named(Play, "start"),
    TICK,
    POLL,
    Row(Record),
    Row(NextPanel),
];

/// A part of the tour or of a lesson that is not at its end.
const GUIDE: &[Entry] = &[
    TICK,
    EVENT,
    Named(Last, "start/end"),
    Row(Play),
    Row(GoToCause),
    Row(Why),
    Row(NextPanel),
];

const GUIDE_END: &[Entry] = &[
    Typed("Enter", "next part"),
    TICK,
    EVENT,
    Row(First),
    Row(NextDifference),
    Row(Why),
    Row(Numbers),
    Row(NextPanel),
];

const GUIDE_QUESTION: &[Entry] = &[
    Answers,
    Named(Close, "no prediction"),
    TICK,
    EVENT,
    Row(NextPanel),
];

const LESSONS: &[Entry] = &[
    Named(Pick(P::Open), "open"),
    Named(Pick(P::Down), "lesson"),
    Named(Pick(P::NextTab), "scenarios"),
    Row(Pick(P::Find)),
    Named(Pick(P::Compare), "both ways at once"),
];

const PICKER: &[Entry] = &[
    Row(Pick(P::Open)),
    Row(Pick(P::Down)),
    Named(Pick(P::NextTab), "lessons"),
    Row(Pick(P::Find)),
    Row(Pick(P::Compare)),
    Row(Pick(P::OpenBeside)),
    Row(Pick(P::SetParameter)),
];

const PICKER_GENERAL: &[Entry] = &[
    Row(Language),
    Row(NextLesson),
    Row(Pick(P::PageDown)),
    Row(Pick(P::First)),
];

const HELP: &[Entry] = &[
    Typed("j/k", "scroll"),
    Typed("PgDn/PgUp", "page"),
    Typed("Home/End", "ends"),
    Row(Close),
];

const CHOOSE: &[Entry] = &[
    Typed("j/k", "choose"),
    Typed("Enter", "go there"),
    Row(Close),
];

const TIMES: &[Entry] = &[
    Typed("j/k", "choose"),
    Typed("Enter", "go there"),
    Typed("Tab", "group"),
    Typed("←/→", "ready or polls"),
    Row(Close),
];

const CHOOSE_BRANCH: &[Entry] = &[Typed("j/k", "choose"), Typed("Enter", "run it"), Row(Close)];

const CHOOSE_LOOP: &[Entry] = &[
    Typed("j/k", "choose"),
    Typed("Enter", "show it"),
    Row(Close),
];

const PROMPT: &[Entry] = &[Typed("Enter", "done"), Named(Close, "cancel")];

const LETTER: &[Entry] = &[Typed("a-z", "the mark"), Named(Close, "cancel")];

const CONFIRM: &[Entry] = &[Typed("y", "remove them"), Named(Close, "keep them")];

const LANGUAGES: &[Entry] = &[
    Typed("p", "Python"),
    Typed("r", "Rust"),
    Typed("Enter", "the marked one"),
];

const POPUP: &[Entry] = &[Row(Close)];

/// The keys of the footer.
pub(super) fn hints(model: &Model) -> Hints {
    let overlay = match &model.overlay {
        Overlay::None => None,
        Overlay::Help(_) => Some(HELP),
        Overlay::Prompt(..) => Some(PROMPT),
        Overlay::Why(_) | Overlay::Findings(_) => Some(CHOOSE),
        Overlay::Latency(_) => Some(TIMES),
        Overlay::Numbers => Some(POPUP),
        Overlay::Mark { .. } => Some(LETTER),
        Overlay::WhatIf(_) => Some(CHOOSE_BRANCH),
        Overlay::Loops(_) => Some(CHOOSE_LOOP),
        Overlay::ConfirmClear => Some(CONFIRM),
        Overlay::AskLanguage => Some(LANGUAGES),
    };
    let named = |entries: &[Entry]| {
        entries
            .iter()
            .filter_map(|entry| hint(model, *entry))
            .collect()
    };
    if let Some(entries) = overlay {
        return Hints {
            own: named(entries),
            general: Vec::new(),
            fixed: Vec::new(),
        };
    }
    let (own, general) = match model.screen {
        Screen::Picker if model.picker.lists_lessons() => (LESSONS, PICKER_GENERAL),
        Screen::Picker => (PICKER, PICKER_GENERAL),
        Screen::Main => (main_keys(model), MAIN),
        Screen::Compare if model.is_searching() => (SEARCH, COMPARE_GENERAL),
        Screen::Compare if model.has_open_finding() => (FINDING, COMPARE_GENERAL),
        Screen::Compare if model.guide.is_some() => (guide_keys(model), COMPARE_GENERAL),
        Screen::Compare => (COMPARE, COMPARE_GENERAL),
    };
    let leave = match model.topmost() {
        None => "quit",
        Some(Topmost::Guide) => "leave",
        Some(
            Topmost::Search
            | Topmost::Finding
            | Topmost::Quiz
            | Topmost::Maximised
            | Topmost::Comparison
            | Topmost::ScenarioFilter
            | Topmost::ScenarioList,
        ) => "close",
    };
    Hints {
        own: named(own),
        general: named(general),
        fixed: named(&[Row(Help), Named(Leave, leave)]),
    }
}

/// The keys of the tour or of a lesson.
fn guide_keys(model: &Model) -> &'static [Entry] {
    match &model.guide {
        Some(Guide::Lesson(path)) if path.asks() => GUIDE_QUESTION,
        _ if model.guide_continues() => GUIDE_END,
        _ => GUIDE,
    }
}

/// The keys of the mode, or else of the panel that has the focus.
fn main_keys(model: &Model) -> &'static [Entry] {
    if model.is_searching() {
        return SEARCH;
    }
    if model.has_open_finding() {
        return FINDING;
    }
    let pane = model.pane();
    // The question of a lesson takes the digits before that of predict mode does.
    if matches!(&model.guide, Some(Guide::Lesson(path)) if path.asks()) {
        return GUIDE_QUESTION;
    }
    if asked(model) {
        return QUIZ;
    }
    if model.guide.is_some() {
        return guide_keys(model);
    }
    if pane.is_some_and(RunPane::is_unstarted) {
        return UNSTARTED;
    }
    if pane.is_some_and(RunPane::is_paused_live) {
        return LIVE_PAUSED;
    }
    if pane.is_some_and(RunPane::is_live) {
        return LIVE;
    }
    match model.focus {
        Panel::Program => PROGRAM,
        Panel::Loop => LOOP,
        Panel::Tasks => TASKS,
        Panel::Timeline => TIMELINE,
        Panel::Why => WHY,
        Panel::Output => OUTPUT,
    }
}

/// Whether a question of predict mode is open.
fn asked(model: &Model) -> bool {
    let quiz = model.quiz.as_ref().zip(model.pane());
    quiz.is_some_and(|(quiz, pane)| quiz.open(&pane.replay).is_some())
}

/// The keys and the word of an entry; `None` if its action has no key on this screen.
fn hint(model: &Model, entry: Entry) -> Option<Hint> {
    let (action, word) = match entry {
        Typed(keys, word) => return Some((keys.into(), word.into())),
        Answers => return Some((digits(answers(model)), "answer".into())),
        Row(action) => (action, None),
        Named(action, word) => (action, Some(word)),
    };
    let applies = match action {
        Pick(P::OpenBeside) => !model.panes.is_empty(),
        Loops => model.loops.count() > 0,
        Findings => {
            let found = |pane: &RunPane| !pane.findings.rows().is_empty();
            !model.conceals_findings() && model.pane().is_some_and(found)
        }
        _ => true,
    };
    if !applies {
        return None;
    }
    let row = keymap::rows(model.key_scope())
        .find(|row| row.action == action || row.back.is_some_and(|(_, back)| back == action))?;
    let word = match action {
        Language => {
            let shown = model.pane().map(|pane| model.language_for(pane));
            format!("language: {}", shown.unwrap_or(model.language).name())
        }
        _ => word.unwrap_or(row.short).to_owned(),
    };
    // The way back of these is Shift+Tab, as everywhere.
    let forward = matches!(action, NextPanel | Pick(P::NextTab));
    let first = row.keys.first().filter(|_| forward);
    let keys = first.map_or_else(|| row.brief(), |key| key.name());
    (!word.is_empty()).then_some((keys, word))
}

/// The number of answers to the open question: that of a lesson, or that of predict mode.
fn answers(model: &Model) -> usize {
    if let Some(Guide::Lesson(path)) = &model.guide
        && path.asks()
    {
        return path.answers.len();
    }
    let quiz = model.quiz.as_ref().zip(model.pane());
    let question = quiz.and_then(|(quiz, pane)| quiz.open(&pane.replay));
    question.map_or(0, |question| question.choices.len())
}

/// The digits that answer a question with that many answers: `1-3`.
fn digits(answers: usize) -> String {
    match answers {
        0 | 1 => "1".to_owned(),
        more => format!("1-{more}"),
    }
}
