//! `nestedblock`: a second loop that runs inside a poll.
//!
//! The inner loop has a main task of its own. It is spawned inside the poll of the outer task, at
//! the very place where the outer task then waits for it: `block_on` is one call. A task that was
//! spawned and then joined has two places. One that is awaited inside of a combinator has one, but then
//! the trace says that the place of the wait is only where the handle was made.
//!
//! * Where the loop continues inside the poll (see `executor/run/elsewhere`), other tasks are polled
//!   until the inner one ends. On a loop that does not, each of them would wait.
//! * Where the inner loop has a thread of its own, and the outer poll waits for that thread, the whole life
//!   of the inner task lies inside one long poll.
//!
//! An inner loop is a finding if other tasks, which existed before it, were polled, ready or due
//! meanwhile.

use crate::replay::{EventStep, TaskState};
use crate::trace::{LocationId, Moment, Position, Span, TaskId, Wait};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::Proof,
        rule::Rule,
    },
    open_poll::OpenPoll,
};

/// The most inner loops that are under way inside of each other.
const DEPTH: usize = 32;

/// The most delayed tasks that are counted.
const COUNTED: usize = 256;

/// Looks for loops inside of polls.
#[derive(Debug)]
pub(in crate::insight::findings) struct NestedDetector {
    inner: Span,
    /// The task that the open poll has spawned last.
    spawned: Option<InnerTask>,
    /// The inner loops that are under way, the outermost first.
    open: Vec<InnerLoop>,
    /// An inner loop that began and ended inside the open poll.
    inside: Option<InnerTask>,
}

#[derive(Clone, Copy, Debug)]
struct InnerTask {
    task: TaskId,
    at: LocationId,
    event: Position,
}

#[derive(Clone, Debug)]
struct InnerLoop {
    outer: TaskId,
    inner: InnerTask,
    since: Moment,
    delayed: Vec<TaskId>,
}

impl NestedDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> NestedDetector {
        NestedDetector {
            inner: limits.span(Rule::NestedBlock, "inner"),
            spawned: None,
            open: Vec::new(),
            inside: None,
        }
    }

    pub(in crate::insight::findings) fn spawned(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        at: LocationId,
        (parent, is_in_poll): (Option<TaskId>, bool),
    ) {
        let event = step.position();
        let inner = InnerTask { task, at, event };
        if parent.is_some() {
            self.spawned = Some(inner);
        } else if is_in_poll {
            self.inside = Some(inner);
        }
    }

    /// A task suspends.
    #[inline]
    pub(in crate::insight::findings) fn suspended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        row: &TaskState,
    ) {
        if let Some(inner) = self.spawned.take()
            && row.wait == Wait::Join(inner.task)
            && inner.at == row.wait_at
            && !row.wait_at_creation()
            && inner.at != LocationId::UNKNOWN
            && self.open.len() < DEPTH
        {
            self.open.push(InnerLoop {
                outer: task,
                inner,
                since: step.at(),
                delayed: Vec::new(),
            });
        }
    }

    /// A task is polled.
    #[inline]
    pub(in crate::insight::findings) fn polled(&mut self, task: TaskId) {
        self.spawned = None;
        if self.inside.is_some_and(|inner| inner.task == task) {
            return;
        }
        self.inside = None;
        for open in &mut self.open {
            // A task that came later may belong to the work of the inner loop.
            let is_other = task < open.inner.task && task != open.outer;
            if is_other && open.delayed.len() < COUNTED && !open.delayed.contains(&task) {
                open.delayed.push(task);
            }
        }
    }

    /// A task ends.
    pub(in crate::insight::findings) fn ended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        claims: &mut Claims,
    ) {
        let Some(at) = self.open.iter().position(|open| open.inner.task == task) else {
            return;
        };
        let open = self.open.remove(at);
        let time = step.at().since(open.since);
        if time >= self.inner && !open.delayed.is_empty() {
            let proof = Proof::NestedBlock {
                inner: time,
                delayed: open.delayed.len() as u64,
            };
            let claim = Claim::new(Some(open.outer), Spot::exact(open.inner.at), proof)
                .cost(time)
                .evidence([open.inner.event, step.position()]);
            claims.push(claim);
        }
    }

    /// Whether an inner loop has begun and ended in the open poll of a task.
    #[inline]
    pub(in crate::insight::findings) fn is_inside(&self, task: TaskId) -> bool {
        self.inside.is_some_and(|inner| inner.task != task)
    }

    /// A poll ends that has held the loop: claims an inner loop whose whole life was in it. Returns
    /// whether there was one.
    pub(in crate::insight::findings) fn held(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        delayed: u64,
        claims: &mut Claims,
    ) -> bool {
        let Some(inner) = self.inside.take() else {
            return false;
        };
        let took = poll.took(step);
        if took < self.inner || delayed == 0 {
            return false;
        }
        let proof = Proof::NestedBlock {
            inner: took,
            delayed,
        };
        let claim = Claim::new(poll.task, Spot::exact(inner.at), proof)
            .cost(took)
            .evidence([inner.event, step.position()]);
        claims.push(claim);
        true
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.spawned = None;
        self.inside = None;
        self.open.clear();
    }
}
