//! The words of what goes wrong under load: who is woken, served and held up, and who is not.

use crate::insight::words::{duration, resource_kind_word};

use super::{super::proof::Proof, MessageWords, counted};

impl MessageWords<'_> {
    /// Queues in which one side is served at the cost of another.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_queues(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::Herd {
                woken,
                back,
                times,
                resource,
            } => {
                let what = match resource {
                    Some(resource) => format!("wait for {}", self.resource(*resource)),
                    None => "wait at one place".to_owned(),
                };
                format!(
                    "{task} woke {woken} tasks that {what}, and {back} of them went back to the same wait; that happened {}",
                    counted(*times, "time")
                )
            }
            Proof::Unfair {
                passed_over,
                rival,
                times,
                time,
            } => format!(
                "{task} passed over {}, which had items, {} in a row, for {}: it took items of {} each time",
                self.resource(*passed_over),
                counted(*times, "time"),
                duration(*time),
                self.resource(*rival)
            ),
            Proof::UnfairTask {
                passed_over,
                times,
                time,
            } => format!(
                "{task} passed over {}, which has ended, {} in a row, for {}: it took the results of other tasks",
                self.task(*passed_over),
                counted(*times, "time"),
                duration(*time)
            ),
            Proof::Inversion {
                channel,
                queued,
                service,
                before,
                times,
            } => format!(
                "{} of {} waited behind long work: one was in the queue for {}, and its own work took {}; the work before it took {}",
                counted(*times, "short item"),
                self.resource(*channel),
                duration(*queued),
                duration(*service),
                duration(*before)
            ),
            _ => String::new(),
        }
    }

    /// Writers that wait for a slow reader, or do not wait for it.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_pressure(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::BackPressure {
                channel,
                full,
                waits,
                victim: Some(victim),
            } => format!(
                "{task} waited for room in {}, which was full for {full} % of its time ({}); meanwhile {} had nothing to receive",
                self.resource(*channel),
                counted(*waits, "wait"),
                self.task(*victim)
            ),
            Proof::BackPressure {
                channel,
                full,
                waits,
                victim: None,
            } => format!(
                "{} was full for {full} % of its time, because {task} takes its items slowly: {} for room",
                self.resource(*channel),
                counted(*waits, "wait")
            ),
            Proof::WriteBuffer {
                stream,
                bytes,
                writes,
            } => format!(
                "{task} wrote {} to {} without a wait, while {bytes} bytes waited for the peer",
                counted(*writes, "time"),
                self.resource(*stream)
            ),
            _ => String::new(),
        }
    }

    /// Futures, jobs and handles that nothing serves or releases.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_neglect(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::Unpolled { late, futures } => format!(
                "{task} awaited something else here while it held {} that it did not poll, for {} after {} ready",
                counted(*futures, "started future"),
                duration(*late),
                if *futures == 1 {
                    "it was"
                } else {
                    "the first was"
                }
            ),
            Proof::PoolExhausted { waited, ran, jobs } => format!(
                "all threads of the pool were busy: {} had to wait, one for {} to run for {}",
                counted(*jobs, "job"),
                duration(*waited),
                duration(*ran)
            ),
            Proof::HandleLeak {
                resource,
                exist,
                made,
            } => {
                let kind = resource_kind_word(resource.kind, self.language);
                format!(
                    "{exist} of {} made here exist, are idle, and are not released",
                    counted(*made, kind)
                )
            }
            Proof::UnpolledLock { lock } => format!(
                "{task} waits for {}, which was released to a future that is held and not polled",
                self.resource(*lock)
            ),
            _ => String::new(),
        }
    }
}
