//! A group of tasks, as the trace shows it.

use std::{panic::Location, sync::Arc};

use crate::{
    runtime::executor::{
        core::{self, Core},
        resource::Resource,
    },
    trace::{ResourceId, ResourceKind, TaskId, Wait},
};

use super::handle::Task;

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

    /// Records that a task is a member.
    pub(super) fn add<T>(&self, task: &Task<T>) {
        if let Some(task) = task.id() {
            self.add_task(task);
        }
    }

    /// Declares that the current task waits for the first of these tasks to end.
    ///
    /// A program calls `first_completed` with one list again and again. Each call removes a task, and
    /// the rest are members of the same group as before: so a handle keeps its group. The group is
    /// used again unless a handle outside of the list has it, too.
    pub(super) fn of_list<T>(
        tasks: &mut [Task<T>],
        made: &'static Location<'static>,
        awaited: &'static Location<'static>,
    ) {
        let recording = core::with_current(|core| core.recording.get());
        // Each task keeps a clone of the waker, for which one wait is declared.
        let wakers = tasks.len();
        if recording != Some(true) {
            core::with_current(|core| {
                core.wait(Wait::Any(ResourceId(0)), awaited, made);
                core.count_wakers(wakers);
            });
            return;
        }
        let known = tasks.iter().find_map(Task::group).cloned();
        let group = known.filter(|group| {
            let members = tasks.iter().filter_map(Task::group);
            let members = members.filter(|it| Arc::ptr_eq(it, group)).count();
            // One more is `known` itself.
            Arc::strong_count(group) == members + 1
        });
        let group = group.unwrap_or_else(|| Arc::new(GroupResource::new("first_completed", made)));
        for task in tasks {
            if task.group().is_none_or(|it| !Arc::ptr_eq(it, &group)) && task.set_group(&group) {
                group.add(task);
            }
        }
        core::with_current(|core| {
            core.wait(Wait::Any(group.id(core)), awaited, made);
            core.count_wakers(wakers);
        });
    }

    fn add_task(&self, task: TaskId) {
        core::with_current(|core| {
            if core.recording.get() {
                let group = self.0.id(core);
                let mut sched = core.sched.borrow_mut();
                sched.recorder.write(|writer| writer.member(group, task));
            }
        });
    }
}
