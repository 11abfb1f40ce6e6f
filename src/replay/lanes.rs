//! The lanes of an index: for each task and each block of events in which its phase changed, its
//! phase at the end of the block and whether it was polled in it.

use std::{borrow::Cow, ops::Range};

use crate::trace::TaskId;

use super::{TaskPhase, index::BLOCK, task_phase::BITS};

/// The lanes of all tasks.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// For each task, its entries by block.
    tasks: Vec<Vec<LaneEntry>>,
    /// How many bytes the entries take.
    bytes: usize,
    /// The tasks that were declared behind gaps, by number.
    declared: Vec<DeclaredLanes>,
}

/// Tasks that were declared behind a gap, unknown from this block on. A lane has no entry for that,
/// so that a declared task without events takes no memory.
#[derive(Clone, Debug)]
struct DeclaredLanes {
    tasks: Range<usize>,
    block: u32,
}

/// What happened to a task in a block, in four bytes: the number of the block, the task's phase at
/// its end, and whether the task was polled in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LaneEntry(u32);

/// The highest number of a block that an entry can store. All later events count as part of that
/// block: they are behind the first 17 thousand million events, which no memory holds yet.
const LAST_BLOCK: u32 = (1 << 24) - 1;

/// The task was polled in the block.
pub(super) const RAN: u32 = 1 << 6;
const PHASE: u32 = BITS as u32;

impl LaneEntry {
    fn new(block: u32, phase: TaskPhase, ran: u32) -> LaneEntry {
        LaneEntry(block << 8 | u32::from(phase.bits()) | ran)
    }

    /// The number of the block.
    pub(super) fn block(self) -> u32 {
        self.0 >> 8
    }

    /// Whether the task was polled in the block.
    pub(super) fn ran(self) -> bool {
        self.0 & RAN != 0
    }

    /// The task's phase at the end of the block.
    pub(super) fn phase(self) -> TaskPhase {
        TaskPhase::from_bits((self.0 & PHASE) as u8)
    }

    /// Adds a later event of the same block.
    fn update(&mut self, phase: TaskPhase, ran: u32) {
        self.0 = (self.0 & !PHASE) | u32::from(phase.bits()) | ran;
    }
}

impl Lanes {
    /// Enters a task's phase after an event of a block, and whether it ran.
    #[inline]
    pub(super) fn enter(&mut self, task: usize, block: u32, phase: TaskPhase, ran: u32) {
        if task >= self.tasks.len() {
            self.tasks.resize_with(task + 1, Vec::new);
        }
        let entries = &mut self.tasks[task];
        match entries.last_mut() {
            Some(last) if last.block() == block => last.update(phase, ran),
            Some(_) | None => {
                let before = entries.capacity();
                entries.push(LaneEntry::new(block, phase, ran));
                self.bytes += (entries.capacity() - before) * size_of::<LaneEntry>();
            }
        }
    }

    /// Notes that tasks were declared behind a gap.
    pub(super) fn declare(&mut self, tasks: Range<usize>, block: u32) {
        self.declared.push(DeclaredLanes { tasks, block });
    }

    /// A task's phase before a block, and the number of its first entry from there on.
    pub(super) fn phase_before(&self, task: TaskId, block: u32) -> (usize, TaskPhase) {
        let entries = self.of(task);
        let next = entries.partition_point(|entry| entry.block() < block);
        (
            next,
            next.checked_sub(1)
                .map_or(TaskPhase::ABSENT, |last| entries[last].phase()),
        )
    }

    /// The entries of a task. Those of a declared task begin with the block in which it was declared.
    pub(super) fn of(&self, task: TaskId) -> Cow<'_, [LaneEntry]> {
        let entries = self.tasks.get(task.index()).map_or(&[][..], Vec::as_slice);
        let at = self
            .declared
            .partition_point(|declared| declared.tasks.end <= task.index());
        let declared = self.declared.get(at);
        let declared = declared.filter(|declared| {
            let first = entries.first();
            declared.tasks.contains(&task.index())
                && first.is_none_or(|first| first.block() > declared.block)
        });
        match declared {
            None => Cow::Borrowed(entries),
            Some(declared) => {
                let first = LaneEntry::new(declared.block, TaskPhase::UNKNOWN, 0);
                Cow::Owned([&[first], entries].concat())
            }
        }
    }

    /// How many bytes the lanes take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
            + self.tasks.capacity() * size_of::<Vec<LaneEntry>>()
            + self.declared.capacity() * size_of::<DeclaredLanes>()
    }
}

/// The block of an event, as a [`LaneEntry`] stores it.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a block is at most `LAST_BLOCK`"
)]
pub(super) fn block_number(event: u64) -> u32 {
    (event / BLOCK).min(LAST_BLOCK.into()) as u32
}
