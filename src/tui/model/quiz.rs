//! Saying what comes next before it is shown.

use std::collections::BTreeSet;

use crate::{
    insight::{Question, question},
    replay::Replay,
    trace::Position,
};

/// How many questions were answered, and how well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quiz {
    /// The positions after what was asked for. Only a first answer counts.
    asked: BTreeSet<Position>,
    right: usize,
    /// The question that the person does not want to answer, by the position after what it asks for.
    passed: Option<Position>,
}

impl Quiz {
    /// `3 of 4`.
    pub(crate) fn score(&self) -> String {
        format!("{} of {}", self.right, self.asked.len())
    }

    /// What is asked at the current position, unless it was answered before.
    pub(crate) fn open(&self, replay: &Replay) -> Option<Question> {
        question(replay).filter(|question| !self.is_closed(question))
    }

    /// Whether going on from the current position as far as `to` would show what is asked for.
    pub(crate) fn holds(&self, replay: &Replay, to: Position) -> bool {
        self.open(replay)
            .is_some_and(|question| to >= question.after)
    }

    /// The furthest that one step goes: not past an answer that is known, for behind it the next question stands.
    pub(crate) fn limit(&self, replay: &Replay, to: Position) -> Position {
        match question(replay) {
            Some(question) if self.is_closed(&question) => to.min(question.after),
            _ => to,
        }
    }

    fn is_closed(&self, question: &Question) -> bool {
        self.asked.contains(&question.after) || self.passed == Some(question.after)
    }

    /// Enters an answer; the words say how good it was.
    pub(crate) fn answer(&mut self, question: &Question, answer: usize) -> String {
        let right = answer == question.right;
        self.asked.insert(question.after);
        self.right += usize::from(right);
        let verdict = if right { "Right" } else { "Not so" };
        let came = question
            .choices
            .get(question.right)
            .map_or("", String::as_str);
        format!("{verdict}: {came}. {} right so far.", self.score())
    }

    /// The question that is open is not to be answered.
    pub(crate) fn pass(&mut self, question: &Question) {
        self.passed = Some(question.after);
    }
}
