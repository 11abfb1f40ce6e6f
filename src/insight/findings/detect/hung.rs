//! Waits that cannot end although other tasks still run: `chandeadlock`, `senderalive` and
//! `lostwakeup`.
//!
//! The loop calls a run a deadlock only when nothing at all can run again. A ticker is enough to
//! hide that the rest hangs. This detector looks at the state when the loop parks, at most twice a
//! second of loop time:
//!
//! 1. *What has happened already.* A task waits for a resource that is ready. No task is in the
//!    ready queue, so nothing has woken it. Two looks in a row, and the limit of `lostwakeup`.
//! 2. *What cannot happen.* All tasks that wait for a channel, a lock or another task are taken to be
//!    stuck. Each that an unstuck task could free is taken out again, until none is left: a lock
//!    is freed by its holder, a channel by the tasks that have used its other end. What remains
//!    waits only for tasks that remain too, or that have ended.
//! 3. Another task might still have the other end of a channel, and never have used it. So each
//!    unstuck task must have been polled many times since the wait began without touching the
//!    channel, as a ticker is. One that waits for I/O, or for the first time, leaves it open.
//! 4. A receiver may be idle on purpose. It is a finding only if main waits for it, by itself or
//!    through tasks that it joins.
//!
//! A finding is withdrawn when its task continues without being cancelled.

use crate::insight::id_map::{IdMap, IdSet};

use crate::replay::{State, Status, TaskState};
use crate::trace::{Moment, Position, ResourceKind, Span, TaskId, Wait};

use super::{
    super::{
        claim::{Claim, Claims},
        hang::has_other_threads,
        limits::Limits,
        rule::Rule,
    },
    channels::ResourceUses,
    peers::main_waits_for,
    stuck::Stuck,
    stuck_resources::is_ready_resource,
};

/// How often the state is looked at.
const PERIOD: Span = Span(500_000_000);

/// The most unfinished tasks of a run that is looked at.
const SEARCHED: usize = 1024;

/// How often an unstuck task has to be polled before it counts as one that never uses the channel.
const POLLS: u64 = 5;

/// Looks for waits that cannot end.
#[derive(Debug)]
pub(in crate::insight::findings) struct HungDetector {
    /// How long a task has to wait.
    time: Span,
    looked: Moment,
    /// The waits of the last look, by the event that began each.
    suspects: IdMap<(TaskId, Position), Suspect>,
    found: Vec<(TaskId, Claim)>,
}

/// A wait that may not end.
#[derive(Clone, Debug, Default)]
struct Suspect {
    /// How often each other task had been polled at the first look.
    polls: IdMap<TaskId, u64>,
}

impl HungDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> HungDetector {
        HungDetector {
            time: limits.span(Rule::LostWakeup, "time"),
            looked: Moment::START,
            suspects: IdMap::default(),
            found: Vec::new(),
        }
    }

    /// The loop parks.
    #[inline]
    pub(in crate::insight::findings) fn parked(&mut self, state: &State, uses: &ResourceUses) {
        if state.now().since(self.looked) >= PERIOD {
            self.looked = state.now();
            self.look(state, uses);
        }
    }

    #[inline(never)]
    fn look(&mut self, state: &State, uses: &ResourceUses) {
        let rows: Vec<(TaskId, &TaskState)> = state.tasks.unfinished().take(SEARCHED + 1).collect();
        if rows.len() > SEARCHED
            || state.missing > 0
            || uses.is_used_from_outside()
            || has_other_threads(state)
        {
            self.suspects.clear();
            return;
        }
        let stuck = Stuck::new(state, uses);
        let stuck_tasks = cannot_continue(state, uses, &stuck, &rows);
        let mut suspects = IdMap::default();
        for (task, row) in &rows {
            let has_happened = is_ready(state, row.wait);
            let is_suspect = has_happened || stuck_tasks.contains(task);
            if !is_suspect || !stuck.waits_for_one(*task) {
                continue;
            }
            let key = (*task, row.woken());
            let Some(suspect) = self.suspects.remove(&key) else {
                let polls = rows.iter().map(|(task, row)| (*task, row.polls()));
                let polls = polls.filter(|(task, _)| !stuck_tasks.contains(task));
                let polls = polls.collect();
                suspects.insert(key, Suspect { polls });
                continue;
            };
            let waited = state.now().since(row.since);
            let is_known = self.found.iter().any(|(known, _)| known == task);
            let is_proven = if has_happened {
                waited >= self.time
            } else {
                let others = rows.iter().filter(|(task, _)| !stuck_tasks.contains(task));
                let is_left_out = |(task, row): &(TaskId, &TaskState)| {
                    let before = suspect.polls.get(task);
                    before.is_some_and(|before| row.polls() >= before + POLLS)
                };
                let mut others = others.peekable();
                waited.nanos() >= 2 * self.time.nanos()
                    && others.peek().is_some()
                    && others.all(is_left_out)
                    && (matches!(row.wait, Wait::Send(_)) || main_waits_for(state, *task))
            };
            if is_proven && !is_known && self.found.len() < SEARCHED {
                let claim = stuck.claim(*task, row, &rows);
                self.found.extend(claim.map(|claim| (*task, claim)));
            }
            suspects.insert(key, suspect);
        }
        self.suspects = suspects;
    }

    /// Whether a finding may have to be withdrawn.
    #[inline]
    pub(in crate::insight::findings) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// A task continues without being cancelled.
    pub(in crate::insight::findings) fn continues(&mut self, task: TaskId) {
        self.found.retain(|(found, _)| *found != task);
    }

    /// The findings, apart from those that the state itself proves.
    pub(in crate::insight::findings) fn conclude(&self, claims: &mut Claims) {
        for (_, claim) in &self.found {
            if !claims.has(claim.key()) {
                claims.push(claim.clone());
            }
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.suspects.clear();
        self.found.clear();
    }
}

