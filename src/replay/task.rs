//! The task table at a position.

use std::sync::Arc;

use crate::trace::{LocationId, Moment, PollOutcome, Position, Span, TaskId, Wait, WokenBy};

use super::{Status, TaskPhase, groups::GroupId};

/// A task at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskState {
    /// What it is doing.
    pub phase: TaskPhase,
    /// Whether its cancellation was requested.
    pub cancel_requested: bool,
    /// How many things it may wait for besides [`TaskState::wait`].
    pub also: u8,
    /// How often it was polled, the current poll included.
    pub polls: u32,
    /// What it waits for, or waited for last.
    pub wait: Wait,
    /// The `.await` at which it waits, or waited last; or, with `wait_at_creation`, where the
    /// awaited object was created.
    pub wait_at: LocationId,
    /// Whether the `.await` is not known, as in [`TaskEvent::Wait`](crate::trace::TaskEvent::Wait).
    pub wait_at_creation: bool,
    /// The group of tasks that it is a member of.
    pub(super) group: Option<GroupId>,
    /// The position after the event that put it into the ready queue last.
    pub woken: Position,
    /// The cause of that event: of a spawn, the parent.
    pub woken_by: WokenBy,
    /// When it last changed its status.
    pub since: Moment,
    /// How long it was polled, without the current poll.
    pub running: Span,
    /// How long it was in the ready queue, without the current stay.
    pub ready: Span,
    /// How long it waited, without the current wait.
    pub waiting: Span,
    /// The length of its longest poll, without the current one.
    pub longest: Span,
}

impl TaskState {
    fn spawned(now: Moment, position: Position, by: WokenBy) -> TaskState {
        let mut phase = TaskPhase::ABSENT;
        phase.enqueue();
        TaskState {
            phase,
            cancel_requested: false,
            also: 0,
            polls: 0,
            wait: Wait::Unknown,
            wait_at: LocationId::UNKNOWN,
            wait_at_creation: false,
            group: None,
            woken: position,
            woken_by: by,
            since: now,
            running: Span::ZERO,
            ready: Span::ZERO,
            waiting: Span::ZERO,
            longest: Span::ZERO,
        }
    }

    /// What the task is doing.
    #[inline]
    pub fn status(&self) -> Status {
        self.phase.status()
    }

    /// How long the task was polled, was ready, and waited, up to `now`.
    pub fn times(&self, now: Moment) -> [Span; 3] {
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

    /// A task that was spawned inside a gap.
    fn unknown(now: Moment, position: Position) -> TaskState {
        let mut row = TaskState::spawned(now, position, WokenBy::Loop);
        row.mark_unknown(now);
        row
    }

    fn mark_unknown(&mut self, now: Moment) {
        self.phase.mark_unknown();
        self.cancel_requested = false;
        self.also = 0;
        self.wait = Wait::Unknown;
        self.wait_at = LocationId::UNKNOWN;
        self.wait_at_creation = false;
        self.group = None;
        self.since = now;
    }

    /// Ends a time in which the status was unknown: it counts neither as running nor as waiting.
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
    pub(super) fn start_poll(&mut self, now: Moment) {
        self.end_unknown(now);
        if self.phase.queued() {
            self.ready += now.since(self.since);
        } else {
            // An imported recording may lack the wake; then the task waited until now.
            self.waiting += now.since(self.since);
        }
        self.since = now;
        self.also = 0;
        self.polls += 1;
        self.phase.start_poll();
    }

    pub(super) fn set_wait(&mut self, on: Wait, at: LocationId, also: bool) {
        self.also = if also { self.also.saturating_add(1) } else { 0 };
        self.wait = on;
        self.wait_at = at;
        self.phase.wait(on);
    }

    #[inline]
    pub(super) fn end_poll(&mut self, now: Moment, outcome: PollOutcome) {
        self.end_unknown(now);
        let took = now.since(self.since);
        self.running += took;
        self.longest = self.longest.max(took);
        self.since = now;
        self.phase.end_poll(outcome);
    }
}

/// How many tasks a page holds.
const PAGE: usize = 256;

/// All tasks that have been spawned, ended ones included.
///
/// The table is a list of pages. A full page whose tasks have all ended never changes again, so all
/// copies of the table share it. A keyframe of a program that spawned a million tasks therefore
/// takes the memory of its unfinished ones.
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
    /// How many tasks have been spawned.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no task has been spawned yet.
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

    /// The tasks that have not ended, by number.
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

    /// About how many bytes a copy takes.
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

    /// Adds a task that was spawned inside a gap.
    pub(super) fn push_unknown(&mut self, now: Moment, position: Position) {
        self.push_row(TaskState::unknown(now, position));
    }

    /// Marks all unfinished tasks as unknown, because events are missing.
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

    /// A task that has not ended. (It may return an ended one, as long as its page is open.)
    #[inline]
    pub(super) fn unfinished_mut(&mut self, task: TaskId) -> Option<&mut TaskState> {
        match self.pages.get_mut(task.index() / PAGE)? {
            Page::Open { rows, .. } => rows.get_mut(task.index() % PAGE),
            Page::Ended(_) => None,
        }
    }

    /// Counts a task that has just ended, and closes its page with the last one.
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
