//! The quiz of predict mode: it asks what happens next before the screen shows it.

use std::collections::BTreeSet;

use crate::{
    insight::{Question, question},
    replay::Replay,
    trace::Position,
};

/// The answers that were given so far.
///
/// A question is identified by the position after the event that it asks about. It is open at the
/// positions before that event until it is answered or skipped. No step forward shows the event
/// while the question is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quiz {
    /// The questions that were answered. Only the first answer to each counts.
    answered: BTreeSet<Position>,
    /// How many of them were answered correctly.
    right: usize,
    /// The question that was skipped last.
    skipped: Option<Position>,
}

impl Quiz {
    /// The score in words: `3 of 4`.
    pub(crate) fn score(&self) -> String {
        format!("{} of {}", self.right, self.answered.len())
    }

    /// The open question at the current position.
    pub(crate) fn open(&self, replay: &Replay) -> Option<Question> {
        question(replay).filter(|question| !self.is_closed(question))
    }

    /// Whether going from the current position to `to` would show the answer to the open question.
    pub(crate) fn holds(&self, replay: &Replay, to: Position) -> bool {
        self.open(replay)
            .is_some_and(|question| to >= question.after)
    }

    /// Where a step towards `to` ends. If the current question is closed, the step ends at the
    /// event that the question asks about, because the next question may open there.
    pub(crate) fn limit(&self, replay: &Replay, to: Position) -> Position {
        match question(replay) {
            Some(question) if self.is_closed(&question) => to.min(question.after),
            _ => to,
        }
    }

    fn is_closed(&self, question: &Question) -> bool {
        self.answered.contains(&question.after) || self.skipped == Some(question.after)
    }

    /// Enters an answer, and says whether it is right.
    pub(crate) fn answer(&mut self, question: &Question, answer: usize) -> String {
        let right = answer == question.right;
        self.answered.insert(question.after);
        self.right += usize::from(right);
        let verdict = if right { "Right" } else { "No" };
        let score = self.score();
        let came = question
            .choices
            .get(question.right)
            .map_or("", String::as_str);
        let why = &question.why;
        format!("{verdict} ({score}): {came}: {why}.")
    }

    /// Closes the open question without an answer.
    pub(crate) fn skip(&mut self, question: &Question) {
        self.skipped = Some(question.after);
    }
}
