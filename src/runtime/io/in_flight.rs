//! Operations in flight: what is under way outside of the loop.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    runtime::executor::{
        core::{self, Core},
        resource::Resource,
    },
    trace::ResourceOp,
};

/// Something that is under way outside of the loop. While there is any, a virtual clock does not jump.
#[derive(Debug, Default)]
pub(in crate::runtime) struct InFlight {
    /// The loop; 0 for none.
    loop_id: AtomicU64,
    /// What it is, as the trace has it: see [`ResourceOp::Begun`].
    what: u8,
}

impl InFlight {
    pub(in crate::runtime) fn reading() -> InFlight {
        InFlight {
            what: 1,
            ..InFlight::default()
        }
    }

    pub(in crate::runtime) fn writing() -> InFlight {
        InFlight {
            what: 2,
            ..InFlight::default()
        }
    }

    /// It has begun, or goes on.
    #[inline]
    pub(in crate::runtime) fn begin(&self, core: &Core, resource: &Resource) {
        if self.loop_id.load(Ordering::Relaxed) == 0 {
            self.loop_id.store(core.id, Ordering::Relaxed);
            core.begin_operation();
            resource.used_in(core, ResourceOp::Begun, self.what.into());
        }
    }

    /// It is over, if it ever began.
    #[inline]
    pub(in crate::runtime) fn end(&self, resource: &Resource, op: ResourceOp) {
        let loop_id = self.loop_id.load(Ordering::Relaxed);
        if loop_id != 0 {
            self.loop_id.store(0, Ordering::Relaxed);
            core::with_current_if(loop_id, |core| {
                core.end_operation();
                resource.used_in(core, op, self.what.into());
            });
        }
    }
}
