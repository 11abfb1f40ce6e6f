//! The words of the findings, in both languages: what is wrong, and what would be right.

use crate::insight::{
    language::Language,
    terms,
    words::{duration, failure_words, named_kind, resource_kind_word, task_label},
};
use crate::trace::{Tables, TaskId, TextId, Wait};

use super::{
    claim::{Nearness, Spot},
    proof::{NamedResource, Proof},
    report::Finding,
    rule::Rule,
};

/// What is wrong, as a sentence without its full stop.
pub fn message_words(tables: &Tables, finding: &Finding, language: Language) -> String {
    let words = MessageWords { tables, language };
    let task = match finding.task {
        Some(task) => task_label(tables, task),
        None => "a callback".to_owned(),
    };
    words.of(&task, &finding.proof)
}

struct MessageWords<'a> {
    tables: &'a Tables,
    language: Language,
}

impl MessageWords<'_> {
    fn of(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::Blocking { .. }
            | Proof::NestedBlock { .. }
            | Proof::LateTimer { .. }
            | Proof::DeadTimeout { .. }
            | Proof::Starvation { .. }
            | Proof::WakeStorm { .. }
            | Proof::Sequential { .. }
            | Proof::Convoy { .. } => self.of_time(task, proof),
            Proof::JoinCycle { .. }
            | Proof::SelfDeadlock { .. }
            | Proof::LockOrder { .. }
            | Proof::Deadlock { .. }
            | Proof::Stalled { .. }
            | Proof::ChanDeadlock { .. }
            | Proof::SenderAlive { .. }
            | Proof::LostWakeup { .. }
            | Proof::PermitLeak { .. }
            | Proof::Unbounded { .. }
            | Proof::TaskLeak { .. } => self.of_waits(task, proof),
            Proof::Unretrieved { .. }
            | Proof::Orphan { .. }
            | Proof::Shutdown { .. }
            | Proof::Unawaited { .. }
            | Proof::CancelSwallowed { .. }
            | Proof::Race { .. } => self.of_ends(task, proof),
        }
    }

    /// What costs time.
    fn of_time(&self, task: &str, proof: &Proof) -> String {
        match proof {
            Proof::Blocking {
                held,
                delayed,
                worst,
                after_io,
            } => {
                let held = format!("{task} held the loop for {}", duration(*held));
                match worst {
                    Some((victim, by)) => format!(
                        "{held} in one poll, and delayed {}: {} by {}",
                        counted(*delayed, "task"),
                        self.task(*victim),
                        duration(*by)
                    ),
                    None => format!(
                        "{held} in one poll, and {} had to wait for I/O that was ready",
                        counted(*after_io, "task")
                    ),
                }
            }
            Proof::NestedBlock { inner, delayed } => format!(
                "{task} ran a second loop inside its poll for {}, and delayed {}",
                duration(*inner),
                counted(*delayed, "task")
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
                self.task(*victim),
                duration(*late)
            ),
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
            _ => String::new(),
        }
    }

    /// What can never continue.
    fn of_waits(&self, task: &str, proof: &Proof) -> String {
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
                    self.are(*unfinished),
                    self.wait(*on, *resource)
                )
            }
            Proof::Stalled { unfinished } => format!(
                "no task runs, and nothing is known that could wake one: {} unfinished",
                self.are(*unfinished)
            ),
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
            } => format!(
                "{unfinished} of {} of this place do not end: {task} and others wait for something that does not come",
                counted(*spawned, "task")
            ),
            Proof::PermitLeak {
                semaphore,
                permits,
                of,
            } => format!(
                "{permits} of {} of {} were taken by tasks that have ended, and tasks wait for one",
                counted(u64::from(*of), "permit"),
                self.resource(*semaphore)
            ),
            _ => String::new(),
        }
    }

    /// What happens to tasks, futures and values.
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
            _ => String::new(),
        }
    }

    fn task(&self, task: TaskId) -> String {
        task_label(self.tables, task)
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

    fn are(&self, unfinished: usize) -> String {
        match unfinished {
            1 => "one task is".to_owned(),
            many => format!("{many} tasks are"),
        }
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

/// What would be right.
pub fn fix_words(rule: Rule, language: Language) -> &'static str {
    let (rust, python) = match rule {
        Rule::Blocking | Rule::LateTimer | Rule::DeadTimeout => (
            "move the work to a thread with `unblock`, or divide it with `yield_now().await`",
            "move the work to a thread with `asyncio.to_thread`, or divide it with `await asyncio.sleep(0)`",
        ),
        Rule::NestedBlock => (
            "await the future instead of calling `block_on` inside a task",
            "await the coroutine instead of running a second loop",
        ),
        Rule::Starvation => (
            "let fewer tasks work at once, or move the work to threads with `unblock`",
            "let fewer tasks work at once, or move the work to threads with `asyncio.to_thread`",
        ),
        Rule::WakeStorm => (
            "wait for an event or a channel instead of asking again and again",
            "wait for an `asyncio.Event` or a queue instead of asking again and again",
        ),
        Rule::Herd => (
            "wake one task for each item, for example with a channel or a semaphore",
            "use `notify()` instead of `notify_all()`, or a queue",
        ),
        Rule::Interval => (
            "compute the next deadline from the last one, with `Timer::interval`",
            "compute the next deadline from the last one, and sleep until it",
        ),
        Rule::Sequential => (
            "if the waits do not need each other, start them together: `gather`, or spawn first and await later",
            "if the waits do not need each other, start them together: `asyncio.gather` or a TaskGroup",
        ),
        Rule::Unawaited => (
            "await the future, or spawn it",
            "await the coroutine, or create a task for it",
        ),
        Rule::Unpolled => (
            "poll the future beside the other wait, or give it a task of its own",
            "give the work a task of its own",
        ),
        Rule::Orphan => (
            "await the handle, or call `detach` if the task should continue alone",
            "keep a reference to the task, and await it",
        ),
        Rule::Shutdown => (
            "await the task before main ends, or cancel it and await its end",
            "await the task before main ends, or cancel it and await its end",
        ),
        Rule::Unretrieved => (
            "await the handle and handle its error, or report the error inside the task",
            "await the task and handle its exception, or report it inside the task",
        ),
        Rule::LockOrder => (
            "take the locks in the same order everywhere, or use one lock for both",
            "take the locks in the same order everywhere, or use one lock for both",
        ),
        Rule::SelfDeadlock => (
            "pass on what is guarded instead of taking the lock again",
            "call a version of the function that expects the lock to be held",
        ),
        Rule::JoinCycle => (
            "let one of the tasks return without awaiting the others",
            "let one of the tasks return without awaiting the others",
        ),
        Rule::ChanDeadlock => (
            "receive in a task of its own, or give the channel the capacity that the work needs",
            "receive in a task of its own, or give the queue the size that the work needs",
        ),
        Rule::LostWakeup => (
            "check the state before the wait, or use a primitive that remembers the event",
            "check the state before the wait, or leave the event set",
        ),
        Rule::Convoy => (
            "release the lock before the slow await, and take it again to store the result",
            "leave the `async with` before the slow await, and enter it again to store the result",
        ),
        Rule::PermitLeak => (
            "keep the guard of the permit, so that it is released on every way out",
            "use `async with semaphore`, so that the permit is released on every way out",
        ),
        Rule::Inversion => (
            "give short work a queue of its own, or divide the long work",
            "give short work a queue of its own, or divide the long work",
        ),
        Rule::PoolExhausted => (
            "limit what is submitted at once, or enlarge the pool with BLOCKING_MAX_THREADS",
            "limit what is submitted at once, or enlarge the executor",
        ),
        Rule::Unfair => (
            "take the branches in turn, or drain each one with a limit",
            "take the sources in turn, or drain each one with a limit",
        ),
        Rule::Unbounded => (
            "give the channel a capacity, so that senders wait",
            "give the queue a maxsize, so that producers wait",
        ),
        Rule::BackPressure => (
            "make the consumer faster, or use more than one",
            "make the consumer faster, or use more than one",
        ),
        Rule::TaskLeak => (
            "limit the number of tasks, and give their waits a timeout",
            "limit the number of tasks, and give their waits a timeout",
        ),
        Rule::HandleLeak => (
            "drop or close what is no longer used",
            "close what is no longer used, for example with `async with`",
        ),
        Rule::HalfOpen => (
            "give the read a timeout, and close the connection when it ends",
            "give the read a timeout, and close the connection when it ends",
        ),
        Rule::RetryStorm => (
            "pause before each retry, and make the pause longer each time",
            "pause before each retry, and make the pause longer each time",
        ),
        Rule::CancelUnsafe => (
            "keep the future across the rounds, or take the item only when it can be handed on",
            "shield the step that hands the item on, or put the item back when it is cancelled",
        ),
        Rule::CancelSwallowed => (
            "end the task when it is cancelled",
            "raise CancelledError again after the clean-up",
        ),
        Rule::Race => (
            "hold a lock across the read and the write, or read again after the await",
            "hold a lock across the read and the write, or read again after the await",
        ),
        Rule::Ordering => (
            "use the order in which the results come, or `gather`, which keeps the order of its arguments",
            "use the order in which the results come, or `gather`, which keeps the order of its arguments",
        ),
        Rule::SenderAlive => (
            "drop all senders when the work is done; one that the receiver's task keeps counts as well",
            "put a last item that tells the consumer to end, or cancel the consumer after `queue.join()`",
        ),
        Rule::Deadlock => (
            "break the circle: let one of the tasks continue without the others",
            "break the circle: let one of the tasks continue without the others",
        ),
        Rule::Stalled => (
            "keep the waker of the last poll, and call it when the value is there",
            "complete the future that the task awaits",
        ),
    };
    language.choose(rust, python)
}
