//! The behaviour of a run that both languages can show.

use loopscope::{
    replay::Replay,
    scenario::Plan,
    trace::{ClockKind, Outcome},
};
use serde_json::Value;

/// The tolerance of a time on the virtual clock, in seconds.
const VIRTUAL: f64 = 0.001;

/// The same on the real clock.
const REAL: f64 = 0.05;

/// How and when a run ended, and what it printed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Account {
    pub(super) outcome: String,
    pub(super) elapsed: f64,
    pub(super) output: Vec<(f64, String)>,
}

impl Account {
    /// Runs a plan to its end on this thread.
    pub(super) fn of_plan(plan: &Plan) -> Account {
        let ended = plan.run(None, loopscope::runtime::LoopControl::default());
        let replay = Replay::new(ended.log);
        let lines = replay.index().outputs().iter();
        let output = lines.map(|line| {
            let text = replay.tables().text(line.text).to_owned();
            (line.at.seconds(), text)
        });
        Account {
            outcome: match ended.outcome {
                // Python does not distinguish the two: both wait for ever.
                Outcome::Deadlock | Outcome::Stalled => "deadlock".into(),
                other => other.as_str().into(),
            },
            elapsed: replay.index().head().now().seconds(),
            output: output.collect(),
        }
    }

    /// Reads an answer of the driver of the twins.
    pub(super) fn of_json(answer: &Value) -> Option<Account> {
        let line = |line: &Value| {
            // The screen shows no control characters; a trace does not hold them either.
            let text = line.get(1)?.as_str()?.chars();
            let shown = text.map(|c| {
                if c.is_control() && c != '\t' {
                    '\u{fffd}'
                } else {
                    c
                }
            });
            Some((line.get(0)?.as_f64()?, shown.collect()))
        };
        Some(Account {
            outcome: answer.get("outcome")?.as_str()?.to_owned(),
            elapsed: answer.get("elapsed")?.as_f64()?,
            output: answer
                .get("output")?
                .as_array()?
                .iter()
                .map(line)
                .collect::<Option<_>>()?,
        })
    }

    /// The first difference from Python's account of the same program, or `None` if they agree.
    pub(super) fn difference(&self, python: &Account, clock: ClockKind) -> Option<String> {
        match clock {
            ClockKind::Virtual => self.differs(python, VIRTUAL),
            // The order of two lines at one moment depends on the machine, so the lines are sorted
            // first.
            ClockKind::Real => self.sorted().differs(&python.sorted(), REAL),
        }
    }

    fn sorted(&self) -> Account {
        let mut sorted = self.clone();
        sorted
            .output
            .sort_by(|a, b| a.1.cmp(&b.1).then(a.0.total_cmp(&b.0)));
        sorted
    }

    fn differs(&self, python: &Account, tolerance: f64) -> Option<String> {
        let agree = |ours: f64, theirs: f64| (ours - theirs).abs() <= tolerance + 1e-9;
        let longer = self.output.len().max(python.output.len());
        for at in 0..longer {
            let (ours, theirs) = (self.output.get(at), python.output.get(at));
            let same =
                matches!((ours, theirs), (Some(a), Some(b)) if a.1 == b.1 && agree(a.0, b.0));
            if !same {
                return Some(format!(
                    "line {}: {} here, {} under CPython",
                    at + 1,
                    line_words(ours),
                    line_words(theirs)
                ));
            }
        }
        if self.outcome != python.outcome {
            return Some(format!(
                "{} here, {} under CPython",
                self.outcome, python.outcome
            ));
        }
        (!agree(self.elapsed, python.elapsed)).then(|| {
            format!(
                "{:.3} s in all here, {:.3} s under CPython",
                self.elapsed, python.elapsed
            )
        })
    }
}

fn line_words(line: Option<&(f64, String)>) -> String {
    line.map_or_else(
        || "none".into(),
        |(at, text)| format!("{text:?} at {at:.3}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(outcome: &str, elapsed: f64, output: &[(f64, &str)]) -> Account {
        Account {
            outcome: outcome.into(),
            elapsed,
            output: output
                .iter()
                .map(|(at, text)| (*at, (*text).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn what_differs_first_is_what_is_said() {
        let ours = account("finished", 2.0, &[(1.0, "a"), (2.0, "b")]);
        for (theirs, expected) in [
            (
                account("finished", 2.0005, &[(1.0, "a"), (2.0009, "b")]),
                None,
            ),
            (
                account("finished", 2.0, &[(2.0, "b"), (1.0, "a")]),
                Some("line 1: \"a\" at 1.000 here, \"b\" at 2.000 under CPython"),
            ),
            (
                account("finished", 2.0, &[(1.0, "a"), (2.002, "b")]),
                Some("line 2: \"b\" at 2.000 here, \"b\" at 2.002 under CPython"),
            ),
            (
                account("finished", 2.0, &[(1.0, "a")]),
                Some("line 2: \"b\" at 2.000 here, none under CPython"),
            ),
            (
                account("deadlock", 2.0, &[(1.0, "a"), (2.0, "b")]),
                Some("finished here, deadlock under CPython"),
            ),
            (
                account("finished", 3.0, &[(1.0, "a"), (2.0, "b")]),
                Some("2.000 s in all here, 3.000 s under CPython"),
            ),
        ] {
            let found = ours.difference(&theirs, ClockKind::Virtual);
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn on_the_real_clock_the_times_are_the_order() {
        let ours = account("finished", 2.0, &[(1.0, "a"), (1.01, "b"), (2.0, "a")]);
        let late = account("finished", 2.04, &[(1.02, "b"), (1.03, "a"), (2.04, "a")]);
        assert_eq!(ours.difference(&late, ClockKind::Real), None);
        let other = account("finished", 2.0, &[(1.0, "a"), (1.2, "b"), (2.0, "a")]);
        assert!(ours.difference(&other, ClockKind::Real).is_some());
    }
}
