//! The task table at a position.

use std::sync::Arc;

use crate::trace::{LocationId, Moment, PollOutcome, Position, Span, TaskId, Wait, WokenBy};

use super::{Status, TaskPhase, groups::GroupId};

/// A position in four-byte alignment, for tables with a row for each task: eight would add padding
/// to each row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub(super) struct StoredPosition(Position);

impl StoredPosition {
    #[inline]
    pub(super) fn new(position: Position) -> StoredPosition {
        StoredPosition(position)
    }

    #[inline]
    pub(super) fn get(self) -> Position {
        self.0
    }
}

/// A task at a position.
///
/// The number of polls
/// has 46 bits, enough for twenty years of 100,000 polls a second: the lower 32 are counted on each
/// poll, and the upper 14 share a field with two flags.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskState {
    /// What it is doing.
    pub phase: TaskPhase,
    /// How many things it may wait for besides [`TaskState::wait`].
    pub also: u8,
    /// [`CANCEL_REQUESTED`], [`WAIT_AT_CREATION`], and above them the upper bits of the number of
    /// polls.
    flags: u16,
    /// The lower bits of the number of polls.
    polls: u32,
    /// What it waits for, or waited for last.
    pub wait: Wait,
    /// The `.await` at which it waits, or waited last; or, with
    /// [`TaskState::wait_at_creation`], where the awaited object was created.
    pub wait_at: LocationId,
    woken: StoredPosition,
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

/// A state has a row for each task, and every keyframe copies those of the unfinished ones.
const _: () = assert!(size_of::<TaskState>() == 76);

/// The task's cancellation was requested.
const CANCEL_REQUESTED: u16 = 1;

/// The `.await` of the task's last wait is not known.
const WAIT_AT_CREATION: u16 = 2;

/// One poll in the upper bits of the number of polls: 2^32 polls.
const HIGH_POLL: u16 = 4;

impl TaskState {
    fn spawned(now: Moment, position: Position, by: WokenBy) -> TaskState {
        let mut phase = TaskPhase::ABSENT;
        phase.enqueue();
        TaskState {
            phase,
            also: 0,
            flags: 0,
            polls: 0,
            wait: Wait::Unknown,
            wait_at: LocationId::UNKNOWN,
            woken: StoredPosition::new(position),
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

    /// How often the task was polled, the current poll included.
    #[inline]
    pub fn polls(&self) -> u64 {
        u64::from(self.flags / HIGH_POLL) << 32 | u64::from(self.polls)
    }

    /// Whether the task's cancellation was requested.
    #[inline]
    pub fn cancel_requested(&self) -> bool {
        self.flags & CANCEL_REQUESTED != 0
    }

    /// Whether the `.await` of the last wait is not known, as in
    /// [`TaskEvent::Wait`](crate::trace::TaskEvent::Wait).
    #[inline]
    pub fn wait_at_creation(&self) -> bool {
        self.flags & WAIT_AT_CREATION != 0
    }

    /// The position after the event that put the task into the ready queue last.
    #[inline]
    pub fn woken(&self) -> Position {
        self.woken.get()
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
        self.flags &= !(CANCEL_REQUESTED | WAIT_AT_CREATION);
        self.also = 0;
        self.wait = Wait::Unknown;
        self.wait_at = LocationId::UNKNOWN;
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
        self.woken = StoredPosition::new(position);
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
        self.polls = self.polls.wrapping_add(1);
        if self.polls == 0 {
            self.flags = self.flags.wrapping_add(HIGH_POLL);
        }
        self.phase.start_poll();
    }

    pub(super) fn request_cancel(&mut self) {
        self.flags |= CANCEL_REQUESTED;
    }

    pub(super) fn set_wait(&mut self, on: Wait, at: LocationId, at_creation: bool, also: bool) {
        self.flags &= !WAIT_AT_CREATION;
        if at_creation {
            self.flags |= WAIT_AT_CREATION;
        }
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

/// The tasks of a page that are members of a group of tasks. Few tasks are, so a page has this table
/// only once one of its tasks is.
type PageGroups = Option<Arc<[Option<GroupId>; PAGE]>>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Page {
    Open {
        rows: Vec<TaskState>,
        unfinished: usize,
        groups: PageGroups,
    },
    Ended {
        rows: Arc<[TaskState]>,
        groups: PageGroups,
    },
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
            Page::Ended { rows, .. } => rows.get(task.index() % PAGE),
        }
    }

    /// The group of tasks that a task is a member of.
    pub(super) fn group(&self, task: TaskId) -> Option<GroupId> {
        self.pages
            .get(task.index() / PAGE)?
            .group(task.index() % PAGE)
    }

    /// Makes a task a member of a group, and returns the group that it was a member of before. A
    /// task whose page was closed does not become a member.
    pub(super) fn set_group(&mut self, task: TaskId, group: GroupId) -> Option<GroupId> {
        let Page::Open { rows, groups, .. } = self.pages.get_mut(task.index() / PAGE)? else {
            return None;
        };
        let at = task.index() % PAGE;
        if at >= rows.len() {
            return None;
        }
        let groups = groups.get_or_insert_with(|| Arc::new([None; PAGE]));
        Arc::make_mut(groups)[at].replace(group)
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
        let pages: usize = self.pages.iter().map(Page::weight).sum();
        pages + self.pages.len() * size_of::<Page>()
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
            if let Page::Open { rows, groups, .. } = page {
                let unfinished = rows.iter_mut().filter(|row| !row.phase.ended());
                unfinished.for_each(|row| row.mark_unknown(now));
                *groups = None;
            }
        }
    }

    fn push_row(&mut self, row: TaskState) {
        if self.len.is_multiple_of(PAGE) {
            self.pages.push(Page::Open {
                rows: Vec::with_capacity(PAGE),
                unfinished: 0,
                groups: None,
            });
        }
        if let Some(Page::Open {
            rows, unfinished, ..
        }) = self.pages.last_mut()
        {
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
            Page::Ended { .. } => None,
        }
    }

    /// Counts a task that has just ended, and closes its page with the last one. Returns the group
    /// that the task is a member of.
    pub(super) fn ended(&mut self, task: TaskId) -> Option<GroupId> {
        let page = self.pages.get_mut(task.index() / PAGE)?;
        let group = page.group(task.index() % PAGE);
        if let Page::Open {
            rows,
            unfinished,
            groups,
        } = page
        {
            *unfinished = unfinished.saturating_sub(1);
            if *unfinished == 0 && rows.len() == PAGE {
                let (rows, groups) = (std::mem::take(rows).into(), groups.take());
                *page = Page::Ended { rows, groups };
            }
        }
        group
    }
}

impl Page {
    fn rows(&self) -> &[TaskState] {
        match self {
            Page::Open { rows, .. } => rows,
            Page::Ended { rows, .. } => rows,
        }
    }

    #[inline]
    fn group(&self, at: usize) -> Option<GroupId> {
        let (Page::Open { groups, .. } | Page::Ended { groups, .. }) = self;
        groups.as_ref()?[at]
    }

    /// About how many bytes a copy takes: a full page whose tasks have ended is shared.
    fn weight(&self) -> usize {
        match self {
            Page::Open { groups, .. } => {
                let groups = groups.as_ref().map_or(0, |groups| size_of_val(&**groups));
                PAGE * size_of::<TaskState>() + groups
            }
            Page::Ended { .. } => 0,
        }
    }
}
