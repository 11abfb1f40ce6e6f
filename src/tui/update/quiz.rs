//! Predicting: the person says what comes next before it is shown.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::model::{Model, Screen, quiz::Quiz};

use super::navigate;

/// Begins to ask, or ends it and says how it went.
pub(super) fn toggle(model: &mut Model) {
    if let Some(quiz) = model.quiz.take() {
        model.notice = Some(format!("no more questions: {} were right", quiz.score()));
        return;
    }
    model.player.pause();
    model.quiz = Some(Quiz::default());
    model.future = false;
    model.notice =
        Some("say what comes next before you see it: 1 to 4 answer, Esc passes, P ends it".into());
}

/// A digit answers the question that is open; whether it was one.
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

/// Passes the question that is open; whether there was one.
pub(super) fn pass(model: &mut Model) -> bool {
    let (Some(quiz), Some(pane)) = (&mut model.quiz, model.panes.get(model.active)) else {
        return false;
    };
    let Some(question) = quiz.open(&pane.replay) else {
        return false;
    };
    quiz.pass(&question);
    model.notice = Some("passed: go on as you like".into());
    true
}
