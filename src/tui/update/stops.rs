//! What stops playing and stepping: breakpoints, and the questions of a quiz. Also the steps to the
//! ends of a task's current stretch.

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    insight::{Language, event_kind, has_await, location_lines, task_label, twin_await_lines},
    replay::ScanResult,
    scene::source_view,
    trace::{Event, LocationId, Position, TextId},
};

use crate::tui::model::{
    Model, Overlay, Panel, Screen, boundary_search::BoundarySearch, breakpoints::Breakpoint,
    quiz::Quiz, run_pane::RunPane,
};

use super::navigate;

/// Sets or removes a breakpoint on what the panel that has the focus shows.
pub(super) fn toggle_breakpoint(model: &mut Model) {
    let panel = if model.screen == Screen::Main {
        model.focus
    } else {
        Panel::Tasks
    };
    let language = model.pane().map(|pane| model.language_for(pane));
    let language = language.unwrap_or_default();
    let Some(pane) = model.pane_mut() else { return };
    let new = match breakpoint_for(pane, panel, language) {
        Ok(new) => new,
        Err(why) => {
            model.notice = Some(why.into());
            return;
        }
    };
    let what = match &new {
        Breakpoint::Task(task) => format!("when {} runs", task_label(pane.replay.tables(), *task)),
        Breakpoint::Line { line, .. } => {
            format!("when a task reaches line {line} or continues from it")
        }
        Breakpoint::Kind(kind) => {
            format!("at each event of the kind \"{}\"", kind.text(language))
        }
    };
    let set = pane.breakpoints.toggle(new);
    let effect = if pane.is_live() {
        "the loop pauses there"
    } else {
        "c goes to the next, C back"
    };
    model.notice = Some(if set {
        format!(
            "breakpoint {what}: {effect} (all: {})",
            pane.breakpoints.words(language)
        )
    } else {
        format!("breakpoint removed: {what}")
    });
}

/// The breakpoint that the key sets in a panel: on the chosen line, on the kind of the last event,
/// on output, or on the selected task. The error says why there is none.
fn breakpoint_for(
    pane: &RunPane,
    panel: Panel,
    language: Language,
) -> Result<Breakpoint, &'static str> {
    const NOTHING: &str = "there is nothing to stop at here";
    match panel {
        Panel::Program => line_breakpoint(pane, language),
        Panel::Why => {
            let event = pane.replay.event_before(pane.replay.position());
            event
                .map(|event| Breakpoint::Kind(event_kind(&event)))
                .ok_or(NOTHING)
        }
        Panel::Output => Ok(Breakpoint::Kind(event_kind(&Event::Output {
            text: TextId(0),
            at: LocationId::UNKNOWN,
        }))),
        Panel::Loop | Panel::Tasks | Panel::Timeline if pane.replay.state().tasks.is_empty() => {
            Err(NOTHING)
        }
        Panel::Loop | Panel::Tasks | Panel::Timeline => Ok(Breakpoint::Task(pane.task())),
    }
}

/// The breakpoint on the chosen line of the source, or on the next line after it at which a task
/// can stop: one with an await, or one that the trace names. A comment is no such line. The lines of
/// a Python twin are not executed themselves: a task can stop where the Rust line that corresponds to
/// a line has an await.
fn line_breakpoint(pane: &RunPane, language: Language) -> Result<Breakpoint, &'static str> {
    const NO_STOP: &str = "no task can stop at this line, nor at a line below it";
    let replay = &pane.replay;
    let program = source_view::source_view(replay, pane.chosen(), language);
    let chosen = pane.line.or(program.focus).ok_or(NO_STOP)?;
    let named = location_lines(replay, program.file).into_iter().flatten();
    let twin = twin_await_lines(&replay.log().meta);
    let python = language == Language::Python;
    let awaits = |text: &str| match (python, twin.is_empty()) {
        (true, false) => false,
        (true, true) => text.contains("await "),
        (false, _) => has_await(text),
    };
    let mut stops: BTreeSet<u32> = named.collect();
    let lines = program.lines.iter().zip(1..);
    stops.extend(
        lines
            .filter(|(line, _)| awaits(line.text))
            .map(|(_, number)| number),
    );
    if python {
        stops.extend(twin);
    }
    let first = u32::try_from(chosen + 1).map_err(|_| NO_STOP)?;
    let line = stops.range(first..).next().ok_or(NO_STOP)?;
    Ok(Breakpoint::Line {
        file: program.file.to_owned(),
        line: *line,
    })
}

