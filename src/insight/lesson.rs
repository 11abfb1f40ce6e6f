//! Lessons: common misconceptions about event loops, each with the one number of a run that
//! disproves it.
//!
//! ```text
//!   belief         sleeping the thread is only sleeping
//!   what happens   worst timer delay: A 1.000 s; B 0.000 s     <- measured in both traces
//!   rule           only an await yields                        <- the rule of the notes
//! ```
//!
//! A lesson belongs to the scenario whose name begins with its number, as in `lesson_06_block`. The
//! first variant does what follows from the belief, the second what follows from the rule. No
//! number is written down: each is computed from a trace, so a recorded or truncated run shows its
//! own.

mod measure;
mod table;

use crate::replay::Replay;

use super::language::{Language, Phrase};

pub use table::LESSONS;
pub(super) use table::rule;

/// A belief, the rule that corrects it, and a measure that tells the two apart.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// Its number, from 1.
    pub number: u8,
    /// What many people believe.
    pub belief: Phrase,
    /// What is true. The [`Note`](super::Note) at the event where the belief fails has the same
    /// rule.
    pub rule: Phrase,
    /// What is measured.
    pub shows: Phrase,
    /// Measures it in a run, in the words of a language.
    pub measure: fn(&Replay, Language) -> String,
}

impl Lesson {
    /// The lesson that a scenario teaches, if any.
    pub fn of(scenario: &str) -> Option<&'static Lesson> {
        let number = scenario.strip_prefix("lesson_")?.split('_').next()?;
        let number: u8 = number.parse().ok()?;
        LESSONS.iter().find(|lesson| lesson.number == number)
    }

    /// The lesson about a rule.
    pub fn with_rule(rule: Phrase) -> Option<&'static Lesson> {
        LESSONS.iter().find(|lesson| lesson.rule == rule)
    }
}

/// A lesson, measured in two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LessonResult {
    /// The lesson's number.
    pub number: u8,
    /// What many people believe.
    pub belief: &'static str,
    /// What is true.
    pub rule: &'static str,
    /// What is measured.
    pub shows: &'static str,
    /// The measure of the first run.
    pub a: String,
    /// The measure of the second run.
    pub b: String,
}

impl LessonResult {
    /// Three lines with their headings.
    pub fn lines(&self) -> [(&'static str, String); 3] {
        [
            ("belief", self.belief.to_owned()),
            (
                "what happens",
                format!("{}: A {}; B {}", self.shows, self.a, self.b),
            ),
            ("rule", self.rule.to_owned()),
        ]
    }
}

/// The lesson of two runs, if both teach the same one.
pub fn lesson_result(a: &Replay, b: &Replay, language: Language) -> Option<LessonResult> {
    let of = |replay: &Replay| Lesson::of(&replay.log().meta.scenario);
    let lesson = of(a).filter(|lesson| of(b).is_some_and(|other| other.number == lesson.number))?;
    Some(LessonResult {
        number: lesson.number,
        belief: lesson.belief.text(language),
        rule: lesson.rule.text(language),
        shows: lesson.shows.text(language),
        a: (lesson.measure)(a, language),
        b: (lesson.measure)(b, language),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_are_found_by_scenario_and_by_rule() {
        assert_eq!(Lesson::of("lesson_06_block").unwrap().number, 6);
        assert_eq!(Lesson::of("lesson_22").unwrap().number, 22);
        for none in [
            "say_after",
            "lesson_",
            "lesson_00_x",
            "lesson_x_06",
            "lesson_999",
        ] {
            assert!(Lesson::of(none).is_none(), "{none}");
        }
        for (lesson, number) in LESSONS.iter().zip(1..) {
            assert_eq!(lesson.number, number);
            let found = Lesson::with_rule(lesson.rule).unwrap();
            assert_eq!(found.number, number, "no two lessons have one rule");
        }
    }

    #[test]
    fn a_trace_that_is_not_what_its_name_says_is_measured_all_the_same() {
        let nothing = Replay::default();
        for lesson in LESSONS {
            assert!(
                !(lesson.measure)(&nothing, Language::Rust).is_empty(),
                "{lesson:?}"
            );
        }
        assert_eq!(lesson_result(&nothing, &nothing, Language::Rust), None);
    }
}
