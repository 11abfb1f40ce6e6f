//! The handle of a task whose loop is on another thread.

use std::{
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use crate::{
    runtime::{
        executor::{
            core,
            remote_task::{RemoteEnd, RemoteTask},
            resource::Resource,
            task_key::TaskKey,
            task_name::{TaskName, short_name},
            task_slot::Body,
            waker::Message,
        },
        io::in_flight::InFlight,
    },
    trace::{ResourceKind, ResourceOp, TaskId, Wait},
};

/// How long [`Task::is_finished`](crate::Task::is_finished) waits for an answer of a loop that is in
/// a poll.
const PATIENCE: Duration = Duration::from_millis(20);

/// A task of a loop on another thread. In the trace of the waiting loop, a wait for it is an
/// operation in flight on a resource, because the number of the task means another task there.
pub(super) struct RemoteHandle {
    task: Arc<RemoteTask>,
    /// Set once the result was taken or the handle was released.
    is_done: AtomicBool,
    resource: Resource,
    in_flight: InFlight,
    made: &'static Location<'static>,
}

impl RemoteHandle {
    pub(super) fn new(
        task: Arc<RemoteTask>,
        name: TaskName<'_>,
        made: &'static Location<'static>,
    ) -> RemoteHandle {
        let name = match name {
            TaskName::Type(name) => short_name(name).unwrap_or("task"),
            TaskName::Given(name) => name,
        };
        let name = format!("{name} on another thread");
        RemoteHandle {
            task,
            is_done: AtomicBool::new(false),
            resource: Resource::named(ResourceKind::Foreign, 0, made, &name),
            in_flight: InFlight::default(),
            made,
        }
    }

    /// Makes the loop of a task send the result to this thread.
    pub(super) fn export(
        key: TaskKey,
        loop_id: u64,
        made: &'static Location<'static>,
    ) -> RemoteHandle {
        let task = RemoteTask::new(loop_id);
        let export = Message::Export(key, RemoteEnd::new(&task));
        core::send_to(loop_id, export);
        RemoteHandle::new(task, TaskName::Given(&format!("#{}", key.task)), made)
    }

    /// The task's number in its loop, once the loop has seen the task.
    pub(super) fn id(&self) -> Option<TaskId> {
        self.task.key().map(|key| TaskId(key.task))
    }

    /// Ready with the task's body once the task has ended; with `None` if it has no result.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Body>> {
        let polled = self.task.poll(cx);
        if polled.is_ready() {
            self.is_done.store(true, Ordering::Relaxed);
            self.in_flight.end(&self.resource, ResourceOp::Ended);
        }
        polled
    }

    /// Declares that the current task waits for this one.
    pub(super) fn declare_wait(&self, awaited: &'static Location<'static>) {
        core::with_current(|core| {
            if core.id == self.task.loop_id
                && let Some(id) = self.id()
            {
                core.wait(Wait::Join(id), awaited, self.made);
            } else {
                self.in_flight.begin(core, &self.resource);
                self.resource.wait_made(Wait::Operation, awaited, self.made);
            }
        });
    }

    pub(super) fn is_finished(&self) -> bool {
        self.task.is_finished(PATIENCE)
    }

    /// Whether the handle still has a claim to the result.
    pub(super) fn is_wanted(&self) -> bool {
        !self.is_done.load(Ordering::Relaxed)
    }

    pub(super) fn name(&self, name: &str) {
        self.task.name(name);
    }

    pub(super) fn request_cancel(&self, dropped: bool) {
        self.task.request_cancel(dropped);
    }

    /// Gives the claim up. Returns the body of a task that has ended.
    pub(super) fn release(&self) -> Option<Body> {
        self.is_done.store(true, Ordering::Relaxed);
        self.in_flight.end(&self.resource, ResourceOp::Abandoned);
        self.task.release()
    }
}
