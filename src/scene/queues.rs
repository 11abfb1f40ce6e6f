//! The loop drawn as places: a step is a move between READY, RUNNING, TIMERS, PENDING and DONE.

use std::cmp::Reverse;

use crate::{
    insight::{task_label, wait_words},
    replay::{Replay, Running, State, Status, TaskState},
    trace::{Aspect, Moment, Position, TaskId, WokenBy},
};

use super::format::{brief, seconds};

/// One place, with as many of its entries as were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many entries it has.
    pub len: usize,
    /// The first of them.
    pub rows: Vec<QueueEntry>,
    /// The recording says nothing of who is here.
    pub unknown: bool,
}

/// Somebody in a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueEntry {
    /// Which task; none for a callback.
    pub task: Option<TaskId>,
    /// What it is called.
    pub label: String,
    /// Why it is here.
    pub words: String,
    /// Of a timer: how much of its time is over, in thousandths.
    pub share: Option<u64>,
}

/// All places at a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queues {
    /// Who runs next, first in, first out.
    pub ready: Queue,
    /// Who has the one slot.
    pub running: Queue,
    /// Who sleeps, by deadline, then by age.
    pub timers: Queue,
    /// Who waits for something else.
    pub pending: Queue,
    /// Who has ended, latest first.
    pub done: Queue,
}

/// With more tasks than this the ended ones are counted, not listed: sorting them would cost more than a frame.
const MOST_LISTED: usize = 20_000;

/// The places of the loop, each with at most `rows` of its entries. `now` is what time it is: that of the position, or
/// later, while nothing happens.
pub fn queues(replay: &Replay, rows: usize, now: Moment) -> Queues {
    let builder = QueueBuilder {
        replay,
        state: replay.state(),
        now: now.max(replay.state().now()),
        rows,
    };
    Queues {
        ready: builder.known(Aspect::Wakes, QueueBuilder::ready),
        running: builder.running(),
        timers: builder.known(Aspect::Timers, QueueBuilder::timers),
        pending: builder.pending(),
        done: builder.done(),
    }
}

struct QueueBuilder<'a> {
    replay: &'a Replay,
    state: &'a State,
    now: Moment,
    rows: usize,
}

