//! The rows of the task table at a position.

use std::sync::Arc;

use crate::trace::{LocationId, Moment, PollOutcome, Position, TaskId, Wait, WokenBy};

use super::TaskPhase;

/// What a task is doing. The first letters of the screen's codes follow it: RUN, RDY, TMR, PND …
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Not spawned yet.
    #[default]
    Absent,
    /// In the ready queue.
    Ready,
    /// Being polled: at most one task ever is.
    Running,
    /// Asleep until a deadline.
    Timer,
    /// Waiting for another task, a resource or I/O.
    Pending,
    /// Not known: events are missing, and nothing was heard of it since.
    Unknown,
    /// Done.
    Done,
    /// Panicked, or gave an error that it was to tell of.
    Failed,
    /// Cancelled.
    Cancelled,
}

impl Status {
    pub(super) const ALL: [Status; 9] = [
        Status::Absent,
        Status::Ready,
        Status::Running,
        Status::Timer,
        Status::Pending,
        Status::Unknown,
        Status::Done,
        Status::Failed,
        Status::Cancelled,
    ];

    /// Whether the task has ended, in whatever way.
    pub fn ended(self) -> bool {
        self >= Status::Done
    }
}

/// A task at a position. Times are nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskState {
    /// What it is doing.
    pub phase: TaskPhase,
    /// Somebody asked it to end.
    pub cancel_asked: bool,
    /// How many things it may wait for besides [`TaskState::wait`].
    pub also: u8,
    /// How often it was polled.
    pub polls: u32,
    /// What it waits for, or waited for last.
    pub wait: Wait,
    /// Where in the source.
    pub wait_at: LocationId,
    /// The event that put it into the ready queue last is the one before this position.
    pub woken: Position,
    /// Who did that; for a spawn, the parent.
    pub woken_by: WokenBy,
    /// Since when it has been doing what it does.
    pub since: Moment,
    /// How long it ran, without the current poll.
    pub running: u64,
    /// How long it stood in the ready queue, without the current time.
    pub ready: u64,
    /// How long it waited, without the current wait.
    pub waiting: u64,
    /// Its longest poll.
    pub longest: u64,
}

impl TaskState {
    fn spawned(now: Moment, position: Position, by: WokenBy) -> TaskState {
        let mut phase = TaskPhase::ABSENT;
        phase.enqueue();
        TaskState {
            phase,
            cancel_asked: false,
            also: 0,
            polls: 0,
            wait: Wait::Unknown,
            wait_at: LocationId::UNKNOWN,
            woken: position,
            woken_by: by,
            since: now,
            running: 0,
            ready: 0,
            waiting: 0,
            longest: 0,
        }
    }

    /// What it is doing.
    #[inline]
    pub fn status(&self) -> Status {
        self.phase.status()
    }

    /// The times it ran, was ready and waited, with the current stretch up to `now`, in nanoseconds.
    pub fn times(&self, now: Moment) -> [u64; 3] {
        let current = now.since(self.since);
        let mut times = [self.running, self.ready, self.waiting];
        match self.status() {
            Status::Running => times[0] += current,
            Status::Ready => times[1] += current,
            Status::Timer | Status::Pending => times[2] += current,
            Status::Absent
            | Status::Unknown
            | Status::Done
            | Status::Failed
            | Status::Cancelled => {}
        }
        times
    }

    /// A task of which nothing is known but that it was spawned.
    fn unknown(now: Moment, position: Position) -> TaskState {
        let mut row = TaskState::spawned(now, position, WokenBy::Loop);
        row.mark_unknown(now);
        row
    }

    /// What it does is not known any more.
    fn mark_unknown(&mut self, now: Moment) {
        self.phase.mark_unknown();
        self.cancel_asked = false;
        self.also = 0;
        self.wait = Wait::Unknown;
        self.wait_at = LocationId::UNKNOWN;
        self.since = now;
    }

    /// What it did up to now is not counted as anything.
    #[inline]
    fn end_unknown(&mut self, now: Moment) {
        if self.status() == Status::Unknown {
            self.since = now;
        }
    }

    #[inline]
    pub(super) fn enqueue(&mut self, now: Moment, position: Position, by: WokenBy) {
        self.end_unknown(now);
        if matches!(self.status(), Status::Timer | Status::Pending) {
            self.waiting += now.since(self.since);
            self.since = now;
        }
        self.woken = position;
        self.woken_by = by;
        self.phase.enqueue();
    }

