//! The task table at a position.

use std::{collections::BTreeMap, sync::Arc};

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
/// The number of polls has 44 bits, enough for five years of 100,000 polls a second: the lower 32 are
/// counted on each poll, and the upper 12 share a field with four flags.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskState {
    /// What it is doing.
    pub phase: TaskPhase,
    /// How many things it may wait for besides [`TaskState::wait`].
    pub also: u8,
    /// [`CANCEL_REQUESTED`], [`WAIT_AT_CREATION`], [`KNOWN`], [`PARTLY_LOST`], and above them the
    /// upper bits of the number of polls.
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

/// The task was spawned, or had an event, since the last gap.
const KNOWN: u16 = 4;

/// A gap hides a part of the task's life.
const PARTLY_LOST: u16 = 8;

/// One poll in the upper bits of the number of polls: 2^32 polls.
const HIGH_POLL: u16 = 16;

impl TaskState {
    fn spawned(now: Moment, position: Position, by: WokenBy) -> TaskState {
        let mut phase = TaskPhase::ABSENT;
        phase.enqueue();
        TaskState {
            phase,
            also: 0,
            flags: KNOWN,
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

    /// Whether a gap hides a part of the task's life, so that its numbers and times are too low.
    #[inline]
    pub fn is_partly_lost(&self) -> bool {
        self.flags & PARTLY_LOST != 0
    }

    /// How often the task was polled, the current poll included; `None` if a gap hides some of its
    /// polls.
    pub fn known_polls(&self) -> Option<u64> {
        Some(self.polls()).filter(|_| !self.is_partly_lost())
    }

    /// How often the task was polled, the current poll included, without the polls that a gap hides.
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

    /// Whether the next gap will change the task.
    #[inline]
    fn is_known(&self) -> bool {
        self.flags & KNOWN != 0
    }

    /// A task that was spawned inside a gap.
    fn unknown(now: Moment, position: Position) -> TaskState {
        let mut row = TaskState::spawned(now, position, WokenBy::Loop);
        row.mark_unknown(now);
        row
    }

    fn mark_unknown(&mut self, now: Moment) {
        self.phase.mark_unknown();
        self.flags &= !(CANCEL_REQUESTED | WAIT_AT_CREATION | KNOWN);
        self.flags |= PARTLY_LOST;
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
/// The table is a list of pages of three kinds:
///
/// * An open page has a row for each task.
/// * A page whose tasks have all ended never changes again, so all copies of the table share it. A
///   keyframe of a program that spawned a million tasks therefore takes the memory of its unfinished
///   ones.
/// * A page of tasks that were declared behind a gap has one row for all tasks without an event, and
///   one for each that had an event since. So a gap that claims a million tasks takes no memory for
///   them.
///
/// A gap makes all unfinished tasks unknown. Most of them are unknown already if gaps follow each
/// other, so the table remembers which tasks a gap has to change: those from `known_from` on, which
/// were spawned since the last gap, and those in `known`, which had an event since the last gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    pages: Vec<Page>,
    len: usize,
    /// How many pages are open.
    open: usize,
    /// How many pages have ended.
    closed: usize,
    /// How many rows the pages of declared tasks have.
    touched: usize,
    /// How many pages have a table of groups.
    grouped: usize,
    known_from: usize,
    known: Vec<TaskId>,
}

/// The tasks of a page that are members of a group of tasks. Few tasks are, so a page has this table
/// only once one of its tasks is.
type PageGroups = Option<Arc<[Option<GroupId>; PAGE]>>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Page {
    rows: PageRows,
    groups: PageGroups,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum PageRows {
    Open {
        rows: Vec<TaskState>,
        unfinished: usize,
    },
    Ended(Arc<[TaskState]>),
    Declared(Arc<DeclaredPage>),
}

/// The rows of a page of tasks that were declared behind a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DeclaredPage {
    /// The row of each task that had no event yet.
    unknown: TaskState,
    /// The rows of the others, by their place in the page.
    touched: BTreeMap<usize, TaskState>,
    unfinished: usize,
}

impl DeclaredPage {
    fn row(&self, at: usize) -> &TaskState {
        self.touched.get(&at).unwrap_or(&self.unknown)
    }
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
        let at = task.index() % PAGE;
        match &self.pages.get(task.index() / PAGE)?.rows {
            PageRows::Open { rows, .. } => rows.get(at),
            PageRows::Ended(rows) => rows.get(at),
            PageRows::Declared(page) => Some(page.row(at)),
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
        self.unfinished_mut(task)?;
        let page = self.pages.get_mut(task.index() / PAGE)?;
        self.grouped += usize::from(page.groups.is_none());
        let groups = page.groups.get_or_insert_with(|| Arc::new([None; PAGE]));
        Arc::make_mut(groups)[task.index() % PAGE].replace(group)
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
            .filter(|(page, _)| !matches!(page.rows, PageRows::Ended(_)));
        pages
            .flat_map(|(page, number)| {
                page.rows()
                    .zip(number * 256..)
                    .map(|(row, id)| (TaskId(id), row))
            })
            .filter(|(_, row)| !row.phase.ended())
    }

    /// The tasks that the next gap will change, without those that have ended.
    pub(super) fn known(&self) -> impl Iterator<Item = TaskId> {
        let number = |task: usize| TaskId(u32::try_from(task).unwrap_or(u32::MAX));
        let spawned = (self.known_from..self.len).map(number);
        let known = self.known.iter().copied().chain(spawned);
        known.filter(|task| {
            let row = self.get(*task);
            row.is_some_and(|row| row.is_known() && !row.phase.ended())
        })
    }

    /// About how many bytes a copy takes, without what copies share.
    pub(super) fn weight(&self) -> usize {
        self.open * PAGE * size_of::<TaskState>()
            + self.touched * 2 * size_of::<TaskState>()
            + self.grouped * PAGE * size_of::<Option<GroupId>>()
            + self.pages.len() * size_of::<Page>()
            + self.known.len() * size_of::<TaskId>()
    }

    /// About how many bytes all copies share.
    pub(super) fn shared_weight(&self) -> usize {
        self.closed * PAGE * size_of::<TaskState>()
    }

    pub(super) fn push(&mut self, now: Moment, position: Position, by: WokenBy) {
        self.push_row(TaskState::spawned(now, position, by));
    }

    /// Adds tasks that were spawned inside a gap.
    pub(super) fn push_unknown(&mut self, count: u32, now: Moment, position: Position) {
        let unknown = TaskState::unknown(now, position);
        let gap_changes_all = self.known_from < self.len;
        let mut left = count as usize;
        while left > 0 {
            if self.len.is_multiple_of(PAGE) && left >= PAGE {
                let declared = DeclaredPage {
                    unknown: unknown.clone(),
                    touched: BTreeMap::new(),
                    unfinished: PAGE,
                };
                self.push_page(PageRows::Declared(Arc::new(declared)));
                self.len += PAGE;
                left -= PAGE;
            } else {
                self.push_row(unknown.clone());
                left -= 1;
            }
        }
        if !gap_changes_all {
            self.known_from = self.len;
        }
    }

    /// Marks all unfinished tasks as unknown, because events are missing.
    pub(super) fn mark_unknown(&mut self, now: Moment) {
        for task in std::mem::take(&mut self.known) {
            self.mark_one(task.index(), now);
        }
        for task in self.known_from..self.len {
            self.mark_one(task, now);
        }
        self.known_from = self.len;
    }

    fn mark_one(&mut self, task: usize, now: Moment) {
        let Some(page) = self.pages.get_mut(task / PAGE) else {
            return;
        };
        if page.groups.take().is_some() {
            self.grouped -= 1;
        }
        let at = task % PAGE;
        let row = match &mut page.rows {
            PageRows::Open { rows, .. } => rows.get_mut(at),
            PageRows::Declared(page) if page.touched.contains_key(&at) => {
                Arc::make_mut(page).touched.get_mut(&at)
            }
            PageRows::Declared(_) | PageRows::Ended(_) => None,
        };
        match row {
            // An ended task is not changed by a gap. A broken trace may still wake it later; then a
            // later gap has to find it again.
            Some(row) if row.phase.ended() => row.flags &= !KNOWN,
            Some(row) if row.is_known() => row.mark_unknown(now),
            Some(_) | None => {}
        }
    }

    fn push_page(&mut self, rows: PageRows) {
        self.pages.push(Page { rows, groups: None });
    }

    fn push_row(&mut self, row: TaskState) {
        if self.len.is_multiple_of(PAGE) {
            self.open += 1;
            self.push_page(PageRows::Open {
                rows: Vec::with_capacity(PAGE),
                unfinished: 0,
            });
        }
        let page = self.pages.last_mut().map(|page| &mut page.rows);
        if let Some(PageRows::Open { rows, unfinished }) = page {
            rows.push(row);
            *unfinished += 1;
            self.len += 1;
        }
    }

    /// A task that has not ended. (It may return an ended one, as long as its page is open.)
    #[inline]
    pub(super) fn unfinished_mut(&mut self, task: TaskId) -> Option<&mut TaskState> {
        let at = task.index() % PAGE;
        let row = match &mut self.pages.get_mut(task.index() / PAGE)?.rows {
            PageRows::Open { rows, .. } => rows.get_mut(at)?,
            PageRows::Ended(_) => return None,
            PageRows::Declared(page) => touch(page, at, &mut self.touched),
        };
        if !row.is_known() {
            row.flags |= KNOWN;
            self.known.push(task);
        }
        Some(row)
    }

    /// Counts a task that has just ended, and closes its page with the last one. Returns the group
    /// that the task is a member of.
    pub(super) fn ended(&mut self, task: TaskId) -> Option<GroupId> {
        let page = self.pages.get_mut(task.index() / PAGE)?;
        let group = page.group(task.index() % PAGE);
        match &mut page.rows {
            PageRows::Open { rows, unfinished } => {
                *unfinished = unfinished.saturating_sub(1);
                if *unfinished == 0 && rows.len() == PAGE {
                    page.rows = PageRows::Ended(std::mem::take(rows).into());
                    self.open -= 1;
                    self.closed += 1;
                }
            }
            PageRows::Declared(declared) => {
                let declared = Arc::make_mut(declared);
                declared.unfinished = declared.unfinished.saturating_sub(1);
                if declared.unfinished == 0 {
                    let rows = (0..PAGE).map(|at| declared.row(at).clone()).collect();
                    self.touched -= declared.touched.len();
                    page.rows = PageRows::Ended(rows);
                    self.closed += 1;
                }
            }
            PageRows::Ended(_) => {}
        }
        group
    }
}

/// The row of a declared task that has an event.
#[cold]
fn touch<'a>(page: &'a mut Arc<DeclaredPage>, at: usize, touched: &mut usize) -> &'a mut TaskState {
    let page = Arc::make_mut(page);
    page.touched.entry(at).or_insert_with(|| {
        *touched += 1;
        page.unknown.clone()
    })
}

impl Page {
    fn rows(&self) -> impl Iterator<Item = &TaskState> {
        let (rows, declared) = match &self.rows {
            PageRows::Open { rows, .. } => (rows.as_slice(), None),
            PageRows::Ended(rows) => (&**rows, None),
            PageRows::Declared(page) => (&[][..], Some(page)),
        };
        let declared = declared.into_iter();
        rows.iter()
            .chain(declared.flat_map(|page| (0..PAGE).map(|at| page.row(at))))
    }

    #[inline]
    fn group(&self, at: usize) -> Option<GroupId> {
        self.groups.as_ref()?[at]
    }
}
