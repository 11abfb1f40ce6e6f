//! The task table at a position.

use std::{collections::BTreeMap, sync::Arc};

use crate::trace::{Moment, Position, TaskId, WokenBy};

use super::{
    groups::GroupId,
    task::{KNOWN, TaskState},
    task_page::{DeclaredPage, PAGE, Page, PageRows, touch},
};

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

    /// The tasks that have not ended, by number, without those of which the trace contains nothing
    /// but that they exist behind a gap. A gap of a few bytes may declare a million of these, and a
    /// picture has no time for a million rows.
    pub fn unfinished_with_rows(&self) -> impl Iterator<Item = (TaskId, &TaskState)> {
        let rows = self.pages.iter().zip(0u32..).flat_map(|(page, number)| {
            let rows = page
                .own_rows()
                .map(move |(at, row)| (number * 256 + at, row));
            rows.map(|(id, row)| (TaskId(id), row))
        });
        rows.filter(|(_, row)| !row.phase.ended())
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
                self.declare_last_page(&unknown);
                left -= 1;
            }
        }
        if !gap_changes_all {
            self.known_from = self.len;
        }
    }

    /// Makes the last page one of declared tasks if it is full and all of its rows are `unknown`: a
    /// file may declare its tasks one by one.
    fn declare_last_page(&mut self, unknown: &TaskState) {
        let is_full = self.len.is_multiple_of(PAGE);
        let Some(page) = self.pages.last_mut().filter(|_| is_full) else {
            return;
        };
        if let PageRows::Open { rows, .. } = &page.rows
            && rows.iter().all(|row| row == unknown)
        {
            page.rows = PageRows::Declared(Arc::new(DeclaredPage {
                unknown: unknown.clone(),
                touched: BTreeMap::new(),
                unfinished: PAGE,
            }));
            self.open -= 1;
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

    /// Applies a change of its status to a task: an event of one of the kinds that most of a trace
    /// consists of.
    ///
    /// Nearly always the task's page is open and its status is known. Then the task is also in the
    /// list `known`, or was spawned since the last gap, because a task without [`KNOWN`] is unknown
    /// or has ended. So one look at the status is enough here, and
    /// [`Tasks::change_after_gap`] does what the other cases need.
    #[expect(clippy::inline_always, reason = "see `State::apply`")]
    #[inline(always)]
    pub(super) fn change(
        &mut self,
        task: TaskId,
        now: Moment,
        change: impl FnOnce(&mut TaskState),
    ) {
        match self.current_mut(task) {
            Some(row) => change(row),
            None => self.change_after_gap(task, now, change),
        }
    }

    #[expect(clippy::inline_always, reason = "see `State::apply`")]
    #[inline(always)]
    fn current_mut(&mut self, task: TaskId) -> Option<&mut TaskState> {
        match &mut self.pages.get_mut(task.index() / PAGE)?.rows {
            PageRows::Open { rows, .. } => rows
                .get_mut(task.index() % PAGE)
                .filter(|row| row.phase.is_current()),
            PageRows::Ended(_) | PageRows::Declared(_) => None,
        }
    }

    #[cold]
    #[inline(never)]
    fn change_after_gap(&mut self, task: TaskId, now: Moment, change: impl FnOnce(&mut TaskState)) {
        if let Some(row) = self.unfinished_mut(task) {
            row.end_unknown(now);
            change(row);
        }
    }

    /// A task that has not ended. (It may return an ended one, as long as its page is open.)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_that_are_declared_one_by_one_take_no_rows() {
        let (now, position) = (Moment(7), Position(1));
        let (mut one_by_one, mut at_once) = (Tasks::default(), Tasks::default());
        for _ in 0..2 * PAGE {
            one_by_one.push_unknown(1, now, position);
        }
        at_once.push_unknown(u32::try_from(2 * PAGE).unwrap(), now, position);
        assert_eq!(one_by_one, at_once);
        assert_eq!(one_by_one.unfinished_with_rows().count(), 0);
        // A page with a row that differs stays as it is.
        let mut mixed = Tasks::default();
        mixed.push(now, position, WokenBy::Loop);
        for _ in 1..PAGE {
            mixed.push_unknown(1, now, position);
        }
        assert_eq!(mixed.open, 1);
        assert_eq!(mixed.unfinished_with_rows().count(), PAGE);
    }
}
