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
//!
//! A queue may contain an entry of a task that is in another place. A time limit is in TIMERS while
//! its task is in PENDING, a task that was woken in its own poll is in READY while it runs, and a
//! timer may be left over after its task was cancelled. Such an entry is *aside*: it is shown, but
//! it is no second place of the task, and it is not counted. So each unfinished task has exactly
//! one entry that is not aside. A timer that has fired leaves TIMERS only with the wake that
//! follows, so its task is in TIMERS until it is in READY.

use std::cmp::Reverse;

use crate::{
    insight::{Language, SPAWNED, queue_name, task_label, timer_owner, wait_words, woken_by_words},
    replay::{Replay, Running, State, Status, TaskState, TimerState, WaitingCallback},
    trace::{Aspect, Moment, Position, ResourceKind, Span, TaskId, TextId, TimerId, Wait, WokenBy},
};

use super::format::{brief, seconds};
#[cfg(feature = "tui")]
use super::story::Story;

/// A queue: its length, and its first entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    /// How many tasks and callbacks are in this queue.
    pub(crate) len: usize,
    /// How many further entries belong to tasks that are in another queue.
    pub(crate) aside: usize,
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
    /// The same for a narrow row, where it takes more than the words without their detail.
    pub(crate) brief: Option<String>,
    /// In the timer queue: when the timer is due.
    pub(crate) deadline: Option<Moment>,
    /// Whether the task itself is in another queue.
    pub(crate) aside: bool,
    /// The status that the task had before the current story, if the story moved it here.
    pub(crate) from: Option<Status>,
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

impl Queue {
    /// The number of all entries, those that are aside included.
    #[cfg(feature = "tui")]
    pub(crate) fn total(&self) -> usize {
        self.len + self.aside
    }
}

impl Queues {
    /// Marks the entries that a story has moved.
    #[cfg(feature = "tui")]
    pub(crate) fn mark_moves(&mut self, story: &Story) {
        let queues = [
            &mut self.ready,
            &mut self.running,
            &mut self.timers,
            &mut self.pending,
            &mut self.done,
        ];
        for entry in queues.into_iter().flat_map(|queue| &mut queue.rows) {
            let task = entry.task.filter(|_| !entry.aside);
            entry.from = task.and_then(|task| story.origin(task, entry.status));
        }
    }
}

/// With more tasks than this, the screen counts the ended ones and does not list them: sorting them
/// would take longer than a frame may take.
#[cfg(feature = "tui")]
const MAX_LISTED: usize = 20_000;

/// The queues at the current position, with at most `rows` entries each. `now` is the current time:
/// it may be later than the position's, while the loop waits.
#[cfg(feature = "tui")]
pub(crate) fn queues(replay: &Replay, rows: usize, now: Moment, language: Language) -> Queues {
    QueueBuilder {
        replay,
        state: replay.state(),
        now: now.max(replay.state().now()),
        rows,
        max_listed: MAX_LISTED,
        language,
    }
    .queues()
}

/// The queues in a state of the replay, with at most `rows` entries each. If there are more tasks
/// than `rows`, those that have ended are counted and not listed.
pub(super) fn queues_of(replay: &Replay, state: &State, rows: usize, language: Language) -> Queues {
    QueueBuilder {
        replay,
        state,
        now: state.now(),
        rows,
        max_listed: rows,
        language,
    }
    .queues()
}

/// What one pass over all unfinished tasks finds.
#[derive(Default)]
struct WaitingTasks {
    pending: Queue,
    /// How many tasks are in TIMERS.
    asleep: usize,
    /// The tasks in TIMERS whose timer has fired: their wake follows.
    fired: Vec<TaskId>,
    /// How many tasks are in no queue, because events about them are missing.
    unknown: usize,
}

struct QueueBuilder<'a> {
    replay: &'a Replay,
    state: &'a State,
    now: Moment,
    rows: usize,
    /// With more tasks than this, the ended ones are counted and not listed.
    max_listed: usize,
    language: Language,
}

