//! Predicting: the person says what comes next before it is shown.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::model::{Model, Screen, predict::Predict};

use super::walk;

/// Begins to ask, or ends it and says how it went.
pub(super) fn toggle(model: &mut Model) {
    if let Some(predict) = model.predict.take() {
        model.notice = Some(format!("no more questions: {} were right", predict.score()));
        return;
    }
    model.player.pause();
    model.predict = Some(Predict::default());
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
    let (Some(predict), Some(side)) = (&mut model.predict, model.sides.get(model.active)) else {
        return false;
    };
    let Some(question) = predict.open(&side.replay) else {
        return false;
    };
    let Some(answer) = digit
        .checked_sub(1)
        .filter(|answer| *answer < question.choices.len())
    else {
        return false;
    };
    model.notice = Some(predict.answer(&question, answer));
    model.player.pause();
    walk::go(model, question.after);
    true
}

/// Passes the question that is open; whether there was one.
pub(super) fn pass(model: &mut Model) -> bool {
    let (Some(predict), Some(side)) = (&mut model.predict, model.sides.get(model.active)) else {
        return false;
    };
    let Some(question) = predict.open(&side.replay) else {
        return false;
    };
    predict.pass(&question);
    model.notice = Some("passed: go on as you like".into());
    true
}
