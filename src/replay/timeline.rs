//! What each task did, column by column, at any zoom.
//!
//! A block whose events all fall into one column is painted from its lane entries, one per task, without being
//! decoded. Only a block that a border between columns cuts is decoded, and there is at most one for each
//! border: a frame costs the same for a thousand events and for ten million.

use std::ops::Range;

use crate::trace::{Cursor, Event, Position, TaskEvent, TaskId};

use super::{BLOCK, Index, Replay, Status, TaskPhase, index::LaneEntry, task_phase::affected_task};

/// What a column of the timeline stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Axis {
    /// Loop time, in nanoseconds: for durations.
    #[default]
    Time,
    /// Polls: for order. On a virtual clock a poll takes no time, so only here can it be seen what happens at one instant.
    #[cfg_attr(feature = "clap", value(name = "polls"))]
    Poll,
}

impl Axis {
    /// Where a cursor stands on this axis.
    pub fn value(self, cursor: &Cursor) -> u64 {
        match self {
            Axis::Time => cursor.now.0,
            Axis::Poll => u64::from(cursor.polls),
        }
    }
}

/// A part of an axis, and in how many columns it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Which axis.
    pub axis: Axis,
    /// The first value.
    pub from: u64,
    /// The value after the last; more than `from`.
    pub to: u64,
    /// How many columns.
    pub columns: u16,
}

impl Window {
    /// The column of a value; none before the window. Values after it have columns after its last.
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

/// What a task did in one column: a poll, if there was any, else what it did last.
pub type Cell = Status;

/// The rows of a timeline, in the order in which the tasks were asked for. A column after the current position,
/// and one before a task was spawned, is [`Status::Absent`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// For each task, its cells.
    pub rows: Vec<Vec<Cell>>,
}

impl Replay {
    /// Paints what `tasks` did in a window, up to a position.
    pub fn timeline(&self, window: &Window, tasks: &[TaskId], until: Position) -> Timeline {
        self.timeline_to(window, tasks, until, 0)
    }

    /// The same, and what each of them does at that position goes on up to a value of the axis: time passes for a loop
    /// that waits, although nothing is written.
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
    until: u32,
    rows: Vec<LanePainter<'a>>,
    lookup: RowLookup,
    first_block: usize,
}

struct LanePainter<'a> {
    task: u32,
    entries: &'a [LaneEntry],
    /// The next of them.
    next: usize,
    phase: TaskPhase,
    /// What it did last, as painted.
    last: Status,
    cells: Vec<Cell>,
    /// Columns before this one are painted.
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
            let (next, phase) = index.phase_before(task, block_number(first_block));
            let entries = index.lanes.get(task.index()).map_or(&[][..], Vec::as_slice);
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
        // Nothing is painted when the current position lies before the window.
        let mut end = None;
        while block * (BLOCK as usize) < self.until as usize && block < self.index.bookmarks.len() {
            let column = self.column_at(block);
            if column.is_some_and(|column| column >= self.window.columns.into()) {
                break;
            }
            let run = self.same_column(block, column);
            if run.is_empty() {
                end = Some(self.paint_block_by_event(block, bytes));
                block += 1;
            } else {
                block = run.end;
                end = Some(self.window.axis.value(&self.index.bookmarks[run.end]));
                self.paint_blocks(run, column);
            }
        }
        // What stands at the end goes on to the current position, which is the end of the last block.
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

    /// The blocks from this one on that lie in one column and before the current position, as a whole.
    fn same_column(&self, block: usize, column: Option<usize>) -> Range<usize> {
        let mut end = block;
        while end + 1 < self.index.bookmarks.len()
            && (end + 1) * BLOCK as usize <= self.until as usize
            && self.column_at(end + 1) == column
        {
            end += 1;
        }
        block..end
    }

    /// Paints whole blocks that lie in one column.
    fn paint_blocks(&mut self, blocks: Range<usize>, column: Option<usize>) {
        let end = block_number(blocks.end);
        for row in &mut self.rows {
            while let Some(entry) = row
                .entries
                .get(row.next)
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

    /// Paints a block event by event. Returns the value of the axis at its end.
    fn paint_block_by_event(&mut self, block: usize, bytes: &[u8]) -> u64 {
        let mut cursor = self.index.bookmarks[block];
        let first = block_number(block) * BLOCK;
        for _ in first..self.until.min(first + BLOCK) {
            if let Some(event) = cursor.next_frequent(bytes) {
                self.paint_event(&event, &cursor);
                continue;
            }
            let known = cursor.tasks();
            let Some(event) = cursor.next_event(bytes) else {
                break;
            };
            if cursor.tasks() != known {
                self.add_unseen_tasks(known, &cursor, &event);
            }
            if matches!(event, Event::Gap { .. }) {
                self.mark_unknown(&cursor);
            }
            self.paint_event(&event, &cursor);
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
    /// Paints one event, if it is about one of the tasks.
    #[inline]
    fn paint_event(&mut self, event: &Event, cursor: &Cursor) {
        let Some(row) = affected_task(event).and_then(|task| self.lookup.row(task)) else {
            return;
        };
        let row = &mut self.rows[row];
        let before = row.phase.status();
        row.phase.apply(event);
        row.paint_change(before, self.window.axis.value(cursor), &self.window);
    }

    /// There are tasks from this one on that nobody saw being spawned, unless the event is just that.
    fn add_unseen_tasks(&mut self, first: u32, cursor: &Cursor, event: &Event) {
        let is_spawn = matches!(event, Event::Task(TaskEvent::Spawn { .. }));
        let declared = first..cursor.tasks() - u32::from(is_spawn);
        let column = self.window.column(self.window.axis.value(cursor));
        for row in &mut self.rows {
            if declared.contains(&row.task) {
                row.phase = TaskPhase::UNKNOWN;
                row.paint_from(column, Status::Unknown);
            }
        }
    }

    /// Events are missing: nobody knows what the tasks do from here on.
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
    /// An event at this place of the axis has made of one status another one, or has not.
    #[inline]
    fn paint_change(&mut self, before: Status, value: u64, window: &Window) {
        let status = self.phase.status();
        if status == before {
            return;
        }
        let column = window.column(value);
        if before == Status::Running && column.is_some_and(|it| window.value(it) < value) {
            // The poll began in a column before, and took a part of this one.
            self.paint_from(column, Status::Running);
        }
        self.paint_from(column, status);
    }

    /// The task has this status from this column on.
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
            // A poll takes at least one column, and so does a failure: they are not painted over by what came after.
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

    /// Nothing changed up to this column.
    fn extend_to(&mut self, column: usize) {
        let column = column.min(self.cells.len());
        if self.painted < column {
            self.cells[self.painted..column].fill(self.last);
            self.painted = column;
        }
    }
}

/// From a task's number to its row.
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
    fn row(&self, task: u32) -> Option<usize> {
        let row = *self.rows.get(task.checked_sub(self.first)? as usize)?;
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