impl QueueBuilder<'_> {
    fn queues(&self) -> Queues {
        let waiting = self.waiting();
        Queues {
            ready: self.if_recorded(Aspect::Wakes, QueueBuilder::ready),
            running: self.running(),
            timers: self.if_recorded(Aspect::Timers, |builder| builder.timers(&waiting)),
            pending: waiting.pending,
            done: self.done(),
            unknown_tasks: waiting.unknown,
        }
    }

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
        let callbacks = self.state.callbacks.values();
        let mut order: Vec<(Position, ReadyEntry<'_>)> = tasks
            .map(|(task, row)| (row.woken(), ReadyEntry::Task(task, row)))
            .chain(callbacks.map(|waiting| (waiting.scheduled, ReadyEntry::Callback(waiting))))
            .collect();
        order.sort_by_key(|(position, _)| *position);
        let rows = order
            .iter()
            .take(self.rows)
            .map(|(position, entry)| match entry {
                ReadyEntry::Task(task, row) => {
                    let words = format!(
                        "{} (event {})",
                        woken_words(self.replay, row, self.language),
                        position.0
                    );
                    QueueEntry {
                        aside: row.status() == Status::Running,
                        ..self.entry(*task, row, words)
                    }
                }
                ReadyEntry::Callback(waiting) => QueueEntry {
                    label: self.callback_label(waiting.name),
                    words: format!("scheduled (event {})", position.0),
                    ..QueueEntry::default()
                },
            });
        let is_aside = |(_, entry): &&(Position, ReadyEntry<'_>)| match entry {
            ReadyEntry::Task(_, row) => row.status() == Status::Running,
            ReadyEntry::Callback(_) => false,
        };
        let aside = order.iter().filter(is_aside).count();
        Queue {
            len: order.len() - aside,
            aside,
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
                    long => format!("for {}, since {}", brief(long), seconds(row.since)),
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
            ..Queue::default()
        }
    }

    /// All tasks that are being polled: an imported recording may be of several threads.
    fn running_on_threads(&self) -> Queue {
        let tasks = self.state.tasks.unfinished_with_rows();
        let running = tasks.filter(|(_, row)| row.status() == Status::Running);
        let since = |row: &TaskState| format!("since {}", seconds(row.since));
        let rows: Vec<QueueEntry> = running
            .map(|(task, row)| self.entry(task, row, since(row)))
            .collect();
        Queue {
            len: rows.len(),
            rows,
            ..Queue::default()
        }
    }

    fn timers(&self, waiting: &WaitingTasks) -> Queue {
        let queue = self.state.next_timers(self.rows);
        let fired = waiting.fired.iter().map(|&task| QueueEntry {
            task: Some(task),
            status: Status::Timer,
            label: task_label(self.replay.tables(), task),
            words: "fired: wakes its task".to_owned(),
            deadline: Some(self.state.now()),
            ..QueueEntry::default()
        });
        let set = { queue.iter() }.map(|(id, timer)| self.timer_entry(*id, timer));
        let slots = self.state.timers.len();
        let timers = self.state.timers.values();
        let of_callbacks = timers.filter(|timer| timer.task.is_none()).count();
        let len = waiting.asleep + of_callbacks;
        Queue {
            len,
            aside: (slots + waiting.fired.len()).saturating_sub(len),
            rows: fired.chain(set).take(self.rows).collect(),
            unknown: false,
        }
    }

    fn timer_entry(&self, id: TimerId, timer: &TimerState) -> QueueEntry {
        let row = timer.task.and_then(|task| self.state.tasks.get(task));
        let status = row.map_or(Status::Absent, TaskState::status);
        // A timer that is set beside another wait, such as the limit of a timeout. A callback has no wait.
        let is_waited = row.is_some_and(|row| row.wait == Wait::Timer(id));
        let aside = timer.task.is_some() && !(status == Status::Timer && is_waited);
        let due = seconds(timer.deadline);
        let mut words = match timer.deadline.since(self.now) {
            Span::ZERO => format!("due {due} now"),
            left => format!("due {due} in {}", seconds(left)),
        };
        if aside {
            words = format!("{words} (task in {})", queue_name(status));
        }
        let length = u128::from(timer.deadline.since(timer.set_at).nanos().max(1));
        let passed = u128::from(self.now.since(timer.set_at).nanos()) * 1000 / length;
        QueueEntry {
            task: timer.task,
            status: Status::Timer,
            label: timer_owner(self.replay.tables(), timer),
            words,
            deadline: Some(timer.deadline),
            aside,
            from: None,
            brief: None,
            share: u64::try_from(passed.min(1000)).ok(),
        }
    }

    /// The tasks that wait: those in PENDING, and how many are in TIMERS. This takes a pass over
    /// all unfinished tasks that have a row.
    fn waiting(&self) -> WaitingTasks {
        let mut found = WaitingTasks::default();
        let (meta, tables) = (&self.replay.log().meta, self.replay.tables());
        let mut known = 0;
        for (task, row) in self.state.tasks.unfinished_with_rows() {
            known += usize::from(row.status() != Status::Unknown);
            match row.status() {
                Status::Timer => {
                    found.asleep += 1;
                    if let Wait::Timer(id) = row.wait
                        && self
                            .state
                            .timer(id)
                            .is_none_or(|set| set.task != Some(task))
                    {
                        found.fired.push(task);
                    }
                }
                Status::Pending => {
                    found.pending.len += 1;
                    if found.pending.rows.len() < self.rows {
                        let words = wait_words(meta, tables, self.state, row, self.language);
                        found.pending.rows.push(QueueEntry {
                            brief: self.lock_words(row),
                            ..self.entry(task, row, words)
                        });
                    }
                }
                Status::Absent
                | Status::Unknown
                | Status::Ready
                | Status::Running
                | Status::Done
                | Status::Failed
                | Status::Cancelled => {}
            }
        }
        found.unknown = self.state.unfinished().saturating_sub(known);
        found
    }

    /// The lock that a task waits for, by the number of the task that holds it.
    fn lock_words(&self, row: &TaskState) -> Option<String> {
        let Wait::Acquire(lock) = row.wait else {
            return None;
        };
        let lock = self.state.resource(lock)?;
        let holder = lock.user.filter(|_| lock.kind == ResourceKind::Lock)?;
        Some(format!("lock held by {holder}"))
    }

    fn done(&self) -> Queue {
        let len = self.state.ended as usize;
        if self.state.tasks.len() > self.max_listed {
            return Queue {
                len,
                ..Queue::default()
            };
        }
        let tasks = self.state.tasks.iter();
        let mut ended: Vec<_> = tasks.filter(|(_, row)| row.status().ended()).collect();
        // Of the tasks that ended at one instant, the one that was woken last ended last.
        let order = |(task, row): &(TaskId, &TaskState)| (Reverse((row.since, row.woken())), *task);
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
            ..Queue::default()
        }
    }
}

/// What put a task into the ready queue: `woken by #1`, `spawned by #0`, `woken by its timer`.
///
/// Rows are narrow, so that a task is named by its number alone.
pub(super) fn woken_words(replay: &Replay, row: &TaskState, language: Language) -> String {
    let is_new = row.known_polls() == Some(0);
    let has_queues = replay.log().meta.has(Aspect::Queues);
    let by = match row.woken_by {
        WokenBy::Task(by) if is_new => {
            return format!("{} by {by}", SPAWNED.text(language));
        }
        WokenBy::Callback(_) if is_new => {
            let by = woken_by_words(replay.tables(), row.woken_by);
            return format!("{} by {by}", SPAWNED.text(language));
        }
        WokenBy::Loop if has_queues && is_new => {
            let first = replay.tables().task(TaskId(0));
            return if first.is_none_or(|first| row.woken() <= first.spawned) {
                "the first task".into()
            } else {
                format!("{} by no task", SPAWNED.text(language))
            };
        }
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
