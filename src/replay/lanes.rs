//! The lanes of an index: for each task and each block of events in which its phase changed, its
//! phase at the end of the block and whether it was polled in it.
//!
//! Several events of a block change the same task, but only the last phase stays. So the entries of
//! the current block are apart, in a list with four bytes for each task, which fits into the
//! processor's cache. They are *written* to the lanes of their tasks when the next block begins, and
//! also when a reader has all events that exist so far: then the current block may continue later,
//! and its entries are written again, in place of the ones before.

use std::{borrow::Cow, ops::Range};

use crate::trace::TaskId;

use super::{TaskPhase, task_phase::BITS};

/// The number of events in a block: from one bookmark to the next.
pub(crate) const BLOCK: u64 = 1024;

/// The lanes of all tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes {
    /// For each task, its entries by block.
    tasks: Vec<Lane>,
    /// For each task, its last entry.
    last: Vec<LaneEntry>,
    /// The current block.
    block: u32,
    /// The tasks that have an entry in the current block.
    changed: Vec<u32>,
    /// How many of these entries are written.
    written: usize,
    /// How many bytes the entries take that are not inside of a [`Lane`].
    bytes: usize,
    /// The tasks that were declared behind gaps, by number.
    declared: Vec<DeclaredLanes>,
}

/// The entries of one task. Most tasks of a long trace live for a few blocks, so that a list of their
/// own would take more memory than the entries.
#[derive(Clone, Debug)]
enum Lane {
    /// Up to [`FEW`] entries; behind the last one, [`LaneEntry::NONE`].
    Few([LaneEntry; FEW]),
    Many(Vec<LaneEntry>),
}

/// As many entries as fit into the place of a list.
const FEW: usize = 4;

const _: () = assert!(size_of::<Lane>() == size_of::<Vec<LaneEntry>>());

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
const LAST_BLOCK: u32 = (1 << 24) - 2;

/// The task was polled in the block.
pub(super) const RAN: u32 = 1 << 6;
const PHASE: u32 = BITS as u32;

impl LaneEntry {
    /// No entry: its block is behind the last one.
    const NONE: LaneEntry = LaneEntry(u32::MAX);

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

impl Lane {
    const EMPTY: Lane = Lane::Few([LaneEntry::NONE; FEW]);

    fn entries(&self) -> &[LaneEntry] {
        match self {
            Lane::Few(entries) => {
                let count = entries
                    .iter()
                    .take_while(|entry| **entry != LaneEntry::NONE);
                &entries[..count.count()]
            }
            Lane::Many(entries) => entries,
        }
    }

    /// Adds an entry. Returns by how many bytes the memory outside of this value has grown.
    fn push(&mut self, entry: LaneEntry) -> usize {
        match self {
            Lane::Few(entries) => {
                if let Some(place) = entries.iter_mut().find(|it| **it == LaneEntry::NONE) {
                    *place = entry;
                    return 0;
                }
                let mut list = Vec::with_capacity(2 * FEW);
                list.extend_from_slice(entries);
                list.push(entry);
                let bytes = list.capacity() * size_of::<LaneEntry>();
                *self = Lane::Many(list);
                bytes
            }
            Lane::Many(entries) => {
                let before = entries.capacity();
                if entries.len() == before {
                    // A list that doubles wastes a quarter of its memory on average.
                    entries.reserve_exact(before / 4);
                }
                entries.push(entry);
                (entries.capacity() - before) * size_of::<LaneEntry>()
            }
        }
    }

    /// Replaces the last entry.
    fn replace_last(&mut self, entry: LaneEntry) {
        let last = match self {
            Lane::Few(entries) => entries.iter_mut().rfind(|it| **it != LaneEntry::NONE),
            Lane::Many(entries) => entries.last_mut(),
        };
        if let Some(last) = last {
            *last = entry;
        }
    }
}

impl Lanes {
    /// Enters a task's phase after an event of a block, and whether it ran. No later call may have an
    /// earlier block.
    #[inline]
    pub(super) fn enter(&mut self, task: usize, block: u32, phase: TaskPhase, ran: u32) {
        if block != self.block {
            self.begin_block(block);
        }
        match self.last.get_mut(task) {
            Some(last) if last.block() == block => last.update(phase, ran),
            Some(_) | None => self.begin_entry(task, LaneEntry::new(block, phase, ran)),
        }
    }

