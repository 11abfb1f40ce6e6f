//! What happens to tasks, futures and values.

use crate::insight::{
    terms,
    words::{duration, failure_words},
};

use super::{super::proof::Proof, MessageWords, counted};

impl MessageWords<'_> {
    /// What happens to tasks, futures and values.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_ends(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::Unretrieved { message, panicked } => {
                let verb = if *panicked {
                    terms::PANICS
                } else {
                    terms::RETURNS_ERROR
                };
                let message = failure_words(self.tables.text(*message), self.language);
                format!(
                    "{task} {}, and no task looks at it: {message}",
                    verb.text(self.language)
                )
            }
            Proof::Orphan { polls: 0 } => {
                format!("the handle of {task} was dropped, so the task was cancelled before it ran")
            }
            Proof::Orphan { .. } => {
                format!("the handle of {task} was dropped, so the task was cancelled in mid-work")
            }
            Proof::Shutdown {
                on,
                resource,
                items,
            } => match (resource, items) {
                (Some(queue), 1..) => format!(
                    "main ended, and {} still had {} for {task}",
                    self.resource(*queue),
                    counted(u64::from(*items), "item")
                ),
                _ => format!(
                    "main ended while {task} still waited for {}",
                    self.wait(*on, *resource)
                ),
            },
            Proof::Unawaited { name } => format!(
                "the {} `{}` was made and never {}",
                terms::FUTURE.text(self.language),
                self.tables.text(*name),
                self.language.choose("polled", "awaited")
            ),
            Proof::CancelSwallowed { time, polls } => format!(
                "{task} was asked to end, and was polled {} more over {}",
                counted(*polls, "time"),
                duration(*time)
            ),
            Proof::Race { value, other } => {
                let other = other.map_or("another task".to_owned(), |other| self.task(other));
                format!(
                    "{task} wrote `{}` from what it had read before {other} wrote it: one of the writes is lost",
                    self.tables.text(*value)
                )
            }
            Proof::RaceUnderLock { lock, other } => format!(
                "{task} took {} to read, and later to write; between the two, {} took it to write: what \
                 {task} had read may be out of date",
                self.resource(*lock),
                self.task(*other)
            ),
            _ => String::new(),
        }
    }
}
