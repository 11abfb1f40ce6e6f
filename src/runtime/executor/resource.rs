//! The numbers by which a trace knows channels, locks, sockets and the like.

use std::{
    panic::Location,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::trace::{ResourceId, ResourceKind, ResourceOp, Wait};

use super::core::{self, Core};

/// A thing that the trace knows. It is entered where it is made, if a loop runs there that records, and else when one
/// first uses it.
#[derive(Debug)]
pub(in crate::runtime) struct Resource {
    kind: ResourceKind,
    /// None if it is called after its kind.
    name: Option<Box<str>>,
    limit: u32,
    made: &'static Location<'static>,
    /// The loop (upper half, by its lower bits) and its slot there plus one (lower half); 0 for none yet.
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

    /// One that can stand in a `static`. It is entered when it is first used.
    pub(in crate::runtime) const fn later(
        kind: ResourceKind,
        limit: usize,
        made: &'static Location<'static>,
    ) -> Resource {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it fits: that is asked first"
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
                resource.id(core);
            }
        });
        resource
    }

    /// What kind of thing it is.
    pub(in crate::runtime) fn kind(&self) -> ResourceKind {
        self.kind
    }

    /// Where it was made.
    pub(in crate::runtime) fn made(&self) -> &'static Location<'static> {
        self.made
    }

    /// Its slot in this loop.
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
            self.enter(core)
        }
    }

    #[cold]
    fn enter(&self, core: &Core) -> ResourceId {
        let id = core.resources.borrow_mut().take();
        self.entered.store(
            (core.id & 0xffff_ffff) << 32 | u64::from(id + 1),
            Ordering::Relaxed,
        );
        let mut sched = core.sched.borrow_mut();
        let recorder = &mut sched.recorder;
        if recorder.on {
            let name = recorder.text(self.name.as_deref().unwrap_or(kind_word(self.kind)));
            let at = recorder.place(self.made);
            recorder
                .writer
                .resource_new(ResourceId(id), self.kind, name, at, self.limit);
        }
        ResourceId(id)
    }

    /// Records a use, if a loop runs on this thread.
    #[inline]
    pub(in crate::runtime) fn used(&self, op: ResourceOp, value: usize) {
        core::with_current(|core| self.used_in(core, op, value));
    }

    /// The same, for a value that is only worked out if somebody wants to know.
    #[inline]
    pub(in crate::runtime) fn used_with(&self, op: ResourceOp, value: impl FnOnce() -> usize) {
        core::with_current(|core| {
            if core.recording.get() {
                self.used_in(core, op, value());
            }
        });
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

    /// The running task waits for this, with a future that was made at `made` and is polled at `awaited`.
    #[inline]
    pub(in crate::runtime) fn wait_made(
        &self,
        wait: fn(ResourceId) -> Wait,
        awaited: &'static Location<'static>,
        made: &'static Location<'static>,
    ) {
        core::with_current(|core| core.wait(wait(self.id(core)), awaited, made));
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        let entered = self.entered.load(Ordering::Relaxed);
        if entered == 0 {
            return;
        }
        core::with_current(|core| {
            // In a borrow there is nobody to tell; the slot is then never used again, which is harmless.
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

/// What a resource without a name is called.
fn kind_word(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Io => "i/o",
        ResourceKind::Foreign => "foreign future",
        kind => kind.as_str(),
    }
}
