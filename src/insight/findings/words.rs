//! The words of the findings, in both languages: what is wrong, and what would be right.

mod data;
mod load;

use crate::insight::{
    language::Language,
    terms,
    words::{duration, failure_words, named_kind, resource_kind_word, task_label},
};
use crate::trace::{Span, Tables, TaskId, TextId, Wait};

use super::{
    claim::{Nearness, Spot},
    proof::{NamedResource, PermitLoss, Proof},
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

    /// What costs time.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    fn of_time(&self, task: &str, proof: &Proof) -> String {
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
                match worst {
                    Some((victim, by)) => format!(
                        "{held}, and delayed {}: {} by {}",
                        delayed_words(*delayed, *callbacks),
                        self.victim(*victim),
                        duration(*by)
                    ),
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
            } => format!(
                "{task} and others at its place were polled {} in a row, and {} was {} late",
                counted(*polls, "time"),
                self.victim(*victim),
                duration(*late)
            ),
            _ => String::new(),
        }
    }

    /// Polls and waits that cost more than they need.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    fn of_repetition(&self, task: &str, proof: &Proof) -> String {
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
            Proof::Sequential { waits, total } => format!(
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

    /// Tasks that can never continue.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    fn of_circles(&self, task: &str, proof: &Proof) -> String {
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
            Proof::Stalled { unfinished } => format!(
                "no task runs, and nothing is known that could wake one: {} unfinished",
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
    fn of_resources(&self, task: &str, proof: &Proof) -> String {
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

    /// What happens to tasks, futures and values.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the caller matches all proofs and chooses the group"
    )]
    fn of_ends(&self, task: &str, proof: &Proof) -> String {
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
            PermitLoss::Idle => {
                format!("{of} are taken, and nothing is known that gives one back before a limit")
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

/// Whether a thread that did not return to its loop has computed or was blocked.
fn how_held(held: Span, processor: Span) -> &'static str {
    if processor >= Span(held.nanos() / 2) {
        " (computing)"
    } else {
        " (blocked, not computing)"
    }
}

/// `one task is`, `3 tasks are`.
fn are(unfinished: usize) -> String {
    match unfinished {
        1 => "one task is".to_owned(),
        many => format!("{many} tasks are"),
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