impl QueueBuilder<'_> {
    fn known(&self, part: Aspect, build: impl Fn(&Self) -> Queue) -> Queue {
        if self.replay.log().meta.has(part) {
            return build(self);
        }
        Queue {
            unknown: true,
            ..Queue::default()
        }
    }

    /// Everybody who runs: in a recording from elsewhere there may be several threads.
    fn all_running(&self) -> Queue {
        let since = |row: &TaskState| format!("since {}", seconds(row.since.0));
        let living = self.state.tasks.unfinished();
        let running = living.filter(|(_, row)| row.status() == Status::Running);
        let rows: Vec<QueueEntry> = running
            .map(|(task, row)| self.row(task, since(row)))
            .collect();
        Queue {
            len: rows.len(),
            rows,
            unknown: false,
        }
    }

    fn row(&self, task: TaskId, words: String) -> QueueEntry {
        QueueEntry {
            task: Some(task),
            label: task_label(self.replay.tables(), task),
            words,
            share: None,
        }
    }

    /// Tasks and callbacks share one queue; the position at which each came in gives their order.
    fn ready(&self) -> Queue {
        let tasks = self.state.ready();
        let mut order: Vec<(Position, Result<usize, usize>)> = Vec::new();
        order.extend(
            tasks
                .iter()
                .enumerate()
                .map(|(at, (_, row))| (row.woken, Ok(at))),
        );
        order.extend(
            self.state
                .callbacks
                .iter()
                .enumerate()
                .map(|(at, callback)| (callback.scheduled, Err(at))),
        );
        order.sort();
        let rows = order
            .iter()
            .take(self.rows)
            .map(|&(position, entry)| match entry {
                Ok(at) => {
                    let (task, row) = tasks[at];
                    self.row(
                        task,
                        format!("{} (event {})", waker_words(self.replay, row), position.0),
                    )
                }
                Err(at) => QueueEntry {
                    label: format!(
                        "callback {}",
                        self.replay.tables().text(self.state.callbacks[at].name)
                    ),
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

    fn running(&self) -> Queue {
        if !self.replay.log().meta.has(Aspect::Queues) {
            return self.all_running();
        }
        let row = match self.state.running {
            Running::Nothing => return Queue::default(),
            Running::Task(task) => {
                let since = self
                    .state
                    .tasks
                    .get(task)
                    .map_or(Moment::START, |row| row.since);
                let words = match self.now.since(since) {
                    0 => format!("since {}", seconds(since.0)),
                    long => format!("since {}, for {}", seconds(since.0), brief(long)),
                };
                self.row(task, words)
            }
            Running::Callback(_, name) => QueueEntry {
                label: format!("callback {}", self.replay.tables().text(name)),
                ..QueueEntry::default()
            },
        };
        Queue {
            len: 1,
            rows: vec![row],
            unknown: false,
        }
    }

    fn timers(&self) -> Queue {
        let queue = self.state.next_timers(self.rows);
        let now = self.now;
        let rows = queue.iter().map(|(_, timer)| {
            let left = timer.deadline.since(now);
            let words = if left == 0 {
                format!("due {} now", seconds(timer.deadline.0))
            } else {
                format!("due {} in {}", seconds(timer.deadline.0), seconds(left))
            };
            let span = u128::from(timer.deadline.since(timer.set_at).max(1));
            let gone = u128::from(now.since(timer.set_at)) * 1000 / span;
            QueueEntry {
                share: u64::try_from(gone.min(1000)).ok(),
                ..self.row(timer.task, words)
            }
        });
        Queue {
            len: self.state.timers.iter().flatten().count(),
            rows: rows.collect(),
            unknown: false,
        }
    }

    fn pending(&self) -> Queue {
        let mut queue = Queue::default();
        for (task, row) in self
            .state
            .tasks
            .unfinished()
            .filter(|(_, row)| row.status() == Status::Pending)
        {
            queue.len += 1;
            if queue.rows.len() < self.rows {
                queue.rows.push(self.row(
                    task,
                    wait_words(
                        &self.replay.log().meta,
                        self.replay.tables(),
                        self.state,
                        row,
                    ),
                ));
            }
        }
        queue
    }

    fn done(&self) -> Queue {
        let len = self.state.ended as usize;
        if self.state.tasks.len() > MOST_LISTED {
            return Queue {
                len,
                rows: Vec::new(),
                unknown: false,
            };
        }
        let mut ended: Vec<_> = self
            .state
            .tasks
            .iter()
            .filter(|(_, row)| row.status().ended())
            .collect();
        // At one instant, who was woken last ended last.
        let order = |(task, row): &(TaskId, &TaskState)| (Reverse((row.since, row.woken)), *task);
        // No more is sorted than is shown.
        if self.rows < ended.len() {
            ended.select_nth_unstable_by_key(self.rows, order);
            ended.truncate(self.rows);
        }
        ended.sort_by_key(order);
        let rows = ended
            .into_iter()
            .map(|(task, row)| self.row(task, format!("at {}", seconds(row.since.0))));
        Queue {
            len,
            rows: rows.collect(),
            unknown: false,
        }
    }
}

/// Who put a task into the ready queue: `woken by #1`, `spawned by #0`, `woken by its timer`.
pub fn waker_words(replay: &Replay, row: &TaskState) -> String {
    let spawned = row.polls == 0;
    match row.woken_by {
        WokenBy::Task(by) if spawned => format!("spawned by {by}"),
        WokenBy::Task(by) => format!("woken by {by}"),
        WokenBy::Callback(_) => "woken by a callback".into(),
        WokenBy::Timer(_) => "woken by its timer".into(),
        WokenBy::Io => "woken by I/O".into(),
        WokenBy::Thread(name) => format!("woken by thread {}", replay.tables().text(name)),
        WokenBy::Loop if !replay.log().meta.has(Aspect::Queues) => "woken by somebody".into(),
        WokenBy::Loop if spawned => "the first task".into(),
        WokenBy::Loop => "woken by the loop".into(),
        WokenBy::Unknown => "woken by somebody".into(),
    }
}
