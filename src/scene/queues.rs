//! The queues of the loop: each task is in one of READY, RUNNING, TIMERS, PENDING and DONE, and a
//! step moves a task from one to another.
//!
//! ```text
//!            spawn                 poll                      returns
//!      ────────────────> READY ────────────> RUNNING ─────────────────────> DONE
//!                          ^                  │   │
//!                          │ wake             │   └─ suspends on a timer ──> TIMERS
//!                          └──────────────────┴───── suspends otherwise ───> PENDING
//! ```

use std::cmp::Reverse;

use crate::{
    insight::{Language, task_label, wait_words, woken_by_words},
    replay::{Replay, Running, State, Status, TaskState, WaitingCallback},
    trace::{Aspect, Moment, Position, Span, TaskId, TextId, WokenBy},
};

use super::format::{brief, seconds};

/// A queue: its length, and its first entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    /// How many entries the queue has.
    pub(crate) len: usize,
    /// The first entries, as many as were asked for.
    pub(crate) rows: Vec<QueueEntry>,
    /// The recording does not contain this queue.
    pub(crate) unknown: bool,
}

/// A task or a callback in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueueEntry {
    /// The task; `None` for a callback.
    pub(crate) task: Option<TaskId>,
    /// What the task does.
    pub(crate) status: Status,
    /// The number and name of the task, or the name of the callback.
    pub(crate) label: String,
    /// Why the entry is in this queue.
    pub(crate) words: String,
    /// In the timer queue: when the timer is due.
    pub(crate) deadline: Option<Moment>,
    /// In the timer queue: the share of the timer's time that has passed, in thousandths.
    pub(crate) share: Option<u64>,
}

/// All queues at a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queues {
    /// Tasks and callbacks that are polled next, first in, first out.
    pub(crate) ready: Queue,
    /// The task that is being polled. An imported recording may have several.
    pub(crate) running: Queue,
    /// Tasks that wait for a timer, earliest deadline first.
    pub(crate) timers: Queue,
    /// Tasks that wait for something else.
    pub(crate) pending: Queue,
    /// Tasks that have ended, latest first.
    pub(crate) done: Queue,
    /// How many tasks are in none of these queues, because events about them are missing.
    pub(crate) unknown_tasks: usize,
}

/// With more tasks than this, the ended ones are counted and not listed: sorting them would take
/// longer than a frame may take.
const MAX_LISTED: usize = 20_000;

/// The queues at the current position, with at most `rows` entries each. `now` is the current time:
/// it may be later than the position's, while the loop waits.
#[cfg(feature = "tui")]
pub(crate) fn queues(replay: &Replay, rows: usize, now: Moment, language: Language) -> Queues {
    queues_of(replay, replay.state(), rows, now, language)
}

/// The queues in a state of the replay.
pub(super) fn queues_of(
    replay: &Replay,
    state: &State,
    rows: usize,
    now: Moment,
    language: Language,
) -> Queues {
    let builder = QueueBuilder {
        replay,
        state,
        now: now.max(state.now()),
        rows,
        language,
    };
    let (pending, unknown_tasks) = builder.pending();
    Queues {
        ready: builder.if_recorded(Aspect::Wakes, QueueBuilder::ready),
        running: builder.running(),
        timers: builder.if_recorded(Aspect::Timers, QueueBuilder::timers),
        pending,
        done: builder.done(),
        unknown_tasks,
    }
}

struct QueueBuilder<'a> {
    replay: &'a Replay,
    state: &'a State,
    now: Moment,
    rows: usize,
    language: Language,
}

