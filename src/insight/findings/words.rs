//! The words of the findings, in both languages: what is wrong, and what would be right.

mod data;
mod ends;
mod load;
mod time;
mod waits;

use crate::insight::{
    language::Language,
    words::{named_kind, resource_kind_word, task_label},
};
use crate::trace::{Tables, TaskId, TextId, Wait};

use super::{
    claim::{Nearness, Spot},
    proof::{NamedResource, Proof},
    report::Finding,
};

/// What is wrong, as a sentence without its full stop.
pub fn message_words(tables: &Tables, finding: &Finding, language: Language) -> String {
    let words = MessageWords {
        tables,
        language,
        is_callback: finding.task.is_none(),
    };
    let task = match finding.task {
        Some(task) => task_label(tables, task),
        None => "a callback".to_owned(),
    };
    words.of(&task, &finding.proof)
}

struct MessageWords<'a> {
    tables: &'a Tables,
    language: Language,
    /// The finding is about a callback, which is not polled.
    is_callback: bool,
}

impl MessageWords<'_> {
    fn of(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::Blocking { .. }
            | Proof::NestedBlock { .. }
            | Proof::LateTimer { .. }
            | Proof::DeadTimeout { .. }
            | Proof::Starvation { .. } => self.of_time(task, proof),
            Proof::WakeStorm { .. }
            | Proof::Sequential { .. }
            | Proof::Convoy { .. }
            | Proof::Interval { .. }
            | Proof::RetryStorm { .. } => self.of_repetition(task, proof),
            Proof::JoinCycle { .. }
            | Proof::SelfDeadlock { .. }
            | Proof::LockOrder { .. }
            | Proof::Deadlock { .. }
            | Proof::Stalled { .. } => self.of_circles(task, proof),
            Proof::ChanDeadlock { .. }
            | Proof::SenderAlive { .. }
            | Proof::LostWakeup { .. }
            | Proof::PermitLeak { .. }
            | Proof::Unbounded { .. }
            | Proof::TaskLeak { .. } => self.of_resources(task, proof),
            Proof::Herd { .. }
            | Proof::Unfair { .. }
            | Proof::UnfairTask { .. }
            | Proof::Inversion { .. } => self.of_queues(task, proof),
            Proof::BackPressure { .. } | Proof::WriteBuffer { .. } => self.of_pressure(task, proof),
            Proof::PoolExhausted { .. }
            | Proof::HandleLeak { .. }
            | Proof::UnpolledLock { .. }
            | Proof::Unpolled { .. } => self.of_neglect(task, proof),
            Proof::Unretrieved { .. }
            | Proof::Orphan { .. }
            | Proof::Shutdown { .. }
            | Proof::Unawaited { .. }
            | Proof::CancelSwallowed { .. }
            | Proof::Race { .. }
            | Proof::RaceUnderLock { .. } => self.of_ends(task, proof),
            Proof::CancelUnsafe { .. } | Proof::HalfOpen { .. } | Proof::Ordering { .. } => {
                self.of_data(task, proof)
            }
        }
    }

    fn task(&self, task: TaskId) -> String {
        task_label(self.tables, task)
    }

    /// What was delayed.
    fn victim(&self, task: Option<TaskId>) -> String {
        task.map_or_else(|| "a callback".to_owned(), |task| self.task(task))
    }

    fn resource(&self, resource: NamedResource) -> String {
        let name = match resource.name {
            TextId::UNKNOWN => "",
            name => self.tables.text(name),
        };
        let words = named_kind(resource.kind, name, self.language);
        if words == resource_kind_word(resource.kind, self.language) {
            return format!("the {words}");
        }
        words
    }

    fn circle(&self, tasks: &[TaskId]) -> String {
        let labels = tasks.iter().chain(tasks.first());
        let labels: Vec<String> = labels.map(|task| self.task(*task)).collect();
        labels.join(" -> ")
    }

    fn wait(&self, on: Wait, resource: Option<NamedResource>) -> String {
        let named = resource.map_or("something unknown".to_owned(), |known| self.resource(known));
        match on {
            Wait::Unknown => "something unknown".to_owned(),
            Wait::Yield => "its next poll".to_owned(),
            Wait::Timer(_) => "a timer".to_owned(),
            Wait::Join(task) => self.task(task),
            Wait::Send(_) => format!("room in {named}"),
            Wait::Receive(_) => format!("an item in {named}"),
            Wait::Acquire(_) | Wait::Operation(_) => named,
            Wait::All(_) | Wait::Any(_) => "other tasks".to_owned(),
        }
    }
}

/// A number with its noun: `one task`, `3 tasks`.
fn counted(number: u64, noun: &str) -> String {
    match (number, noun) {
        (1, "time") => "once".to_owned(),
        (1, noun) => format!("one {noun}"),
        (number, noun) => format!("{number} {noun}s"),
    }
}

/// What a known location is to the cause, where it is not its line: `after this line`.
pub fn spot_words(spot: Spot, language: Language) -> Option<&'static str> {
    match spot.nearness {
        Nearness::Exact => None,
        Nearness::AwaitBefore => Some("after this await"),
        Nearness::AwaitAfter => Some("before this await"),
        Nearness::Spawned => Some(language.choose(
            "in the function that is spawned here",
            "in the coroutine whose task is created here",
        )),
        Nearness::Created => Some("what is awaited was made here"),
    }
}