    /// Enters the first event of a task in the current block.
    #[inline(never)]
    fn begin_entry(&mut self, task: usize, entry: LaneEntry) {
        if task >= self.last.len() {
            self.last.resize(task + 1, LaneEntry::NONE);
            self.tasks.resize_with(task + 1, || Lane::EMPTY);
        }
        self.last[task] = entry;
        // A task has a number of 32 bits.
        self.changed.extend(u32::try_from(task));
    }

    #[inline(never)]
    fn begin_block(&mut self, block: u32) {
        self.write();
        self.changed.clear();
        self.written = 0;
        self.block = block;
    }

    /// Writes the entries of the current block. Until then, readers do not see them.
    pub(super) fn write(&mut self) {
        for (at, task) in self.changed.iter().enumerate() {
            let task = *task as usize;
            let (lane, entry) = (&mut self.tasks[task], self.last[task]);
            if at < self.written {
                lane.replace_last(entry);
            } else {
                self.bytes += lane.push(entry);
            }
        }
        self.written = self.changed.len();
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
        let entries = self.tasks.get(task.index()).map_or(&[][..], Lane::entries);
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
            + self.tasks.capacity() * size_of::<Lane>()
            + self.last.capacity() * size_of::<LaneEntry>()
            + self.changed.capacity() * size_of::<u32>()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{PollOutcome, Wait};

    /// The phases that a task may have.
    fn phases() -> [TaskPhase; 4] {
        let mut ready = TaskPhase::ABSENT;
        ready.enqueue();
        let mut running = ready;
        running.start_poll();
        let mut waits = running;
        waits.wait(Wait::Unknown);
        waits.end_poll(PollOutcome::Pending);
        [ready, running, waits, TaskPhase::UNKNOWN]
    }

    /// However often the lanes are written, they have what a list of each task's entries would have.
    #[test]
    fn lanes_have_the_last_phase_of_each_block() {
        for seed in 0..20 {
            let mut random: u64 = seed;
            let mut below = |end: u32| {
                random = (random ^ 0x5_deec_e66d_u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                u32::try_from((random >> 33) % u64::from(end)).unwrap()
            };
            let (mut lanes, mut model) = (Lanes::default(), vec![Vec::<LaneEntry>::new(); 12]);
            let mut block = 0;
            for _ in 0..2_000 {
                block += u32::from(below(9) == 0) * (1 + below(3));
                let task = below(12).min(below(12)) as usize;
                let phase = phases()[below(4) as usize];
                let ran = below(2) * RAN;
                lanes.enter(task, block, phase, ran);
                match model[task].last_mut() {
                    Some(last) if last.block() == block => last.update(phase, ran),
                    Some(_) | None => model[task].push(LaneEntry::new(block, phase, ran)),
                }
                if below(7) == 0 {
                    lanes.write();
                    for (task, entries) in (0..).zip(&model) {
                        assert_eq!(*lanes.of(TaskId(task)), **entries, "{seed}");
                    }
                }
            }
            assert!(model.iter().any(|entries| entries.len() > 100));
        }
    }

    /// A program may spawn a million tasks that live for one block.
    #[test]
    fn short_lanes_take_no_memory_of_their_own() {
        let mut lanes = Lanes::default();
        for task in 0..1_000 {
            let block = u32::try_from(task / 10).unwrap();
            lanes.enter(task, block, TaskPhase::UNKNOWN, RAN);
            lanes.enter(task, block + 1, TaskPhase::UNKNOWN, 0);
        }
        lanes.write();
        assert_eq!(lanes.bytes, 0);
    }
}
