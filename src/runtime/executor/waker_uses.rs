//! Where a task uses its own waker while it is polled.
//!
//! A future that was written by hand, or that is of a crate without loopscope, does not declare what it waits
//! for. But it has to keep its waker, so it clones it; or it wakes itself, to be polled again. The line of the
//! program at which it does so is that of its wait, if it declares none.
//!
//! A walk of the stack takes some microseconds, so it is not repeated for a task that declares its wait after
//! each clone, and there are at most [`WALKS`] in each [`PERIOD`]. For a use without a walk, the height of the stack
//! tells whether it is probably the place of the one before.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::lines;

/// How many walks of the stack there may be in a [`PERIOD`] of loop time, in nanoseconds.
const WALKS: u32 = 20;
const PERIOD: u64 = 100_000_000;

/// The last use that was noted of the waker of a task.
#[derive(Debug, Default)]
pub(super) struct LastUse {
    /// Uses are noted.
    pub(super) is_noted: AtomicBool,
    /// The height of the stack.
    height: AtomicUsize,
    /// A declared wait followed it.
    is_declared: AtomicBool,
}

impl LastUse {
    /// Notes whether the task has declared a wait after the use.
    pub(super) fn set_declared(&self, is_declared: bool) {
        self.is_declared.store(is_declared, Ordering::Relaxed);
    }

    /// The waker is that of another task from now on.
    pub(super) fn clear(&self) {
        self.height.store(0, Ordering::Relaxed);
        self.set_declared(false);
    }
}

/// A use in the poll that is open.
#[derive(Debug)]
pub(super) enum WakerUse {
    /// With its return addresses.
    Walked(Vec<usize>),
    /// At the same height of the stack as the one before.
    Same,
    /// At another one, and it is not known where.
    Other,
}

/// The uses of wakers in a loop.
#[derive(Debug, Default)]
pub(super) struct WakerUses {
    /// The first use in the poll that is open or was open last, and its task.
    noted: Option<(u32, WakerUse)>,
    /// How many walks there were since `began`.
    walks: u32,
    began: u64,
}

impl WakerUses {
    /// Notes that a task that is polled uses its waker. `now` is loop time.
    pub(super) fn note(&mut self, task: u32, last: &LastUse, now: u64) {
        if matches!(self.noted, Some((noted, _)) if noted == task) {
            return;
        }
        let here = 0_u8;
        let height = std::ptr::from_ref(&here).addr();
        let is_same = last.height.swap(height, Ordering::Relaxed) == height;
        if is_same && last.is_declared.load(Ordering::Relaxed) {
            return;
        }
        if now.saturating_sub(self.began) >= PERIOD {
            (self.walks, self.began) = (0, now);
        }
        self.walks += 1;
        let used = if self.walks <= WALKS {
            WakerUse::Walked(lines::addresses_here())
        } else if is_same {
            WakerUse::Same
        } else {
            WakerUse::Other
        };
        self.noted = Some((task, used));
    }

    /// Whether a use was noted that was not taken.
    #[inline]
    pub(super) fn is_any(&self) -> bool {
        self.noted.is_some()
    }

    /// The use of a task in its poll, which ends.
    pub(super) fn take(&mut self, task: u32) -> Option<WakerUse> {
        let (noted, used) = self.noted.take()?;
        (noted == task).then_some(used)
    }
}