impl QueueBuilder<'_> {
    fn if_recorded(&self, aspect: Aspect, build: impl Fn(&Self) -> Queue) -> Queue {
        if self.replay.log().meta.has(aspect) {
            return build(self);
        }
        Queue {
            unknown: true,
            ..Queue::default()
        }
    }

    fn entry(&self, task: TaskId, row: &TaskState, words: String) -> QueueEntry {
        QueueEntry {
            task: Some(task),
            status: row.status(),
            label: task_label(self.replay.tables(), task),
            words,
            ..QueueEntry::default()
        }
    }

    /// Tasks and callbacks share one queue. The position at which each was put there is its order.
    fn ready(&self) -> Queue {
        enum ReadyEntry<'a> {
            Task(TaskId, &'a TaskState),
            Callback(&'a WaitingCallback),
        }
        let tasks = self.state.ready().into_iter();
        let callbacks = self.state.callbacks.iter();
        let mut order: Vec<(Position, ReadyEntry<'_>)> = tasks
            .map(|(task, row)| (row.woken, ReadyEntry::Task(task, row)))
            .chain(callbacks.map(|waiting| (waiting.scheduled, ReadyEntry::Callback(waiting))))
            .collect();
        order.sort_by_key(|(position, _)| *position);
        let rows = order
            .iter()
            .take(self.rows)
            .map(|(position, entry)| match entry {
                ReadyEntry::Task(task, row) => {
                    let words = format!("{} (event {})", woken_words(self.replay, row), position.0);
                    self.entry(*task, row, words)
                }
                ReadyEntry::Callback(waiting) => QueueEntry {
                    label: self.callback_label(waiting.name),
                    words: format!("scheduled (event {})", position.0),
                    ..QueueEntry::default()
                },
            });
        Queue {
            len: order.len(),
            rows: rows.collect(),
            unknown: false,
        }
    }

    fn callback_label(&self, name: TextId) -> String {
        format!("callback {}", self.replay.tables().text(name))
    }

    fn running(&self) -> Queue {
        if !self.replay.log().meta.has(Aspect::Queues) {
            return self.running_on_threads();
        }
        let entry = match self.state.running {
            Running::Nothing => None,
            Running::Task(task) => self.state.tasks.get(task).map(|row| {
                let words = match self.now.since(row.since) {
                    Span::ZERO => format!("since {}", seconds(row.since)),
                    long => format!("since {}, for {}", seconds(row.since), brief(long)),
                };
                self.entry(task, row, words)
            }),
            Running::Callback(_, name) => Some(QueueEntry {
                label: self.callback_label(name),
                ..QueueEntry::default()
            }),
        };
        Queue {
            len: usize::from(entry.is_some()),
            rows: entry.into_iter().collect(),
            unknown: false,
        }
    }

    /// All tasks that are being polled: an imported recording may be of several threads.
    fn running_on_threads(&self) -> Queue {
        let tasks = self.state.tasks.unfinished();
        let running = tasks.filter(|(_, row)| row.status() == Status::Running);
        let since = |row: &TaskState| format!("since {}", seconds(row.since));
        let rows: Vec<QueueEntry> = running
            .map(|(task, row)| self.entry(task, row, since(row)))
            .collect();
        Queue {
            len: rows.len(),
            rows,
            unknown: false,
        }
    }

    fn timers(&self) -> Queue {
        let queue = self.state.next_timers(self.rows);
        let rows = queue.iter().map(|(_, timer)| {
            let due = seconds(timer.deadline);
            let words = match timer.deadline.since(self.now) {
                Span::ZERO => format!("due {due} now"),
                left => format!("due {due} in {}", seconds(left)),
            };
            let length = u128::from(timer.deadline.since(timer.set_at).nanos().max(1));
            let passed = u128::from(self.now.since(timer.set_at).nanos()) * 1000 / length;
            QueueEntry {
                task: Some(timer.task),
                status: Status::Timer,
                label: task_label(self.replay.tables(), timer.task),
                words,
                deadline: Some(timer.deadline),
                share: u64::try_from(passed.min(1000)).ok(),
            }
        });
        Queue {
            len: self.state.timers.iter().flatten().count(),
            rows: rows.collect(),
            unknown: false,
        }
    }

    /// The tasks that wait, and how many tasks are unknown: both take a pass over all tasks.
    fn pending(&self) -> (Queue, usize) {
        let mut queue = Queue::default();
        let mut unknown = 0;
        let (meta, tables) = (&self.replay.log().meta, self.replay.tables());
        for (task, row) in self.state.tasks.unfinished() {
            unknown += usize::from(row.status() == Status::Unknown);
            if row.status() != Status::Pending {
                continue;
            }
            queue.len += 1;
            if queue.rows.len() < self.rows {
                let words = wait_words(meta, tables, self.state, row, self.language);
                queue.rows.push(self.entry(task, row, words));
            }
        }
        (queue, unknown)
    }

    fn done(&self) -> Queue {
        let len = self.state.ended as usize;
        if self.state.tasks.len() > MAX_LISTED {
            return Queue {
                len,
                ..Queue::default()
            };
        }
        let tasks = self.state.tasks.iter();
        let mut ended: Vec<_> = tasks.filter(|(_, row)| row.status().ended()).collect();
        // Of the tasks that ended at one instant, the one that was woken last ended last.
        let order = |(task, row): &(TaskId, &TaskState)| (Reverse((row.since, row.woken)), *task);
        // Only the rows that are shown are sorted.
        if self.rows < ended.len() {
            ended.select_nth_unstable_by_key(self.rows, order);
            ended.truncate(self.rows);
        }
        ended.sort_by_key(order);
        let rows = ended
            .into_iter()
            .map(|(task, row)| self.entry(task, row, format!("at {}", seconds(row.since))));
        Queue {
            len,
            rows: rows.collect(),
            unknown: false,
        }
    }
}

/// What put a task into the ready queue: `woken by #1`, `spawned by #0`, `woken by its timer`.
///
/// Rows are narrow, so that a task is named by its number alone.
pub(super) fn woken_words(replay: &Replay, row: &TaskState) -> String {
    let is_new = row.polls == 0;
    let has_queues = replay.log().meta.has(Aspect::Queues);
    let by = match row.woken_by {
        WokenBy::Task(by) if is_new => return format!("spawned by {by}"),
        WokenBy::Loop if has_queues && is_new => return "the first task".into(),
        WokenBy::Task(by) => by.to_string(),
        // An importer writes this cause where the file names none.
        WokenBy::Loop if !has_queues => woken_by_words(replay.tables(), WokenBy::Unknown),
        WokenBy::Callback(_)
        | WokenBy::Timer(_)
        | WokenBy::Io
        | WokenBy::Thread(_)
        | WokenBy::Loop
        | WokenBy::Unknown => woken_by_words(replay.tables(), row.woken_by),
    };
    format!("woken by {by}")
}