/// Whether what a task waits for is there.
fn is_ready(state: &State, wait: Wait) -> bool {
    let (Wait::Receive(id) | Wait::Acquire(id)) = wait else {
        return false;
    };
    state.resource(id).is_some_and(|resource| {
        // A semaphore is left out, because a task may wait for more permits than are free. A closed
        // channel without items is left out as well: its receiver may still read the end.
        let is_open = resource.kind != ResourceKind::Semaphore && resource.value > 0;
        is_open && is_ready_resource(state, id)
    })
}

/// The tasks that wait only for each other, or for tasks that have ended.
fn cannot_continue(
    state: &State,
    uses: &ResourceUses,
    stuck: &Stuck<'_>,
    rows: &[(TaskId, &TaskState)],
) -> IdSet<TaskId> {
    let waits = |(task, row): &&(TaskId, &TaskState)| {
        let is_known = match row.wait {
            Wait::Join(_) | Wait::Send(_) | Wait::Receive(_) | Wait::Acquire(_) | Wait::All(_) => {
                true
            }
            Wait::Unknown | Wait::Yield | Wait::Timer(_) | Wait::Operation(_) | Wait::Any(_) => {
                false
            }
        };
        row.status() == Status::Pending && is_known && stuck.waits_for_one(*task)
    };
    let mut left: IdSet<TaskId> = rows.iter().filter(waits).map(|(task, _)| *task).collect();
    loop {
        let is_free = |task: TaskId| {
            let row = state.tasks.get(task);
            row.is_some_and(|row| !row.status().ended()) && !left.contains(&task)
        };
        let freed: Vec<TaskId> = rows
            .iter()
            .filter(|(task, _)| left.contains(task))
            .filter(|(task, row)| match row.wait {
                Wait::Send(id) => match uses.of(id) {
                    Some(known) => known.receivers.iter().any(|other| is_free(*other)),
                    None => true,
                },
                Wait::Receive(id) => match uses.of(id) {
                    Some(known) if !known.senders.is_empty() => {
                        known.senders.iter().any(|other| is_free(*other))
                    }
                    Some(_) | None => true,
                },
                Wait::Unknown
                | Wait::Yield
                | Wait::Timer(_)
                | Wait::Join(_)
                | Wait::Acquire(_)
                | Wait::Operation(_)
                | Wait::All(_)
                | Wait::Any(_) => stuck
                    .next(*task)
                    .is_none_or(|(next, _)| is_free(next) || has_ended(state, next)),
            })
            .map(|(task, _)| *task)
            .collect();
        if freed.is_empty() {
            return left;
        }
        for task in freed {
            left.remove(&task);
        }
    }
}

fn has_ended(state: &State, task: TaskId) -> bool {
    let row = state.tasks.get(task);
    row.is_some_and(|row| row.status().ended())
}
