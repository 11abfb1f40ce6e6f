//! What the numbers of an adapter stand for in the trace.

use std::collections::{HashMap, HashSet};

use crate::trace::{CallbackId, LocationId, ResourceId, ResourceKind, TaskId, TextId, TimerId};

use super::WireError;

/// The names that the numbers of an adapter have in the trace.
#[derive(Clone, Debug, Default)]
pub(super) struct WireNames {
    pub(super) texts: Vec<TextId>,
    /// The texts that name a function of asyncio and its object, with what it waits for.
    pub(super) functions: HashMap<TextId, (ResourceKind, TextId)>,
    /// The texts that name a callback which only wakes the task that waits for a timer.
    pub(super) waking: HashSet<TextId>,
    pub(super) places: Vec<LocationId>,
    pub(super) tasks: HashMap<i64, TaskId>,
    pub(super) callbacks: HashMap<i64, CallbackId>,
    pub(super) timers: HashMap<i64, TimerId>,
    /// Slots of timers that have fired or were cancelled.
    pub(super) free_timers: Vec<TimerId>,
    pub(super) resources: HashMap<i64, ResourceId>,
    /// The timers on which callbacks were scheduled that only wake a task.
    pub(super) wakers: HashMap<CallbackId, TimerId>,
    /// Tasks whose cancellation was requested and not delivered.
    pub(super) cancelled: HashSet<TaskId>,
}

impl WireNames {
    pub(super) fn text(&self, number: i64) -> Result<TextId, WireError> {
        let found = usize::try_from(number).ok();
        let found = found.and_then(|number| self.texts.get(number)).copied();
        found.ok_or(WireError::Unannounced {
            what: "text",
            number,
        })
    }

    /// A place; unknown for a negative number.
    pub(super) fn place(&self, number: i64) -> Result<LocationId, WireError> {
        let Ok(index) = usize::try_from(number) else {
            return Ok(LocationId::UNKNOWN);
        };
        let found = self.places.get(index).copied();
        found.ok_or(WireError::Unannounced {
            what: "place",
            number,
        })
    }

    pub(super) fn new_timer(&mut self, number: i64) -> TimerId {
        let next = u32::try_from(self.timers.len()).unwrap_or(u32::MAX);
        let timer = self.free_timers.pop().unwrap_or(TimerId(next));
        self.timers.insert(number, timer);
        timer
    }

    pub(super) fn free_timer(&mut self, number: i64) -> Option<TimerId> {
        let timer = self.timers.remove(&number)?;
        self.free_timers.push(timer);
        Some(timer)
    }
}
