//! What each task did, column by column, at any zoom.
//!
//! A window of an axis is divided into columns, and each column shows one [`Status`] of each task.
//! The trace is divided into blocks of [`BLOCK`] events, whose borders are the bookmarks of the
//! [`Index`]. The painter goes through the blocks of the window in order:
//!
//! 1. A run of blocks that lie in one column as a whole is painted from the lane entries, at most
//!    one per task and block, without decoding an event.
//! 2. A block that a border between two columns cuts is decoded and painted event by event, unless no
//!    row has an entry for it. There is at most one such block for each border.
//!
//! A frame therefore costs the same for a thousand events and for ten million.
//!
//! Each row keeps the status that was painted last. When an event changes it, the row first extends
//! the old status up to the event's column, and then paints the new one. Of several statuses in one
//! column the last one shows, except that a poll and a failure stay visible: see
//! [`LanePainter::paint_from`].

use std::{borrow::Cow, ops::Range};

use crate::trace::{Cursor, Event, Position, TaskEvent, TaskId, to_usize};

use super::{
    Index, Replay, Status, TaskPhase,
    lanes::{BLOCK, LaneEntry},
    task_phase::PhaseChange,
};

/// The unit of the horizontal axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Axis {
    /// Loop time in nanoseconds: shows durations.
    #[default]
    Time,
    /// The number of polls: shows the order. On a virtual clock a poll takes no time, so only this
    /// axis separates what happens at one instant.
    #[cfg_attr(feature = "clap", value(name = "polls"))]
    Poll,
}

impl Axis {
    /// The value of a cursor on this axis.
    pub fn value(self, cursor: &Cursor) -> u64 {
        match self {
            Axis::Time => cursor.now.0,
            Axis::Poll => cursor.polls,
        }
    }
}

/// A part of an axis, divided into columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The axis.
    pub axis: Axis,
    /// The first value.
    pub from: u64,
    /// The value after the last one; greater than `from`.
    pub to: u64,
    /// The number of columns.
    pub columns: u16,
}

impl Window {
    /// The column of a value; `None` before the window. Values after the window have columns after
    /// the last one.
    pub fn column(&self, value: u64) -> Option<usize> {
        let span = u128::from(self.to.saturating_sub(self.from).max(1));
        let offset = u128::from(value.checked_sub(self.from)?);
        usize::try_from(offset * u128::from(self.columns) / span).ok()
    }

    /// The first value of a column.
    pub fn value(&self, column: usize) -> u64 {
        let span = u128::from(self.to.saturating_sub(self.from).max(1));
        let columns = u128::from(self.columns.max(1));
        let offset = (column as u128 * span).div_ceil(columns);
        self.from
            .saturating_add(u64::try_from(offset).unwrap_or(u64::MAX))
    }
}

/// What a task did in one column: a poll, if it was polled there, otherwise its last status.
pub type Cell = Status;

/// A painted window: a row for each task, in the order in which they were passed. Cells before a
/// task was spawned, and after the position painted to, are [`Status::Absent`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The cells of each task.
    pub rows: Vec<Vec<Cell>>,
}

impl Replay {
    /// Paints a window for some tasks, up to a position.
    pub fn timeline(&self, window: &Window, tasks: &[TaskId], until: Position) -> Timeline {
        self.timeline_to(window, tasks, until, 0)
    }

    /// Like [`Replay::timeline`], but extends the last status of each task to `now`, a value of the
    /// axis: time passes while the loop is parked, although no event is written.
    pub fn timeline_to(
        &self,
        window: &Window,
        tasks: &[TaskId],
        until: Position,
        now: u64,
    ) -> Timeline {
        let until = until.min(self.end());
        let mut painter = TimelinePainter::new(self.index(), *window, tasks, until);
        painter.paint(&self.log().bytes, now);
        Timeline {
            rows: painter.rows.into_iter().map(|row| row.cells).collect(),
        }
    }
}

struct TimelinePainter<'a> {
    index: &'a Index,
    window: Window,
    until: u64,
    rows: Vec<LanePainter<'a>>,
    lookup: RowLookup,
    first_block: usize,
}

struct LanePainter<'a> {
    task: u32,
    entries: Cow<'a, [LaneEntry]>,
    /// The index of the next entry that is not painted yet.
    next: usize,
    phase: TaskPhase,
    /// The status that was painted last.
    last: Status,
    cells: Vec<Cell>,
    /// All columns before this one are painted.
    painted: usize,
}

