//! For how long a job of the thread pool waits for a thread, and then runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

use crate::{
    runtime::executor::{core, resource::Resource},
    trace::ResourceOp,
};

/// A job that has waited for fewer microseconds has only been handed over.
const MOMENT: u32 = 1_000;

/// The times of a job, written by the thread that runs it.
#[derive(Debug)]
pub(in crate::runtime) struct JobTimes {
    submitted: Instant,
    /// In microseconds.
    waited: AtomicU32,
    ran: AtomicU32,
}

impl JobTimes {
    /// The job is submitted now.
    pub(in crate::runtime) fn new() -> Arc<JobTimes> {
        Arc::new(JobTimes {
            submitted: now(),
            waited: AtomicU32::new(0),
            ran: AtomicU32::new(0),
        })
    }

    /// A thread begins to run the job.
    pub(super) fn begins(&self) {
        self.waited.store(self.microseconds(), Ordering::Relaxed);
    }

    /// The job is done.
    pub(super) fn ends(&self) {
        let waited = self.waited.load(Ordering::Relaxed);
        let ran = self.microseconds().saturating_sub(waited);
        self.ran.store(ran, Ordering::Relaxed);
    }

    fn microseconds(&self) -> u32 {
        u32::try_from(self.submitted.elapsed().as_micros()).unwrap_or(u32::MAX)
    }

    /// Records the times of a job that is done, if it had to wait for a thread. A virtual clock has
    /// no time for them.
    pub(in crate::runtime) fn record(&self, resource: &Resource) {
        if self.waited.load(Ordering::Relaxed) < MOMENT {
            return;
        }
        core::with_current(|core| {
            if !core.clock.is_virtual() {
                let value = |time: &AtomicU32| time.load(Ordering::Relaxed) as usize;
                resource.used_in(core, ResourceOp::Started, value(&self.waited));
                resource.used_in(core, ResourceOp::Ran, value(&self.ran));
            }
        });
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "jobs run on threads, in the time of the system"
)]
fn now() -> Instant {
    Instant::now()
}
