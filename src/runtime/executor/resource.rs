//! Resources: the channels, locks, sockets and other shared objects that appear in the trace.

use std::{
    panic::Location,
    sync::atomic::{AtomicU64, Ordering},
    task::Waker,
};

use crate::{
    runtime::sync::wait_queue::WakesFuture,
    trace::{ResourceId, ResourceKind, ResourceOp, Wait},
};

use super::{
    core::{self, Core},
    waiter::Waiter,
};

/// An object that tasks share or wait for, with its number in the trace.
///
/// A resource gets its number when it is made, if a loop that records runs on that thread;
/// otherwise at its first use in such a loop, and the trace says so. A resource that is used in a second loop gets a new
/// number there.
#[derive(Debug)]
pub(in crate::runtime) struct Resource {
    kind: ResourceKind,
    /// `None` if the resource is named after its kind.
    name: Option<Box<str>>,
    limit: u32,
    made: &'static Location<'static>,
    /// Upper half: the lower 32 bits of the id of the loop that the resource has a number in. Lower
    /// half: that number plus one. 0 while the resource has no number. One atomic makes a resource
    /// usable from any thread without a lock.
    entered: AtomicU64,
}

impl Resource {
    pub(in crate::runtime) fn new(
        kind: ResourceKind,
        limit: usize,
        made: &'static Location<'static>,
    ) -> Resource {
        Resource::make(kind, limit, made, None)
    }

    pub(in crate::runtime) fn named(
        kind: ResourceKind,
        limit: usize,
        made: &'static Location<'static>,
        name: &str,
    ) -> Resource {
        Resource::make(kind, limit, made, Some(name.into()))
    }

