//! The words of data that is lost, mixed up or never comes.

use crate::insight::words::duration;

use super::{
    super::proof::{Loss, Proof},
    MessageWords, counted,
};

impl MessageWords<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_data(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::CancelUnsafe { from, how } => {
                let from = self.resource(*from);
                match how {
                    Loss::Limit => format!(
                        "{task} had taken something from {from}, and what it was doing with that was dropped by a time limit: it is lost"
                    ),
                    Loss::Gathered => format!(
                        "{task} had taken something from {from}, and a time limit ended its wait for more: what it had is lost if the work that was ended kept it"
                    ),
                    Loss::Branch => format!(
                        "{task} had taken something from {from}, and what it was doing with that was dropped when another branch was ready: it may be lost"
                    ),
                    Loss::Unsent => format!(
                        "a time limit dropped the send with which {task} waited for {from}: the item is lost unless it is sent again"
                    ),
                    Loss::Answer => format!(
                        "the wait of {task} for {from} was cancelled, and another call reads from it since: an answer that comes late may be taken for that of the other call"
                    ),
                    Loss::Part => format!(
                        "{task} had read a part of {from}, and began to read anew before the rest had come: the part may be lost"
                    ),
                }
            }
            Proof::Ordering { results, from } => {
                let from = from.map_or(String::new(), |channel| {
                    format!(" through {}", self.resource(channel))
                });
                format!(
                    "{} came to {task}{from} in another order than their tasks were spawned in: by position they would be mixed up",
                    counted(*results, "result")
                )
            }
            Proof::HalfOpen {
                stream,
                ends: 0,
                silent,
            } => format!(
                "{task} has waited {} for {}, which was silent, and nothing has limited the wait",
                duration(*silent),
                self.resource(*stream)
            ),
            Proof::HalfOpen { stream, ends, .. } => format!(
                "{task} read the end of {} {} in a row: its peer has closed it",
                self.resource(*stream),
                counted(*ends, "time")
            ),
            _ => String::new(),
        }
    }
}
