//! The card above the run while the tour or a lesson is under way: what to look at, what the run has
//! shown, and which key comes next.
//!
//! ```text
//! ┌ Tour, part 1 of 3: one await after the other ─────── q leaves the tour ┐
//! │ TIMERS holds 1 timer, due at 1.000. #0 main is the only task: while it │
//! │ sleeps, nothing runs.                                                  │
//! │ Press t: the next tick   T: back                                       │
//! └────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The numbers are those of the run on the screen.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, widgets::Widget};

use crate::{
    insight::{LESSONS, Language, Lesson, capital, task_label},
    replay::Replay,
    scene::waits::waits_sentence,
    trace::Position,
};

use crate::tui::{
    layout::SizeClass,
    model::{
        Model,
        guide::{Guide, LessonPath, LessonStage, TourPart},
        run_pane::RunPane,
    },
    theme::Theme,
    widgets::{
        panel::bordered,
        text::{cut, put, put_at, styled, wrap},
    },
};

/// What a card says.
struct CardText {
    title: String,
    /// Sentences about the run.
    text: String,
    /// The key that comes next, and what it does.
    press: String,
}

/// The card of the tour or of a lesson. Draws nothing if neither is under way.
pub(crate) struct GuideCard<'a> {
    pub(crate) model: &'a Model,
    pub(crate) size: SizeClass,
}

impl Widget for &GuideCard<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let Some(card) = card(self.model).filter(|_| !area.is_empty()) else {
            return;
        };
        let theme = self.model.theme;
        // Where rows are scarce, the title and the next key share a row, without a border.
        let (inner, title) = if self.size >= SizeClass::Narrow {
            let hint = "q leaves";
            (bordered(theme, area, buffer, &card.title, hint, true), None)
        } else {
            (area, Some(card.title.as_str()))
        };
        let rows = usize::from(inner.height);
        let columns = usize::from(inner.width).saturating_sub(2);
        if let Some(title) = title {
            put(
                buffer,
                inner,
                0,
                &styled(cut(&format!(" {title}"), columns), Theme::strong()),
            );
        }
        let first = usize::from(title.is_some());
        let room = rows.saturating_sub(first + 1);
        for (line, row) in whole_sentences(&card.text, columns, room)
            .iter()
            .zip(first..)
        {
            put_at(buffer, inner, (1, row), line, Style::new());
        }
        let press = cut(&card.press, columns);
        put_at(
            buffer,
            inner,
            (1, rows.saturating_sub(1)),
            &press,
            Theme::strong(),
        );
    }
}

/// As many sentences of a text as fit into these rows; at least the start of the first.
fn whole_sentences(text: &str, columns: usize, rows: usize) -> Vec<String> {
    let mut fitting = Vec::new();
    for (end, _) in text.match_indices(['.', '?', ':']) {
        let after = text.get(end + 1..).unwrap_or_default();
        if !after.is_empty() && !after.starts_with(' ') {
            continue;
        }
        let lines = wrap(text.get(..=end).unwrap_or_default(), columns);
        if lines.len() > rows {
            break;
        }
        fitting = lines;
    }
    if fitting.is_empty() {
        fitting = wrap(text, columns);
        fitting.truncate(rows);
    }
    fitting
}

/// The text of the card; `None` if neither a tour nor a lesson is under way.
fn card(model: &Model) -> Option<CardText> {
    let pane = model.pane()?;
    match model.guide.as_ref()? {
        Guide::Tour(part) => Some(tour(model, pane, *part)),
        Guide::Lesson(path) => lesson(model, pane, path),
    }
}

fn tour(model: &Model, pane: &RunPane, part: TourPart) -> CardText {
    let language = model.language_for(pane);
    let subject = match part {
        TourPart::InOrder => "one await after the other",
        TourPart::Concurrent => {
            language.choose("spawn both, then await", "create both tasks, then await")
        }
        TourPart::Both => "both runs on one clock",
    };
    let title = format!("Tour, part {} of 3: {subject}", part.number());
    let (text, press) = if part == TourPart::Both {
        both(model, pane)
    } else {
        one(pane, part, language)
    };
    CardText { title, text, press }
}

/// The text and the key of a part with one run: at its start, on the way, and at its end.
fn one(pane: &RunPane, part: TourPart, language: Language) -> (String, String) {
    let (replay, variant) = (&pane.replay, pane.replay.log().meta.variant.as_str());
    if pane.is_over() {
        let text = waits_sentence(replay).unwrap_or_default();
        let next = match part {
            TourPart::InOrder => language.choose(
                "Enter: the same two calls, spawned as tasks",
                "Enter: the same two calls, as tasks",
            ),
            TourPart::Concurrent | TourPart::Both => "Enter: both runs side by side",
        };
        return (text, format!("Press {next}   T: back"));
    }
    if replay.position() <= Position(1) {
        let what = match part {
            TourPart::InOrder => "It calls say_after twice and awaits one call after the other.",
            TourPart::Concurrent | TourPart::Both => language.choose(
                "It spawns both calls as tasks, and then awaits both.",
                "It makes a task of each call, and then awaits both.",
            ),
        };
        let text = format!(
            "This is a real run of {}:{variant}, paused at its first event. {what} How long will it \
             take? Panel 1 shows the source, panel 2 where each task is, panel 5 what has happened.",
            replay.log().meta.scenario
        );
        return (text, "Press t: run one tick of the loop".into());
    }
    (timers(replay), "Press t: the next tick   T: back".into())
}

