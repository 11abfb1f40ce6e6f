//! Long polls of a program, told apart from those of a busy machine.
//!
//! On a real clock a poll also lasts long because the operating system has given the processor to
//! another program. How busy the machine is, the loop itself tells: when it parks until a deadline, it
//! continues somewhat later. A poll counts if its thread has computed for half of its length, or if it
//! lasts twice as long as the loop continued too late around it. So its claims wait until the loop has
//! parked some more times. A short one counts only if the loop has parked often enough to tell.

use std::collections::VecDeque;

use crate::replay::EventStep;
use crate::trace::Span;

use super::{
    super::claim::{Claim, Claims},
    open_poll::OpenPoll,
};

/// How many parks after a long poll tell how busy the machine is.
const PARKS: u8 = 32;

/// How often the loop has parked that can tell how busy the machine is.
const MEASURED: u64 = 4;

/// A poll that lasts as long is no accident, whatever is known of the machine.
const LONG: Span = Span(100_000_000);

/// The most long polls that wait for these parks.
const UNDECIDED: usize = 256;

/// Long polls of which it is not yet known whether the machine was busy.
#[derive(Debug, Default)]
pub(super) struct UndecidedPolls {
    /// By how much the loop continued too late after the last parks: one long ago counts less.
    noise: Span,
    /// How often the loop has parked until a deadline.
    measured: u64,
    polls: VecDeque<UndecidedPoll>,
}

/// The claims about a long poll.
#[derive(Clone, Debug)]
struct UndecidedPoll {
    took: Span,
    /// For how long its thread computed, if that was measured.
    processor: Option<Span>,
    /// By how much the loop continued too late around it.
    noise: Span,
    /// How often the loop has parked since.
    parks: u8,
    claims: Vec<Claim>,
}

impl UndecidedPolls {
    /// Makes claims about the poll that ends with this step as soon as it is known whether the machine is
    /// busy. On a virtual clock that does not matter.
    pub(super) fn push(
        &mut self,
        step: &EventStep<'_>,
        (took, processor): (Span, Option<Span>),
        made: Vec<Claim>,
        claims: &mut Claims,
    ) {
        if OpenPoll::is_virtual(step) || self.polls.len() >= UNDECIDED {
            claims.push_all(made);
        } else if !made.is_empty() {
            self.polls.push_back(UndecidedPoll {
                took,
                processor,
                noise: self.noise,
                parks: 0,
                claims: made,
            });
        }
    }

    /// The loop has parked until a deadline, and has continued by so much later.
    #[inline]
    pub(super) fn continued_late(&mut self, late: Span, claims: &mut Claims) {
        self.measured += 1;
        self.noise = late.max(Span(self.noise.nanos() / 16 * 15));
        if !self.polls.is_empty() {
            self.decide(late, claims);
        }
    }

    fn decide(&mut self, late: Span, claims: &mut Claims) {
        for poll in &mut self.polls {
            poll.noise = poll.noise.max(late);
            poll.parks += 1;
        }
        let is_decided = |poll: &UndecidedPoll| poll.parks >= PARKS;
        while self.polls.front().is_some_and(is_decided)
            && let Some(poll) = self.polls.pop_front()
        {
            if poll.is_of_program(self.measured) {
                claims.push_all(poll.claims);
            }
        }
    }

    /// The claims about the polls that are not yet decided on, as far as is known now.
    pub(super) fn conclude(&self, claims: &mut Claims) {
        let measured = self.measured;
        let counts = |poll: &&UndecidedPoll| poll.is_of_program(measured);
        for poll in self.polls.iter().filter(counts) {
            claims.push_all(poll.claims.iter().cloned());
        }
    }
}

impl UndecidedPoll {
    /// Whether the program itself has made the poll long.
    fn is_of_program(&self, measured: u64) -> bool {
        let has_computed = |time: Span| time.nanos() >= self.took.nanos() / 2;
        let is_known = measured >= MEASURED || self.took >= LONG;
        self.processor.is_some_and(has_computed)
            || (is_known && self.took.nanos() >= 2 * self.noise.nanos())
    }
}
