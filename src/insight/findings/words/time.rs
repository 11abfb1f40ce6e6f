//! What costs time: polls that hold the loop, and polls and waits that are repeated.

use crate::insight::words::duration;
use crate::trace::Span;

use super::{super::proof::Proof, MessageWords, counted};

impl MessageWords<'_> {
    /// What costs time.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_time(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::Blocking {
                held,
                delayed,
                callbacks,
                worst,
                after_io,
                processor,
            } => {
                let how = processor.map_or("", |processor| how_held(*held, processor));
                let poll = if self.is_callback { "" } else { " in one poll" };
                let held = format!("{task} held the loop for {}{how}{poll}", duration(*held));
                let all = delayed_words(*delayed, *callbacks);
                match worst {
                    Some((Some(victim), by)) => format!(
                        "{held}, and delayed {all}: {} by {}",
                        self.task(*victim),
                        duration(*by)
                    ),
                    Some((None, by)) if delayed + callbacks == 1 => {
                        format!("{held}, and delayed {all} by {}", duration(*by))
                    }
                    Some((None, by)) => {
                        format!(
                            "{held}, and delayed {all}, one of them by {}",
                            duration(*by)
                        )
                    }
                    None => format!(
                        "{held}, and {} had to wait for I/O that was ready",
                        counted(*after_io, "task")
                    ),
                }
            }
            Proof::NestedBlock { inner, delayed } => format!(
                "{task} ran a second loop inside its poll for {}, in which {} had to run",
                duration(*inner),
                counted(*delayed, "other task")
            ),
            Proof::LateTimer { late } => {
                format!("the timer of {task} fired {} late", duration(*late))
            }
            Proof::DeadTimeout { late, held } => format!(
                "the timeout of {task} was due {} before its work ended: the work held the loop for {}",
                duration(*late),
                duration(*held)
            ),
            Proof::Starvation {
                late,
                polls,
                victim,
                callback,
            } => {
                let times = counted(*polls, "time");
                let ran = match callback {
                    None => format!("{task} and others at its place were polled {times}"),
                    Some(name) => format!("the callback `{}` ran {times}", self.tables.text(*name)),
                };
                let (victim, late) = (self.victim(*victim), duration(*late));
                format!("{ran} while {victim} was {late} late")
            }
            _ => String::new(),
        }
    }

    /// Polls and waits that cost more than they need.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_repetition(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::WakeStorm {
                polls,
                time,
                by_itself,
            } => {
                let by = if *by_itself {
                    "woke itself"
                } else {
                    "was woken"
                };
                format!(
                    "{task} {by} and was polled {} without progress, over {}",
                    counted(*polls, "time"),
                    duration(*time)
                )
            }
            Proof::Sequential { waits, total, .. } => format!(
                "{task} waited {} here, one wait after the other: {} together",
                counted(*waits, "time"),
                duration(*total)
            ),
            Proof::Convoy { lock, held, queued } => format!(
                "{task} held {} while it waited for {}, and {} queued for it",
                self.resource(*lock),
                duration(*held),
                counted(*queued, "task")
            ),
            Proof::Interval {
                period,
                apart: Span::ZERO,
                ticks,
            } => format!(
                "{task} made up for {} of {} at once",
                counted(*ticks, "missed tick"),
                duration(*period)
            ),
            Proof::Interval {
                period,
                apart,
                ticks,
            } => format!(
                "{task} slept {} between its pieces of work, so {} came {} apart instead",
                duration(*period),
                counted(*ticks, "tick"),
                duration(*apart)
            ),
            Proof::RetryStorm { times, time } => format!(
                "what {task} does here failed {} in a row within {}, and was tried again without a growing pause",
                counted(*times, "time"),
                duration(*time)
            ),
            _ => String::new(),
        }
    }
}

/// Whether a thread that did not return to its loop has computed or was blocked.
fn how_held(held: Span, processor: Span) -> &'static str {
    if processor >= Span(held.nanos() / 2) {
        " (computing)"
    } else {
        " (blocked, not computing)"
    }
}

/// What a poll has delayed: `3 tasks and one callback`.
fn delayed_words(tasks: u64, callbacks: u64) -> String {
    match (tasks, callbacks) {
        (tasks, 0) => counted(tasks, "task"),
        (0, callbacks) => counted(callbacks, "callback"),
        (tasks, callbacks) => format!(
            "{} and {}",
            counted(tasks, "task"),
            counted(callbacks, "callback")
        ),
    }
}