/// Which timers are set, and what that means for the tasks.
fn timers(replay: &Replay) -> String {
    let state = replay.state();
    let timers = state.next_timers(4);
    let due: Vec<String> = timers
        .iter()
        .map(|(_, timer)| timer.deadline.to_string())
        .collect();
    let set = match due.as_slice() {
        [] => "No timer is set now.".to_owned(),
        [one] => format!("Look at TIMERS: one timer is set, due at {one}."),
        many => format!(
            "Look at TIMERS: {} timers are set at once, due at {}.",
            many.len(),
            many.join(" and ")
        ),
    };
    let mut unfinished = state.tasks.unfinished().map(|(task, _)| task);
    let rest = match (unfinished.next(), unfinished.count()) {
        (Some(only), 0) if !due.is_empty() => format!(
            "{} is the only task left: while it sleeps, nothing else can run.",
            task_label(replay.tables(), only)
        ),
        (Some(_), 1..) if !due.is_empty() => "While one task sleeps, the others can run.".into(),
        (Some(_), _) => "Look at READY: what is in it runs in the next tick.".into(),
        (None, _) => String::new(),
    };
    format!("{set} {rest}")
}

/// The text and the key of the part with both runs.
fn both(model: &Model, pane: &RunPane) -> (String, String) {
    let [a, b] = model.panes.as_slice() else {
        return ("The second run is starting.".into(), String::new());
    };
    let total = |pane: &RunPane| pane.replay.index().head().now();
    let text = format!(
        "Same two sleeps, same clock. A awaits one after the other and takes {} s; B starts both and \
         takes {} s.",
        total(a),
        total(b)
    );
    let press = if pane.is_over() {
        "Press Enter: the first lesson   q: the list of scenarios"
    } else {
        "Press t: step both runs by a tick   G: to the end"
    };
    (text, press.into())
}

fn lesson(model: &Model, pane: &RunPane, path: &LessonPath) -> Option<CardText> {
    let language = model.language_for(pane);
    let lesson = LESSONS.iter().find(|lesson| lesson.number == path.number)?;
    let count = LESSONS.len();
    let (step, text, press) = match path.stage {
        LessonStage::Predict => (
            "your prediction",
            asked(lesson, path, language),
            choices(path),
        ),
        LessonStage::Run => (
            "the run",
            watched(lesson, pane, path, language),
            run_keys(pane),
        ),
        LessonStage::Reveal => (
            "what is true",
            revealed(lesson, path, language),
            "Press Enter or L: the next lesson   H: the previous one   q: the list".into(),
        ),
    };
    Some(CardText {
        title: format!("Lesson {:02} of {count}: {step}", lesson.number),
        text,
        press,
    })
}

fn asked(lesson: &Lesson, path: &LessonPath, language: Language) -> String {
    let belief = lesson.belief.text(language);
    let shows = capital(lesson.shows.text(language));
    let begin = format!("Belief: {belief}. Is that so? This run acts on it.");
    if path.asks() {
        format!("{begin} What do you expect? {shows}:")
    } else {
        format!("{begin} What matters is one number. {shows}: ?")
    }
}

fn choices(path: &LessonPath) -> String {
    if !path.asks() {
        return "The runs are starting.".into();
    }
    let answers = path.answers.iter().zip(1..);
    let answers: Vec<String> = answers
        .map(|(answer, digit)| format!("{digit}: {answer}"))
        .collect();
    format!("Press {}   Esc: no prediction", answers.join("   "))
}

fn watched(lesson: &Lesson, pane: &RunPane, path: &LessonPath, language: Language) -> String {
    let said = path.said.and_then(|said| path.answers.get(said));
    let said = said.map_or_else(String::new, |said| format!("You expect \"{said}\". "));
    let shows = capital(lesson.shows.text(language));
    if pane.is_over() {
        let here = path.answers.get(path.right).map_or("", String::as_str);
        format!("{said}The run has ended. {shows}: {here}.")
    } else {
        format!(
            "{said}Watch the run, and look for this number. {shows}: ? Panel 5 tells each tick."
        )
    }
}

fn run_keys(pane: &RunPane) -> String {
    if pane.is_over() {
        "Press Enter: what is true, beside the right way   T: back".into()
    } else {
        "Press t: the next tick   n: the next event   G: to the end".into()
    }
}

fn revealed(lesson: &Lesson, path: &LessonPath, language: Language) -> String {
    let right = path.answers.get(path.right).map_or("", String::as_str);
    let verdict = match path.said {
        Some(said) if said == path.right => format!("You were right: \"{right}\". "),
        Some(said) => {
            let said = path.answers.get(said).map_or("", String::as_str);
            format!("You expected \"{said}\"; it is \"{right}\". ")
        }
        None => String::new(),
    };
    let rule = lesson.rule.text(language);
    format!(
        "{verdict}The rule: {rule}. {}: {right} in A, {} in B.",
        capital(lesson.shows.text(language)),
        path.other
    )
}
