//! The poll that is under way, with what no state keeps of it.

use crate::replay::{EventStep, Running, TaskState};
use crate::trace::{
    ClockKind, LocationId, Moment, PollSample, Position, ResourceId, Span, TaskId, Wait,
};

use super::super::claim::{Nearness, Spot, is_made_elsewhere};

/// The poll or callback that is under way, or that ended last.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::insight::findings) struct OpenPoll {
    /// The task; `None` for a callback.
    pub(in crate::insight::findings) task: Option<TaskId>,
    /// The position after its first event.
    pub(in crate::insight::findings) started: Position,
    /// When it began.
    pub(in crate::insight::findings) from: Moment,
    /// The `.await` at which the task was suspended before, if it was.
    pub(in crate::insight::findings) resumed: LocationId,
    /// Whether `resumed` is where the awaited object was created.
    pub(in crate::insight::findings) resumed_at_creation: bool,
    /// What the task waited for before.
    pub(in crate::insight::findings) waited: Wait,
    /// How many events of the poll are progress: an operation on a resource, a line of output, a
    /// spawn, a timer, a wake of another task.
    pub(in crate::insight::findings) progress: u32,
    /// The clock has advanced inside the poll: its events have the time at which they happened. On a
    /// real clock, and in a recording of an adapter, they have that of its start.
    pub(in crate::insight::findings) has_times: bool,
    /// How many of these are work, and not a look at what a lock, an event or a value says.
    pub(in crate::insight::findings) work: u32,
    /// How many of them are looks, and how many of these cannot have changed anything: a shared read, a
    /// lock that was not free, a value that was loaded.
    pub(in crate::insight::findings) looks: u32,
    pub(in crate::insight::findings) reads: u32,
    /// How many sockets it has used or closed, and the last of them: the other end of each may be woken by
    /// that.
    pub(in crate::insight::findings) sockets: u32,
    socket: Option<ResourceId>,
}

impl OpenPoll {
    /// A poll of a task that begins with this step.
    pub(in crate::insight::findings) fn of_task(step: &EventStep<'_>, task: TaskId) -> OpenPoll {
        let row = step.before.tasks.get(task);
        let was_polled = row.filter(|row| row.polls() > 0);
        OpenPoll {
            task: Some(task),
            started: step.position(),
            from: step.at(),
            resumed: was_polled.map_or(LocationId::UNKNOWN, |row| row.wait_at),
            resumed_at_creation: was_polled.is_some_and(TaskState::wait_at_creation),
            waited: was_polled.map_or(Wait::Unknown, |row| row.wait),
            progress: 0,
            has_times: false,
            work: 0,
            looks: 0,
            reads: 0,
            sockets: 0,
            socket: None,
        }
    }

    /// A callback that begins with this step.
    pub(in crate::insight::findings) fn of_callback(step: &EventStep<'_>) -> OpenPoll {
        OpenPoll {
            started: step.position(),
            from: step.at(),
            resumed: LocationId::UNKNOWN,
            ..OpenPoll::default()
        }
    }

    /// An event of the poll is progress and work.
    #[inline]
    pub(in crate::insight::findings) fn works(&mut self) {
        self.progress += 1;
        self.work += 1;
    }

    /// The poll uses or closes what may be a socket.
    #[inline]
    pub(in crate::insight::findings) fn uses_socket(&mut self, resource: ResourceId) {
        if self.socket != Some(resource) {
            self.socket = Some(resource);
            self.sockets += 1;
        }
    }

    /// How long it has taken when this step ends it.
    pub(in crate::insight::findings) fn took(&self, step: &EventStep<'_>) -> Span {
        step.at().since(self.from)
    }

    /// Whether the task that runs before this step is that of this poll.
    pub(in crate::insight::findings) fn is_running(&self, step: &EventStep<'_>) -> bool {
        match step.before.running {
            Running::Task(task) => self.task == Some(task),
            Running::Callback(..) => self.task.is_none(),
            Running::Nothing => false,
        }
    }

    /// What was seen of it while it was under way, when this step ends it.
    pub(in crate::insight::findings) fn sample(step: &EventStep<'_>) -> Option<PollSample> {
        step.tables().poll_sample(step.before.cursor.polls())
    }

    /// The place of the code that this poll has executed, when this step ends it: the line at which its
    /// thread was seen, or else its [`await_spot`](OpenPoll::await_spot). The second location is another one
    /// that is near.
    pub(in crate::insight::findings) fn spot(&self, step: &EventStep<'_>) -> (Spot, LocationId) {
        let seen = OpenPoll::sample(step).map(|sample| sample.at);
        if let Some(at) = seen.filter(|at| *at != LocationId::UNKNOWN) {
            return (Spot::exact(at), self.resumed);
        }
        self.await_spot(step)
    }

    /// The place of the code that this poll has executed, as its awaits tell it: after the `.await` that it
    /// resumed from, or else before the one at which it suspends, or else in the function that was spawned. The
    /// second location is another one that is near.
    pub(in crate::insight::findings) fn await_spot(
        &self,
        step: &EventStep<'_>,
    ) -> (Spot, LocationId) {
        let Some(task) = self.task else {
            return (Spot::exact(LocationId::UNKNOWN), LocationId::UNKNOWN);
        };
        let row = step.before.tasks.get(task);
        let after = row.map_or(LocationId::UNKNOWN, |row| row.wait_at);
        if self.resumed != LocationId::UNKNOWN {
            let nearness = if self.resumed_at_creation && is_made_elsewhere(self.waited) {
                Nearness::Created
            } else {
                Nearness::AwaitBefore
            };
            let at = self.resumed;
            return (Spot { at, nearness }, after);
        }
        let spawned = step
            .tables()
            .task(task)
            .map_or(LocationId::UNKNOWN, |info| info.at);
        if after != LocationId::UNKNOWN {
            let nearness = Nearness::AwaitAfter;
            return (
                Spot {
                    at: after,
                    nearness,
                },
                spawned,
            );
        }
        let nearness = Nearness::Spawned;
        (
            Spot {
                at: spawned,
                nearness,
            },
            LocationId::UNKNOWN,
        )
    }

    /// Whether the run is on the virtual clock, which only the program itself advances.
    pub(in crate::insight::findings) fn is_virtual(step: &EventStep<'_>) -> bool {
        step.meta().clock == ClockKind::Virtual
    }
}
