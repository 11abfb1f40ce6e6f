//! A group of tasks, as the trace shows it.

use std::panic::Location;

use crate::{
    runtime::executor::{
        core::{self, Core},
        resource::Resource,
    },
    trace::{ResourceId, ResourceKind, TaskId},
};

/// The resource of a group, to which each member is added once.
#[derive(Debug)]
pub(super) struct GroupResource(Resource);

impl GroupResource {
    pub(super) fn new(name: &'static str, made: &'static Location<'static>) -> GroupResource {
        GroupResource(Resource::named(ResourceKind::Group, 0, made, name))
    }

    pub(super) fn id(&self, core: &Core) -> ResourceId {
        self.0.id(core)
    }

    /// Records that a task is a member. A job of the thread pool has no number, and is none.
    pub(super) fn add(&self, task: Option<TaskId>) {
        core::with_current(|core| {
            if let (true, Some(task)) = (core.recording.get(), task) {
                let group = self.0.id(core);
                let mut sched = core.sched.borrow_mut();
                sched.recorder.write(|writer| writer.member(group, task));
            }
        });
    }
}
