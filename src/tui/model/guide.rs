//! The guides that lead through real runs: the tour, and the path of a lesson.
//!
//! A guide is a sequence of parts, each with a run on the screen and a card above it. All keys work
//! as usual; Enter goes to the next part where the card offers it.
//!
//! ```text
//!   tour     in order ──> concurrent ──> both, side by side
//!   lesson   belief, with a prediction ──> the run ──> what is true, both runs side by side
//! ```
//!
//! A guide ends when another run is opened, or when `q` or Esc closes it.

use crate::{insight::Lesson, trace::Meta};

use super::{
    Model,
    lists::{CONCURRENT, IN_ORDER, TOUR_SCENARIO},
    run_pane::RunPane,
};

/// What is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Guide {
    /// The tour, at one of its parts.
    Tour(TourPart),
    /// A lesson.
    Lesson(LessonPath),
}

/// The parts of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TourPart {
    /// Two calls, awaited one after the other.
    InOrder,
    /// The same calls, spawned as tasks.
    Concurrent,
    /// Both runs side by side.
    Both,
}

impl TourPart {
    /// Its number, from 1.
    pub(crate) fn number(self) -> u8 {
        match self {
            TourPart::InOrder => 1,
            TourPart::Concurrent => 2,
            TourPart::Both => 3,
        }
    }
}

/// The path of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LessonPath {
    /// The lesson's number.
    pub(crate) number: u8,
    pub(crate) stage: LessonStage,
    /// What the lesson measures in the two runs, in alphabetical order, which gives no hint. Empty
    /// until both runs are complete.
    pub(crate) answers: Vec<String>,
    /// The index of the answer that is right for the run on the screen.
    pub(crate) right: usize,
    /// What the lesson measures in the other run.
    pub(crate) other: String,
    /// The index of the predicted answer; `None` if there is no prediction.
    pub(crate) said: Option<usize>,
}

/// The stages of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LessonStage {
    /// The belief is stated, and the user predicts what is measured in the run that acts on it.
    Predict,
    /// The user steps through that run.
    Run,
    /// The rule, with both runs side by side.
    Reveal,
}

impl LessonPath {
    /// The start of a lesson.
    pub(crate) fn new(number: u8) -> LessonPath {
        LessonPath {
            number,
            stage: LessonStage::Predict,
            answers: Vec::new(),
            right: 0,
            other: String::new(),
            said: None,
        }
    }

    /// Takes the measures of both runs: that of the run on the screen, and that of the other.
    pub(crate) fn measured(&mut self, shown: &str, other: &str) {
        self.answers = vec![shown.to_owned()];
        if other != shown {
            self.answers.push(other.to_owned());
        }
        other.clone_into(&mut self.other);
        self.answers.sort();
        self.right = self
            .answers
            .iter()
            .position(|answer| *answer == shown)
            .unwrap_or(0);
    }

    /// Whether a question is open: it has two answers, and none was given.
    pub(crate) fn asks(&self) -> bool {
        self.stage == LessonStage::Predict && self.answers.len() > 1
    }
}

impl Guide {
    /// Whether a run is part of the guide.
    pub(crate) fn shows(&self, meta: &Meta) -> bool {
        let in_order = IN_ORDER.contains(&meta.variant.as_str());
        let concurrent = meta.variant == CONCURRENT;
        match self {
            Guide::Tour(_) if meta.scenario != TOUR_SCENARIO => false,
            Guide::Tour(TourPart::InOrder) => in_order,
            Guide::Tour(TourPart::Concurrent) => concurrent,
            Guide::Tour(TourPart::Both) => in_order || concurrent,
            Guide::Lesson(path) => {
                Lesson::of(&meta.scenario).is_some_and(|lesson| lesson.number == path.number)
            }
        }
    }

    /// Whether a second run stays hidden when it is opened: a lesson shows it with its answer.
    pub(crate) fn hides_second(&self) -> bool {
        match self {
            Guide::Tour(_) => false,
            Guide::Lesson(path) => path.stage != LessonStage::Reveal,
        }
    }
}

impl Model {
    /// Whether what is wrong with the runs on the screen is concealed: a lesson lets the reader see
    /// what happens first. The end of the runs reveals it, and so do the key for the future and the
    /// last part of a guided lesson.
    pub(crate) fn conceals_findings(&self) -> bool {
        let stage = match &self.guide {
            Some(Guide::Lesson(path)) => Some(path.stage),
            Some(Guide::Tour(_)) | None => None,
        };
        let of_a_lesson = |pane: &RunPane| Lesson::of(&pane.replay.log().meta.scenario).is_some();
        let compares_a_lesson = self.panes.len() == 2 && self.panes.iter().all(of_a_lesson);
        let is_lesson = stage.is_some() || compares_a_lesson;
        let is_revealed = stage == Some(LessonStage::Reveal) || self.future;
        // A guided lesson keeps its second run hidden before it reveals it.
        let is_over = match stage {
            Some(_) => self.pane().is_some_and(RunPane::is_over),
            None => self.panes.iter().all(RunPane::is_over),
        };
        is_lesson && !is_revealed && !is_over
    }

    /// Whether Enter goes to the next part of the guide: the run on the screen is at its end, or the
    /// answer of a lesson is shown.
    pub(crate) fn guide_continues(&self) -> bool {
        let at_end = self.pane().is_some_and(RunPane::is_over);
        match &self.guide {
            None => false,
            Some(Guide::Tour(_)) => at_end,
            Some(Guide::Lesson(path)) => match path.stage {
                LessonStage::Predict => false,
                LessonStage::Run => at_end,
                LessonStage::Reveal => true,
            },
        }
    }
}