impl<'a> TimelinePainter<'a> {
    fn new(
        index: &'a Index,
        window: Window,
        tasks: &[TaskId],
        until: Position,
    ) -> TimelinePainter<'a> {
        let before = index
            .bookmarks
            .partition_point(|cursor| window.axis.value(cursor) < window.from);
        let first_block = before.saturating_sub(1);
        let rows = tasks.iter().map(|&task| {
            let (next, phase) = index.lanes.phase_before(task, block_number(first_block));
            let entries = index.lanes.of(task);
            LanePainter {
                task: task.0,
                entries,
                next,
                phase,
                last: phase.status(),
                cells: vec![Status::Absent; window.columns.into()],
                painted: 0,
            }
        });
        TimelinePainter {
            index,
            window,
            until: until.0,
            rows: rows.collect(),
            lookup: RowLookup::new(tasks),
            first_block,
        }
    }

    fn paint(&mut self, bytes: &[u8], now: u64) {
        let mut block = self.first_block;
        // `None`, and nothing is painted, if the position lies before the window.
        let mut end = None;
        while block * to_usize(BLOCK) < to_usize(self.until) && block < self.index.bookmarks.len() {
            let column = self.column_at(block);
            if column.is_some_and(|column| column >= self.window.columns.into()) {
                break;
            }
            let run = self.same_column(block, column);
            if run.is_empty() {
                end = Some(if self.changes_no_row(block) {
                    self.window.axis.value(&self.index.bookmarks[block + 1])
                } else {
                    self.paint_block_by_event(block, bytes)
                });
                block += 1;
            } else {
                block = run.end;
                end = Some(self.window.axis.value(&self.index.bookmarks[run.end]));
                self.paint_blocks(run, column);
            }
        }
        // The last statuses extend to the end of the last block, which is the position painted to.
        let last = end
            .and_then(|end| self.window.column(end.max(now)))
            .map_or(0, |column| (column + 1).min(self.window.columns.into()));
        for row in &mut self.rows {
            row.extend_to(last);
        }
    }

    fn column_at(&self, block: usize) -> Option<usize> {
        self.window
            .column(self.window.axis.value(&self.index.bookmarks[block]))
    }

    /// The blocks from this one on that lie in one column as a whole, and before the position
    /// painted to.
    fn same_column(&self, block: usize, column: Option<usize>) -> Range<usize> {
        let mut end = block;
        while end + 1 < self.index.bookmarks.len()
            && (end + 1) * to_usize(BLOCK) <= to_usize(self.until)
            && self.column_at(end + 1) == column
        {
            end += 1;
        }
        block..end
    }

    /// Paints whole blocks that lie in one column, from their lane entries.
    fn paint_blocks(&mut self, blocks: Range<usize>, column: Option<usize>) {
        let end = block_number(blocks.end);
        for row in &mut self.rows {
            while let Some(entry) = row
                .entries
                .get(row.next)
                .copied()
                .filter(|entry| entry.block() < end)
            {
                row.next += 1;
                if entry.ran() {
                    row.paint_from(column, Status::Running);
                }
                row.phase = entry.phase();
                row.paint_from(column, row.phase.status());
            }
        }
    }

    /// Whether a block lies before the position painted to as a whole, and no event of it changes the
    /// phase of a task that has a row. The entries before this block have been passed.
    fn changes_no_row(&self, block: usize) -> bool {
        let end = block + 1;
        let is_whole =
            end < self.index.bookmarks.len() && end * to_usize(BLOCK) <= to_usize(self.until);
        let is_changed = |row: &LanePainter<'_>| {
            let entry = row.entries.get(row.next);
            entry.is_some_and(|entry| entry.block() < block_number(end))
        };
        is_whole && !self.rows.iter().any(is_changed)
    }

    /// Decodes a block and paints it event by event. Returns the value of the axis at its end.
    fn paint_block_by_event(&mut self, block: usize, bytes: &[u8]) -> u64 {
        let mut cursor = self.index.bookmarks[block];
        let first = block as u64 * BLOCK;
        for _ in first..self.until.min(first + BLOCK) {
            if !self.paint_next(&mut cursor, bytes) {
                break;
            }
        }
        let end = block_number(block + 1);
        for row in &mut self.rows {
            while row
                .entries
                .get(row.next)
                .is_some_and(|entry| entry.block() < end)
            {
                row.next += 1;
            }
        }
        self.window.axis.value(&cursor)
    }
}

