//! What is wrong with a run, with the events that prove it.
//!
//! ```text
//!                ┌─ rule       the table of rules: id, severity, claim, thresholds
//!                ├─ limits     the thresholds, with what a user has set
//!                ├─ visit      gives each event to the detectors that need it
//!   Findings  ───┼─ detect/    one detector for each group of rules: makes claims
//!                ├─ claim      claims with one cause become one finding
//!                ├─ proof      the numbers and names that a claim rests on
//!                ├─ cause_line the line of a cause between two awaits
//!                ├─ words      the message, in both languages
//!                ├─ fixes      the remedies
//!                ├─ explain    what each rule means, at length
//!                ├─ hang       whether a run that has not ended hangs
//!                └─ compared   what only one of two runs has
//! ```
//!
//! A finding is a claim about one run. It is made from the facts of the trace, never from names of
//! functions, and only when the trace proves it. Six rules keep healthy programs silent:
//!
//! 1. *Harm before shape.* A long poll is a finding if something that was due or ready waited for
//!    it.
//! 2. *Persistence before event.* One late timer or one full channel is nothing. Growth, repetition
//!    or "for ever" is something.
//! 3. *For ever needs a proof or a clock.* "Waits for ever" is proven only if nothing exists that
//!    could end the wait. Otherwise the finding says for how long the task has waited.
//! 4. *The culprit is named, not the victim.* The victim is in the evidence.
//! 5. *The end of the program is not a leak.* What is unfinished at the end of main is a finding
//!    only if it had work in hand.
//! 6. *Inside a poll, events carry the time of its start.* Deadlines are compared with the end of
//!    the poll.
//!
//! [`Findings`] reads a trace once, forward, and may be fed while the trace grows. What depends on
//! the present state, such as a circle of waits, is found when a [`FindingsReport`] is made, so the
//! report of a trace that was fed in pieces is that of the whole trace.

mod cause_line;
mod claim;
mod compared;
mod detect;
mod explain;
mod fixes;
mod hang;
mod limits;
mod proof;
mod report;
mod rule;
mod visit;
mod words;

pub use cause_line::{catches_cancellation, cause_line, is_in_loop, takes_lock};
pub use claim::{Nearness, Spot};
pub use compared::ComparedFindings;
pub use explain::{Explanation, explanation, markdown as findings_markdown};
pub use fixes::fix_words;
pub use hang::{Hang, ignores_cancellation, main_waits_in_a_circle};
pub use limits::{LimitError, LimitSetting, Limits};
pub use proof::{NamedResource, Proof};
pub use report::{Finding, FindingsReport, MissingReason, NotLookedFor};
pub use rule::{LimitValue, RULES, Rule, RuleEntry, RuleLimit, Severity};
pub use words::{message_words, spot_words};

use std::time::Duration;

use crate::replay::{Replay, State};
use crate::trace::Position;

use visit::Visitor;

/// Looks for mistakes in a trace, which may still grow.
#[derive(Debug)]
pub struct Findings {
    /// The loop after the events that were read.
    state: State,
    visitor: Visitor,
}

impl Findings {
    /// Begins at the start of a trace.
    pub fn new(limits: &Limits) -> Findings {
        Findings {
            state: State::new(),
            visitor: Visitor::new(limits),
        }
    }

    /// What is wrong with a run.
    pub fn of(replay: &Replay, limits: &Limits) -> FindingsReport {
        let mut findings = Findings::new(limits);
        findings.feed(replay);
        findings.report(replay)
    }

    /// Whether a run hangs at the end of what is recorded of it, and why.
    pub fn hang(replay: &Replay) -> Option<Hang> {
        let mut findings = Findings::new(&Limits::default());
        findings.feed(replay);
        let hang = Hang::of(replay, &findings.report(replay));
        match hang {
            None | Some(Hang::Silent)
                if findings.visitor.waits_for_own_channel(&findings.state) =>
            {
                Some(Hang::Circle)
            }
            None
            | Some(Hang::Proven | Hang::Circle | Hang::Idle | Hang::BesideThread | Hang::Silent) => {
                hang
            }
        }
    }

    /// What is wrong with a run that was stopped because it hung, after its loop had waited for that long.
    /// The trace of such a run may have no end, and then it does not tell how long that was.
    pub fn of_hang(
        replay: &Replay,
        limits: &Limits,
        (hang, quiet): (Hang, Duration),
    ) -> FindingsReport {
        let mut findings = Findings::new(limits);
        findings.feed(replay);
        let mut claims = findings.visitor.conclude(replay, &findings.state);
        let state = &findings.state;
        let visitor = &findings.visitor;
        visitor.conclude_hang(state, hang, quiet, &mut claims);
        FindingsReport::new(replay, &findings.state, claims)
    }

    /// Reads the events that were not read yet.
    pub fn feed(&mut self, replay: &Replay) {
        self.feed_until(replay, replay.end());
    }

    /// Reads at most this many events. Returns whether the end of the trace is reached.
    pub fn feed_some(&mut self, replay: &Replay, events: u64) -> bool {
        let until = self.state.position.0.saturating_add(events);
        self.feed_until(replay, Position(until).min(replay.end()));
        self.state.position >= replay.end()
    }

    /// Reads up to a position.
    fn feed_until(&mut self, replay: &Replay, until: Position) {
        let state = std::mem::take(&mut self.state);
        let visitor = &mut self.visitor;
        self.state = replay.each_step(state, until, |step| visitor.see(step));
    }

    /// The position up to which the trace was read.
    pub fn position(&self) -> Position {
        self.state.position
    }

    /// The findings up to this position.
    pub fn report(&self, replay: &Replay) -> FindingsReport {
        let claims = self.visitor.conclude(replay, &self.state);
        FindingsReport::new(replay, &self.state, claims)
    }
}
