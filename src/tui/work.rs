//! Work on two runs that takes long if the runs are long.
//!
//! ```text
//!   update ── Command::Work ──> shell ──> a thread: Work::result
//!   update <── Message::Worked ─┘
//! ```
//!
//! The thread works on copies of the two replays, which share their traces with the model. Keys and
//! signals are handled meanwhile. Work that is no longer wanted is not interrupted; its result is
//! dropped, and few threads work at once. Runs of at most [`SHORT`] events are worked on at once, as
//! are all runs where no shell is, so that a picture is complete.

use crate::{
    insight::{self, Comparison, Difference, Language, SyncBy, TogetherStep},
    replay::Replay,
};

/// The most events of two runs together on which `update` works itself.
pub(crate) const SHORT: u64 = 100_000;

/// What is to be found out about two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkKind {
    /// Their comparison.
    Comparison,
    /// The next difference, or the previous one.
    Difference {
        /// What keeps the runs in step.
        lock: SyncBy,
        /// Whether the next one is meant.
        forward: bool,
    },
    /// The first poll that is of another task in the second run.
    OtherPoll,
}

/// Two runs, and what is to be found out about them.
#[derive(Debug)]
pub struct Work {
    number: u64,
    kind: WorkKind,
    runs: Box<[Replay; 2]>,
    language: Language,
}

/// What was found out.
#[derive(Debug)]
pub enum WorkResult {
    /// The comparison of two runs.
    Comparison(Box<Comparison>),
    /// A difference of two runs, if there is one.
    Difference(Option<Difference>),
    /// The first poll that is of another task in the second run, if there is one.
    OtherPoll(Option<TogetherStep>),
}

impl Work {
    pub(crate) fn new(number: u64, kind: WorkKind, runs: [&Replay; 2], language: Language) -> Work {
        Work {
            number,
            kind,
            runs: Box::new(runs.map(Replay::share)),
            language,
        }
    }

    /// The number of this work, by which the model knows the result.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Does the work.
    pub fn result(&self) -> WorkResult {
        let [a, b] = &*self.runs;
        result(self.kind, [a, b], self.language)
    }
}

/// Does the work on two runs at once.
pub(crate) fn result(kind: WorkKind, [a, b]: [&Replay; 2], language: Language) -> WorkResult {
    match kind {
        WorkKind::Comparison => WorkResult::Comparison(Box::new(insight::compare(a, b, language))),
        WorkKind::Difference { lock, forward } => {
            let find = if forward {
                insight::difference_after
            } else {
                insight::difference_before
            };
            WorkResult::Difference(find(a, b, lock, language))
        }
        WorkKind::OtherPoll => WorkResult::OtherPoll(insight::first_other_poll(a, b)),
    }
}

impl Clone for Work {
    fn clone(&self) -> Work {
        Work::new(self.number, self.kind, self.runs.each_ref(), self.language)
    }
}