    /// A resource that may be in a `static`. A `const fn` cannot record anything, so the resource gets
    /// its number when it is first used.
    pub(in crate::runtime) const fn later(
        kind: ResourceKind,
        limit: usize,
        made: &'static Location<'static>,
    ) -> Resource {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it fits, by the comparison before"
        )]
        let limit = if limit > u32::MAX as usize {
            u32::MAX
        } else {
            limit as u32
        };
        Resource {
            kind,
            name: None,
            limit,
            made,
            entered: AtomicU64::new(0),
        }
    }

    fn make(
        kind: ResourceKind,
        limit: usize,
        made: &'static Location<'static>,
        name: Option<Box<str>>,
    ) -> Resource {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let resource = Resource {
            kind,
            name,
            limit,
            made,
            entered: AtomicU64::new(0),
        };
        core::with_current(|core| {
            if core.recording.get() {
                resource.enter(core, false);
            }
        });
        resource
    }

    pub(in crate::runtime) fn kind(&self) -> ResourceKind {
        self.kind
    }

    pub(in crate::runtime) fn made(&self) -> &'static Location<'static> {
        self.made
    }

    /// The resource's number in this loop.
    #[inline]
    pub(in crate::runtime) fn id(&self, core: &Core) -> ResourceId {
        let entered = self.entered.load(Ordering::Relaxed);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "taking the two halves apart"
        )]
        if entered >> 32 == core.id & 0xffff_ffff && entered != 0 {
            ResourceId(entered as u32 - 1)
        } else {
            self.enter(core, true)
        }
    }

    /// The resource's number in the loop with this id, if it has one there.
    pub(in crate::runtime) fn id_in(&self, loop_id: u64) -> Option<ResourceId> {
        let entered = self.entered.load(Ordering::Relaxed);
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        let number = entered as u32;
        let is_there = entered != 0 && entered >> 32 == loop_id & 0xffff_ffff;
        is_there.then(|| ResourceId(number - 1))
    }

    /// Gives the resource a number in this loop, and defines it in the trace.
    #[cold]
    fn enter(&self, core: &Core, at_first_use: bool) -> ResourceId {
        let id = core.resources.borrow_mut().take();
        self.entered.store(
            (core.id & 0xffff_ffff) << 32 | u64::from(id + 1),
            Ordering::Relaxed,
        );
        let mut sched = core.sched.borrow_mut();
        let recorder = &mut sched.recorder;
        if recorder.on {
            let name = recorder.text(self.name.as_deref().unwrap_or(kind_word(self.kind)));
            let at = recorder.location(self.made);
            let (id, writer) = (ResourceId(id), &mut recorder.writer);
            if at_first_use {
                writer.resource_first_used(id, self.kind, name, at, self.limit);
            } else {
                writer.resource_new(id, self.kind, name, at, self.limit);
            }
        }
        ResourceId(id)
    }

    /// Records an operation on the resource, if a loop runs on this thread.
    #[inline]
    pub(in crate::runtime) fn used(&self, op: ResourceOp, value: usize) {
        core::with_current(|core| self.used_in(core, op, value));
    }

    #[inline]
    pub(in crate::runtime) fn used_in(&self, core: &Core, op: ResourceOp, value: usize) {
        if !core.recording.get() {
            return;
        }
        let id = self.id(core);
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        core.sched
            .borrow_mut()
            .recorder
            .write(|writer| writer.used(id, op, value));
    }

    /// Records an operation that lets a waiter continue, and wakes the waiter. Nearly always that is a
    /// task of the same loop: then one look at the loop serves for both.
    #[inline]
    pub(in crate::runtime) fn used_for(&self, op: ResourceOp, value: usize, next: Waiter) {
        let Waiter::Task { loop_id, key } = next else {
            self.used(op, value);
            return next.wake();
        };
        let is_woken = core::with_current(|core| {
            let id = core.recording.get().then(|| self.id(core));
            let mut sched = core.sched.borrow_mut();
            if let Some(id) = id {
                let value = u32::try_from(value).unwrap_or(u32::MAX);
                sched.recorder.write(|writer| writer.used(id, op, value));
            }
            let wakes = core.id == loop_id && core.accepting.get();
            if wakes {
                sched.wake_here(key);
            }
            wakes
        });
        if is_woken != Some(true) {
            next.wake();
        }
    }

    /// Records what was read from the resource or written to it, if the recording keeps the bytes of
    /// sockets.
    pub(in crate::runtime) fn passed(&self, bytes: &[u8]) {
        core::with_current(|core| {
            if core.recording.get() {
                let id = self.id(core);
                core.sched.borrow_mut().recorder.bytes(id, bytes);
            }
        });
    }

    /// Declares that the current task waits for the resource, with a future that was made at `made`
    /// and is polled at `awaited`.
    #[inline]
    pub(in crate::runtime) fn wait_made(
        &self,
        wait: fn(ResourceId) -> Wait,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) {
        core::with_current(|core| core.wait(wait(self.id(core)), awaited, made));
    }

    /// A future that waits for the resource is dropped, see [`Core::withdraw_wait`].
    #[cold]
    #[inline(never)]
    pub(in crate::runtime) fn withdraw(&self, wait: fn(ResourceId) -> Wait) {
        core::with_current(|core| {
            if let Some(id) = self.id_in(core.id) {
                core.withdraw_wait(wait(id));
            }
        });
    }

    /// The same for a wait whose queue has a [`Waiter`] of the future, which is polled with `waker`.
    #[inline]
    pub(in crate::runtime) fn wait_queued(
        &self,
        wait: fn(ResourceId) -> Wait,
        waker: &Waker,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) {
        core::with_current(|core| core.wait_queued(wait(self.id(core)), waker, awaited, made));
    }
}

/// Records that a future was made at `made`, and is dropped before its first poll. Its creation was not
/// recorded: most futures are polled at once, and need no resource. The limit of 1 says so.
#[cold]
pub(in crate::runtime) fn note_unpolled(what: &str, made: &'static Location<'static>) {
    if core::with_current(|core| core.recording.get()) == Some(true) {
        drop(Resource::named(ResourceKind::Foreign, 1, made, what));
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        let entered = self.entered.load(Ordering::Relaxed);
        if entered == 0 {
            return;
        }
        core::with_current(|core| {
            // If the loop's state is borrowed, the drop is not recorded, and the number is never
            // assigned again.
            let (Ok(mut numbers), Ok(mut sched)) =
                (core.resources.try_borrow_mut(), core.sched.try_borrow_mut())
            else {
                return;
            };
            if entered >> 32 == core.id & 0xffff_ffff {
                #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
                let id = entered as u32 - 1;
                numbers.give_back(id);
                sched
                    .recorder
                    .write(|writer| writer.resource_dropped(ResourceId(id)));
            }
        });
    }
}

/// The name of a resource that was not given one.
fn kind_word(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Io => "i/o",
        ResourceKind::Foreign => "foreign future",
        kind => kind.as_str(),
    }
}
