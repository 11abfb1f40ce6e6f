//! Waits that do not end, and what does not come.

use crate::insight::words::duration;

use super::{
    super::proof::{NamedResource, PermitLoss, Proof},
    MessageWords, counted,
};

impl MessageWords<'_> {
    /// Tasks that can never continue.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_circles(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::JoinCycle { tasks } => {
                format!("tasks await each other in a circle: {}", self.circle(tasks))
            }
            Proof::SelfDeadlock { holds: Some(held) } => format!(
                "{task} waits for {}, which it holds itself",
                self.resource(*held)
            ),
            Proof::SelfDeadlock { holds: None } => format!("{task} awaits itself"),
            Proof::LockOrder {
                locks,
                tasks,
                is_now,
            } => {
                let locks: Vec<String> = locks.iter().map(|lock| self.resource(*lock)).collect();
                let tasks = self.circle(tasks);
                let locks = locks.join(" and ");
                if *is_now {
                    format!("{tasks}: each waits for a lock that the next one holds ({locks})")
                } else {
                    format!(
                        "{tasks} take {locks} in orders that make a circle: a deadlock is possible"
                    )
                }
            }
            Proof::Deadlock {
                unfinished,
                on,
                resource,
                circle,
            } => {
                if !circle.is_empty() {
                    return format!(
                        "tasks wait for each other in a circle: {}",
                        self.circle(circle)
                    );
                }
                format!(
                    "no task can run again: {} unfinished, and {task} waits for {}",
                    are(*unfinished),
                    self.wait(*on, *resource)
                )
            }
            Proof::Stalled {
                unfinished,
                beside_threads,
            } => format!(
                "no task runs, and {} could wake one: {} unfinished",
                if *beside_threads {
                    "only another thread"
                } else {
                    "nothing is known that"
                },
                are(*unfinished)
            ),
            _ => String::new(),
        }
    }

    /// Channels, semaphores and tasks of which something does not come.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    pub(super) fn of_resources(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::ChanDeadlock {
                channel,
                sends,
                other,
            } => {
                let channel = self.resource(*channel);
                let what = if *sends {
                    format!("{task} waits for room in {channel}")
                } else {
                    format!("{task} waits for an item in {channel}")
                };
                match other {
                    Some(other) => format!(
                        "{what}, whose other end waits for {}",
                        self.resource(*other)
                    ),
                    None if *sends => format!("{what}, and no task is left that takes one out"),
                    None => format!("{what}, and no task is left that puts one in"),
                }
            }
            Proof::SenderAlive { channel, sent } => format!(
                "{task} waits for the next item of {} after {}: a sender still exists, and never sends",
                self.resource(*channel),
                counted(*sent, "item")
            ),
            Proof::LostWakeup {
                resource: Some(resource),
                waited,
            } => format!(
                "{task} waits for {}, which has happened already; it has waited {}",
                self.resource(*resource),
                duration(*waited)
            ),
            Proof::LostWakeup { resource: None, .. } => format!(
                "{task} waits for a wake that does not come: its waker was not kept, or not called"
            ),
            Proof::Unbounded {
                channel,
                peak,
                sent,
            } => format!(
                "{} has no limit and grows: up to {} of {} wait in it",
                self.resource(*channel),
                peak,
                counted(*sent, "item")
            ),
            Proof::TaskLeak {
                unfinished,
                spawned,
                released,
            } => leaked_tasks(task, (*unfinished, *spawned), *released),
            Proof::PermitLeak {
                semaphore,
                permits,
                of,
                how,
            } => self.of_permits(*semaphore, (*permits, *of), *how),
            _ => String::new(),
        }
    }

    /// Permits that do not come back: how many of how many.
    fn of_permits(
        &self,
        semaphore: NamedResource,
        (permits, of): (u64, u32),
        how: PermitLoss,
    ) -> String {
        let of = counted(u64::from(of), "permit");
        let of = format!("{permits} of {of} of {}", self.resource(semaphore));
        let taken = "were taken by tasks that have ended";
        match how {
            PermitLoss::Waited => format!("{of} {taken}, and tasks wait for one"),
            PermitLoss::Kept => format!("{of} {taken}, and were not given back"),
            PermitLoss::Limit => format!(
                "{of} were taken by work that a limit has ended, and were not given back; tasks wait for one"
            ),
            PermitLoss::Idle => {
                format!("{of} are taken, and nothing is known that gives one back before a limit")
            }
        }
    }
}

/// `one task is`, `3 tasks are`.
fn are(unfinished: usize) -> String {
    match unfinished {
        1 => "one task is".to_owned(),
        many => format!("{many} tasks are"),
    }
}

/// The tasks of a place that have piled up.
fn leaked_tasks(task: &str, (unfinished, spawned): (u64, u64), released: bool) -> String {
    if released {
        return format!(
            "{} of this place have waited at once before the first of them ended: {task} and others",
            counted(unfinished, "task")
        );
    }
    format!(
        "{unfinished} of {} of this place do not end: {task} and others wait for something that does not come",
        counted(spawned, "task")
    )
}