/// Each work of a model has its own number.
impl PartialEq for Work {
    fn eq(&self, other: &Work) -> bool {
        self.number == other.number
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::{
        trace::{LocationId, Log, Outcome, PollOutcome, TaskId, Writer},
        tui::{Command, Message, Model, PaneSlot, theme::Theme, update},
    };

    /// A run whose task is polled for this long each time.
    fn run(polls: u32, nanos: u64) -> Box<Replay> {
        let mut writer = Writer::new();
        let main = writer.intern("main");
        writer.tick_start();
        writer.spawn(main, LocationId::UNKNOWN, false);
        for poll in 0..polls {
            writer.poll_start(TaskId(0));
            writer.poll_end(PollOutcome::Pending, nanos * u64::from(poll % 2));
        }
        writer.end(Outcome::Finished);
        Box::new(Replay::new(Log {
            bytes: writer.take(),
            ..Log::default()
        }))
    }

    /// A comparison of two runs beside a shell, and the work for it.
    fn compared(polls: u32) -> (Model, Vec<Work>) {
        let mut model = Model::new(Theme::default(), Vec::new());
        model.works.has_shell = true;
        update(&mut model, Message::Resize(100, 30));
        let mut works = Vec::new();
        for (slot, nanos) in [(PaneSlot::First, 1), (PaneSlot::Second, 1_000_000)] {
            let result = Ok(run(polls, nanos));
            let status = None;
            let commands = update(
                &mut model,
                Message::Launched {
                    slot,
                    result,
                    status,
                },
            );
            works.extend(works_in(commands));
        }
        (model, works)
    }

    fn works_in(commands: Vec<Command>) -> impl Iterator<Item = Work> {
        commands.into_iter().filter_map(|command| match command {
            Command::Work(work) => Some(*work),
            _ => None,
        })
    }

    fn press(model: &mut Model, code: KeyCode) -> Vec<Work> {
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        works_in(update(model, Message::Key(key))).collect()
    }

    fn finish(model: &mut Model, work: &Work) {
        let (number, result) = (work.number(), Some(work.result()));
        update(model, Message::Worked { number, result });
    }

    #[test]
    fn long_runs_are_compared_beside_the_screen() {
        let (mut model, works) = compared(50_000);
        let [work] = works.as_slice() else {
            panic!("{works:?}");
        };
        assert!(model.works.compares() && model.comparison.is_none());
        // Keys work meanwhile.
        press(&mut model, KeyCode::Char('G'));
        finish(&mut model, work);
        assert!(!model.works.compares());
        let lines = &model.comparison.as_ref().unwrap().lines;
        assert!(lines[0].contains("different work"), "{lines:?}");
    }

    #[test]
    fn short_runs_are_compared_at_once() {
        let (model, works) = compared(100);
        assert!(works.is_empty() && model.comparison.is_some());
    }

    #[test]
    fn a_comparison_that_was_left_is_dropped() {
        let (mut model, works) = compared(50_000);
        press(&mut model, KeyCode::Esc);
        finish(&mut model, &works[0]);
        assert!(model.comparison.is_none());
    }

    #[test]
    fn a_difference_is_looked_for_beside_the_screen() {
        let (mut model, _) = compared(50_000);
        let works = press(&mut model, KeyCode::Char('d'));
        assert_eq!(works.len(), 1);
        // A second key does not begin a second search.
        assert!(press(&mut model, KeyCode::Char('d')).is_empty());
        finish(&mut model, &works[0]);
        let moved = model.panes.iter().any(|pane| pane.replay.position().0 > 0);
        assert!(moved, "{:?}", model.notice);
        // Esc ends a search, and not the comparison.
        let works = press(&mut model, KeyCode::Char('d'));
        press(&mut model, KeyCode::Esc);
        let before = model.panes[0].replay.position();
        finish(&mut model, &works[0]);
        assert_eq!(model.panes[0].replay.position(), before);
        assert_eq!(model.panes.len(), 2);
    }

    #[test]
    fn the_effect_of_a_choice_is_looked_for_beside_the_screen() {
        let mut model = Model::new(Theme::default(), Vec::new());
        model.works.has_shell = true;
        update(&mut model, Message::Resize(100, 30));
        let mut works = Vec::new();
        for slot in [PaneSlot::First, PaneSlot::Second] {
            let mut log = run(50_000, 1).log().clone();
            if slot == PaneSlot::Second {
                log.meta.schedule = log.meta.schedule.with(1, TaskId(0));
            }
            let result = Ok(Box::new(Replay::new(log)));
            let status = None;
            let launched = Message::Launched {
                slot,
                result,
                status,
            };
            works.extend(works_in(update(&mut model, launched)));
        }
        let other_poll = |work: &&Work| work.kind == WorkKind::OtherPoll;
        let work = works.iter().find(other_poll).unwrap();
        assert!(model.notice.is_none(), "{:?}", model.notice);
        finish(&mut model, work);
        let notice = model.notice.unwrap();
        assert!(notice.contains("the choice changes nothing"), "{notice}");
    }

    #[test]
    fn searches_that_were_stopped_are_few() {
        let (mut model, _) = compared(50_000);
        let mut begun = 0;
        while press(&mut model, KeyCode::Char('d')).len() == 1 {
            begun += 1;
            assert!(begun < 5);
            press(&mut model, KeyCode::Esc);
        }
        // A notice says why no further one begins.
        assert!(begun > 0 && model.notice.is_some());
    }

    /// Once, each change of the language began one more thread.
    #[test]
    fn comparisons_that_were_replaced_take_few_threads() {
        let (mut model, mut works) = compared(50_000);
        for _ in 0..10 {
            works.extend(press(&mut model, KeyCode::Char('e')));
        }
        assert!(works.len() <= 3, "{}", works.len());
        assert!(model.works.compares());
        // The last comparison begins when a thread has ended, and is the one that is shown.
        let ended = works.remove(0);
        let (number, result) = (ended.number(), Some(ended.result()));
        let begun = works_in(update(&mut model, Message::Worked { number, result }));
        let begun: Vec<Work> = begun.collect();
        assert_eq!(begun.len(), 1);
        assert!(model.comparison.is_none());
        finish(&mut model, &begun[0]);
        assert!(model.comparison.is_some() && !model.works.compares());
    }

    #[test]
    fn a_thread_that_fails_is_named() {
        let (mut model, works) = compared(50_000);
        let number = works[0].number();
        let result = None;
        update(&mut model, Message::Worked { number, result });
        assert!(model.notice.unwrap().contains("the thread has failed"));
    }
}
