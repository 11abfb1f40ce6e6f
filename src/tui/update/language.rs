//! The language in which runs are described: the question at the first start, and the key `e`.

use crossterm::event::{KeyCode, KeyEvent};

use crate::insight::{Language, only_language};

use crate::tui::{
    message::{Action, Command},
    model::{Model, Overlay},
};

use super::guide;

/// Changes the language of the source and of the words between Rust and Python.
pub(super) fn switch(model: &mut Model) -> Vec<Command> {
    set(model, model.language.other())
}

/// Takes the answer to the question which language the user reads: the letter of one, or Enter for
/// the highlighted one, to which the arrow keys move. Esc leaves it at the default. Other keys are
/// no answer, so the question stays.
pub(super) fn choose(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Command> {
    match (key.code, action) {
        (KeyCode::Char('p' | 'P'), _) => return set(model, Language::Python),
        (KeyCode::Char('r' | 'R') | KeyCode::Esc, _) => return set(model, Language::Rust),
        (KeyCode::Enter, _) => return set(model, model.language),
        (KeyCode::Up | KeyCode::Down | KeyCode::Tab | KeyCode::Char('j' | 'k'), _) => {
            model.language = model.language.other();
        }
        (_, Some(Action::Quit | Action::Leave)) => return vec![Command::Quit],
        _ => {}
    }
    model.overlay = Overlay::AskLanguage;
    Vec::new()
}

fn set(model: &mut Model, language: Language) -> Vec<Command> {
    model.asks_language = false;
    model.language = language;
    for pane in model.panes.iter_mut().chain(&mut model.loops.hidden) {
        pane.line = None;
    }
    // The words of a comparison are in the language that was set when it was made.
    model.compare();
    guide::reword(model);
    let name = model.language.name();
    let only = model
        .panes
        .iter()
        .find_map(|pane| only_language(&pane.replay).filter(|only| *only != model.language));
    model.notice = Some(match only {
        Some(only) => format!(
            "language: {name}; but this program exists in {} only",
            only.name()
        ),
        None => format!("language: {name}; e switches it"),
    });
    vec![Command::Remember(language)]
}