/// Asks whether all breakpoints are to be removed.
pub(super) fn ask_to_clear(model: &mut Model) {
    let Some(pane) = model.pane() else { return };
    if pane.breakpoints.is_empty() {
        model.notice = Some("there is no breakpoint: b sets one".into());
    } else {
        model.overlay = Overlay::ConfirmClear;
    }
}

/// The answer: `y` removes all breakpoints, any other key keeps them.
pub(super) fn confirmed(model: &mut Model, key: KeyEvent) {
    let language = model.pane().map(|pane| model.language_for(pane));
    let Some(pane) = model.pane_mut() else { return };
    let words = if key.code == KeyCode::Char('y') {
        let words = pane.breakpoints.words(language.unwrap_or_default());
        let words = format!("breakpoints removed: {words}");
        pane.breakpoints.clear();
        words
    } else {
        "the breakpoints are kept".into()
    };
    model.notice = Some(words);
}

/// Goes to the end of the selected task's current stretch (one wait, one time in the ready queue,
/// or one poll), or to its start.
pub(super) fn stretch(model: &mut Model, forward: bool) {
    let Some(pane) = model.pane() else { return };
    let from = pane.replay.position();
    model.boundary = Some(BoundarySearch::new(pane.task(), from, forward));
    model.player.pause();
    search_boundary(model);
}

/// Searches the next slice of the trace for an end of a stretch. Goes there if it is found. Returns
/// whether a search was under way.
pub(super) fn search_boundary(model: &mut Model) -> bool {
    let Some(mut search) = model.boundary.take() else {
        return false;
    };
    let Some(pane) = model.pane() else {
        return false;
    };
    let name = task_label(pane.replay.tables(), search.task);
    match search.search_slice(&pane.replay) {
        ScanResult::At(position) => {
            model.notice = None;
            go_to_boundary(model, position, search.forward);
        }
        ScanResult::NotFound => {
            let is_whole = pane.replay.index().head().outcome.is_some();
            model.notice = Some(match (search.forward, is_whole) {
                (true, true) => format!("nothing more happens to {name} in this run"),
                (true, false) => {
                    format!("nothing more happens to {name} in what is recorded so far")
                }
                (false, _) => format!("no earlier change of {name} is recorded"),
            });
        }
        ScanResult::Paused(_) => {
            model.notice = Some(search.words(&pane.replay, &name));
            model.boundary = Some(search);
        }
    }
    true
}

/// Goes to an end of a stretch, or in predict mode to the next question if that comes first.
fn go_to_boundary(model: &mut Model, mut position: Position, forward: bool) {
    if forward {
        if let (Some(quiz), Some(pane)) = (navigate::open_quiz(model), model.pane()) {
            position = quiz.limit(&pane.replay, position);
        }
        if navigate::is_held(model, position) {
            return;
        }
    }
    navigate::go(model, position);
}

/// Starts a quiz, or ends it and shows the score.
pub(super) fn toggle_quiz(model: &mut Model) {
    if let Some(quiz) = model.quiz.take() {
        model.notice = Some(format!("no more questions: {} right", quiz.score()));
        return;
    }
    model.player.pause();
    model.quiz = Some(Quiz::default());
    model.future = false;
    model.notice = Some("What runs next? Press 1 to 4, Esc to skip, P to stop".into());
}

/// Answers the open question if the key is one of its digits. Returns whether it was.
pub(super) fn answered(model: &mut Model, key: KeyEvent) -> bool {
    let (KeyCode::Char(letter), Screen::Main) = (key.code, model.screen) else {
        return false;
    };
    let Some(digit) = letter
        .to_digit(10)
        .and_then(|digit| usize::try_from(digit).ok())
    else {
        return false;
    };
    let (Some(quiz), Some(pane)) = (&mut model.quiz, model.panes.get(model.active)) else {
        return false;
    };
    let Some(question) = quiz.open(&pane.replay) else {
        return false;
    };
    let Some(answer) = digit
        .checked_sub(1)
        .filter(|answer| *answer < question.choices.len())
    else {
        return false;
    };
    model.notice = Some(quiz.answer(&question, answer));
    model.player.pause();
    navigate::go(model, question.after);
    true
}

/// Skips the open question. Returns whether there was one.
pub(super) fn skip_question(model: &mut Model) -> bool {
    let (Some(quiz), Some(pane)) = (&mut model.quiz, model.panes.get(model.active)) else {
        return false;
    };
    let Some(question) = quiz.open(&pane.replay) else {
        return false;
    };
    quiz.skip(&question);
    model.notice = Some("skipped".into());
    true
}