    #[inline]
    pub(super) fn start(&mut self, now: Moment) {
        self.end_unknown(now);
        if self.phase.queued() {
            self.ready += now.since(self.since);
        } else {
            // A recording from elsewhere may not say when it was woken.
            self.waiting += now.since(self.since);
        }
        self.since = now;
        self.also = 0;
        self.polls += 1;
        self.phase.start();
    }

    #[inline]
    pub(super) fn end(&mut self, now: Moment, outcome: PollOutcome) {
        self.end_unknown(now);
        let took = now.since(self.since);
        self.running += took;
        self.longest = self.longest.max(took);
        self.since = now;
        self.phase.end(outcome);
    }
}

/// How many tasks share a page.
const PAGE: usize = 256;

/// All tasks that have been spawned, ended ones included.
///
/// A page whose tasks have all ended never changes again, so copies of the table share it: a keyframe of a
/// program that spawned a million tasks costs what its living ones cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    pages: Vec<Page>,
    len: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Page {
    Open {
        rows: Vec<TaskState>,
        unfinished: usize,
    },
    Ended(Arc<[TaskState]>),
}

impl Tasks {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A task, if it has been spawned.
    pub fn get(&self, task: TaskId) -> Option<&TaskState> {
        match self.pages.get(task.index() / PAGE)? {
            Page::Open { rows, .. } => rows.get(task.index() % PAGE),
            Page::Ended(rows) => rows.get(task.index() % PAGE),
        }
    }

    /// All tasks by number.
    pub fn iter(&self) -> impl Iterator<Item = (TaskId, &TaskState)> {
        self.pages
            .iter()
            .flat_map(Page::rows)
            .zip(0..)
            .map(|(row, id)| (TaskId(id), row))
    }

    /// The tasks that may still do something, by number: those of pages with a living task.
    pub fn unfinished(&self) -> impl Iterator<Item = (TaskId, &TaskState)> {
        let pages = self
            .pages
            .iter()
            .zip(0u32..)
            .filter(|(page, _)| matches!(page, Page::Open { .. }));
        pages
            .flat_map(|(page, number)| {
                page.rows()
                    .iter()
                    .zip(number * 256..)
                    .map(|(row, id)| (TaskId(id), row))
            })
            .filter(|(_, row)| !row.phase.ended())
    }

    /// How many bytes a copy takes, about.
    pub(super) fn weight(&self) -> usize {
        let open = self
            .pages
            .iter()
            .filter(|page| matches!(page, Page::Open { .. }))
            .count();
        open * PAGE * size_of::<TaskState>() + self.pages.len() * size_of::<Page>()
    }

    pub(super) fn push(&mut self, now: Moment, position: Position, by: WokenBy) {
        self.push_row(TaskState::spawned(now, position, by));
    }

    /// A task that was spawned where events are missing.
    pub(super) fn push_unknown(&mut self, now: Moment, position: Position) {
        self.push_row(TaskState::unknown(now, position));
    }

    /// What the tasks do that had not ended is not known any more.
    pub(super) fn mark_unknown(&mut self, now: Moment) {
        for page in &mut self.pages {
            if let Page::Open { rows, .. } = page {
                let unfinished = rows.iter_mut().filter(|row| !row.phase.ended());
                unfinished.for_each(|row| row.mark_unknown(now));
            }
        }
    }

    fn push_row(&mut self, row: TaskState) {
        if self.len.is_multiple_of(PAGE) {
            self.pages.push(Page::Open {
                rows: Vec::with_capacity(PAGE),
                unfinished: 0,
            });
        }
        if let Some(Page::Open { rows, unfinished }) = self.pages.last_mut() {
            rows.push(row);
            *unfinished += 1;
            self.len += 1;
        }
    }

    /// A task that has not ended.
    #[inline]
    pub(super) fn unfinished_mut(&mut self, task: TaskId) -> Option<&mut TaskState> {
        match self.pages.get_mut(task.index() / PAGE)? {
            Page::Open { rows, .. } => rows.get_mut(task.index() % PAGE),
            Page::Ended(_) => None,
        }
    }

    /// To be called once for each task that ended.
    pub(super) fn ended(&mut self, task: TaskId) {
        let Some(page) = self.pages.get_mut(task.index() / PAGE) else {
            return;
        };
        if let Page::Open { rows, unfinished } = page {
            *unfinished = unfinished.saturating_sub(1);
            if *unfinished == 0 && rows.len() == PAGE {
                *page = Page::Ended(std::mem::take(rows).into());
            }
        }
    }
}

impl Page {
    fn rows(&self) -> &[TaskState] {
        match self {
            Page::Open { rows, .. } => rows,
            Page::Ended(rows) => rows,
        }
    }
}