impl TimelinePainter<'_> {
    /// Decodes and paints the next event. Returns whether there is one.
    ///
    /// An event that is not frequent is painted by reference: copying an event that was just
    /// written to memory stalls until the write is complete.
    #[inline]
    fn paint_next(&mut self, cursor: &mut Cursor, bytes: &[u8]) -> bool {
        let known = cursor.tasks();
        loop {
            if let Some(event) = cursor.next_frequent(bytes) {
                self.add_unseen_tasks(known, cursor.tasks(), cursor);
                self.paint_event(&event, cursor);
                return true;
            }
            let rare = cursor.next_rare(bytes);
            if let Some(event) = &rare {
                let is_spawn = matches!(event, Event::Task(TaskEvent::Spawn { .. }));
                let declared = cursor.tasks() - u32::from(is_spawn);
                self.add_unseen_tasks(known, declared, cursor);
                self.paint_rare(event, cursor);
                return true;
            }
            let is_read = self.index.skips.skip(cursor) || cursor.next_definition(bytes).is_some();
            if !is_read {
                return false;
            }
        }
    }

    /// Paints an event that [`Cursor::next_rare`] has decoded.
    #[inline(never)]
    fn paint_rare(&mut self, event: &Event, cursor: &Cursor) {
        self.paint_event(event, cursor);
    }

    /// Paints an event. Only gaps and the events of tasks that have a row change anything.
    #[expect(
        clippy::inline_always,
        reason = "so that an event that was just decoded is painted out of registers"
    )]
    #[inline(always)]
    fn paint_event(&mut self, event: &Event, cursor: &Cursor) {
        match event {
            Event::Task(event) => {
                if let Some((task, change)) = PhaseChange::of(event)
                    && let Some(row) = self.lookup.row(task)
                {
                    let row = &mut self.rows[row];
                    let before = row.phase.status();
                    row.phase.apply(change);
                    row.paint_change(before, self.window.axis.value(cursor), &self.window);
                }
            }
            Event::Gap { .. } => self.mark_unknown(cursor),
            Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. } => {}
        }
    }

    /// The definitions before an event declared the tasks from `first` to `end` of a gap.
    #[inline]
    fn add_unseen_tasks(&mut self, first: u32, end: u32, cursor: &Cursor) {
        if first < end {
            self.paint_unseen_tasks(first..end, cursor);
        }
    }

    #[cold]
    fn paint_unseen_tasks(&mut self, declared: Range<u32>, cursor: &Cursor) {
        let column = self.window.column(self.window.axis.value(cursor));
        for row in &mut self.rows {
            if declared.contains(&row.task) {
                row.phase = TaskPhase::UNKNOWN;
                row.paint_from(column, Status::Unknown);
            }
        }
    }

    /// Events are missing: the tasks of all rows become unknown.
    fn mark_unknown(&mut self, cursor: &Cursor) {
        let value = self.window.axis.value(cursor);
        for row in &mut self.rows {
            let before = row.phase.status();
            row.phase.mark_unknown();
            row.paint_change(before, value, &self.window);
        }
    }
}

impl LanePainter<'_> {
    /// Paints the change from the status `before` to the current one, at a value of the axis.
    #[inline]
    fn paint_change(&mut self, before: Status, value: u64, window: &Window) {
        let status = self.phase.status();
        if status == before {
            return;
        }
        let column = window.column(value);
        if before == Status::Running && column.is_some_and(|it| window.value(it) < value) {
            // The poll began in an earlier column and lasted into this one.
            self.paint_from(column, Status::Running);
        }
        self.paint_from(column, status);
    }

    /// Paints a status from a column on; `None` is before the window.
    fn paint_from(&mut self, column: Option<usize>, status: Status) {
        let Some(column) = column else {
            self.last = status;
            return;
        };
        self.extend_to(column);
        let Some(cell) = self.cells.get_mut(column) else {
            return;
        };
        if self.painted > column {
            // The column has a status already. A poll or a failure is kept, or it would be
            // invisible next to longer waits; only a failure replaces it.
            let stays = matches!(*cell, Status::Running | Status::Failed | Status::Cancelled);
            if !stays || matches!(status, Status::Failed | Status::Cancelled) {
                *cell = status;
            }
        } else {
            *cell = status;
            self.painted = column + 1;
        }
        self.last = status;
    }

    /// Paints the last status up to this column.
    fn extend_to(&mut self, column: usize) {
        let column = column.min(self.cells.len());
        if self.painted < column {
            self.cells[self.painted..column].fill(self.last);
            self.painted = column;
        }
    }
}

/// Finds the row of a task by its number.
struct RowLookup {
    first: u32,
    rows: Vec<u16>,
}

const NO_ROW: u16 = u16::MAX;

impl RowLookup {
    fn new(tasks: &[TaskId]) -> RowLookup {
        let first = tasks.iter().map(|task| task.0).min().unwrap_or(0);
        let last = tasks.iter().map(|task| task.0).max().unwrap_or(0);
        let mut rows = vec![NO_ROW; (last - first) as usize + 1];
        for (task, row) in tasks.iter().zip(0..NO_ROW) {
            rows[(task.0 - first) as usize] = row;
        }
        RowLookup { first, rows }
    }

    #[inline]
    fn row(&self, task: TaskId) -> Option<usize> {
        let row = *self.rows.get(task.0.checked_sub(self.first)? as usize)?;
        (row != NO_ROW).then_some(row.into())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "there are fewer blocks than events"
)]
fn block_number(block: usize) -> u32 {
    block as u32
}
