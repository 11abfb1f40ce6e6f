//! The handle of a task whose future is not kept by the loop: a task of one of smol's executors, or
//! a job of the thread pool.

use std::{
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use crate::{
    runtime::{
        executor::{core, resource::Resource},
        io::{in_flight::InFlight, job_times::JobTimes},
    },
    trace::{ResourceKind, ResourceOp, TaskId, Wait},
};

use super::traced_future::LateTaskId;

/// smol's handle of a task, with the data that the trace needs to show a wait for the task.
pub(super) struct ForeignTask<T> {
    pub(super) task: async_task::FallibleTask<T>,
    kind: ForeignKind,
    pub(super) made: &'static Location<'static>,
}

enum ForeignKind {
    /// A task of an executor. A wait for the task is recorded as a join, once the task has an id.
    Executor(LateTaskId),
    /// A job of the thread pool. A wait for the job is recorded as an operation on a resource.
    Pool(Resource, InFlight, Arc<JobTimes>),
}

impl<T> ForeignTask<T> {
    pub(super) fn executor(
        task: async_executor::Task<T>,
        id: LateTaskId,
        made: &'static Location<'static>,
    ) -> Self {
        ForeignTask {
            task: task.fallible(),
            kind: ForeignKind::Executor(id),
            made,
        }
    }

    pub(super) fn pool(
        task: async_executor::Task<T>,
        times: Arc<JobTimes>,
        made: &'static Location<'static>,
    ) -> Self {
        let resource = Resource::named(ResourceKind::Pool, 0, made, "thread pool");
        ForeignTask {
            task: task.fallible(),
            kind: ForeignKind::Pool(resource, InFlight::default(), times),
            made,
        }
    }

    pub(super) fn id(&self) -> Option<TaskId> {
        match &self.kind {
            ForeignKind::Executor(id) => id.task(),
            ForeignKind::Pool(..) => None,
        }
    }

    /// Ready with the task's result once the task has ended; with `None` if the task was cancelled.
    #[track_caller]
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let awaited = Location::caller();
        let polled = Pin::new(&mut self.task).poll(cx);
        match &self.kind {
            ForeignKind::Executor(id) => {
                if polled.is_pending() {
                    core::with_current(|core| {
                        if let Some(task) = id.task_in(core) {
                            core.wait(Wait::Join(task), awaited, self.made);
                        }
                    });
                }
            }
            ForeignKind::Pool(resource, in_flight, times) => {
                if polled.is_pending() {
                    core::with_current(|core| in_flight.begin(core, resource));
                    resource.wait_made(Wait::Operation, awaited, self.made);
                } else {
                    times.record(resource);
                    in_flight.end(resource, ResourceOp::Ended);
                }
            }
        }
        polled
    }
}

impl Drop for ForeignKind {
    fn drop(&mut self) {
        if let ForeignKind::Pool(resource, in_flight, _) = self {
            in_flight.end(resource, ResourceOp::Abandoned);
        }
    }
}
