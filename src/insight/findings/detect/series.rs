//! `sequential`: waits of one kind of one task in one function, one after the other, while nothing else
//! runs.
//!
//! The tasks of a server in the same program do not count as something else: those that accept
//! connections, and those that serve them.

use crate::insight::id_map::{IdMap, IdSet};

use crate::replay::{EventStep, Running, State};
use crate::trace::{LocationId, Moment, Position, ResourceKind, Span, TaskId, Wait};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::Proof,
        rule::Rule,
    },
    frames,
    open_poll::OpenPoll,
};

/// The most tasks whose waits are compared.
const TASKS: usize = 65_536;

/// Looks for waits that come one after the other.
#[derive(Debug)]
pub(in crate::insight::findings) struct SeriesDetector {
    waits: u64,
    total: Span,
    rows: IdMap<TaskId, WaitRow>,
    /// The tasks of servers that have not ended.
    server_tasks: IdSet<TaskId>,
}

/// The last waits of a task.
#[derive(Clone, Copy, Debug)]
struct WaitRow {
    at: LocationId,
    /// Another place in the same function, if the waits are not at one place.
    other: LocationId,
    kind: WaitKind,
    waits: u64,
    total: Span,
    since: Moment,
    /// Where the task waits now, and where it has waited longest.
    now_at: LocationId,
    longest: (Span, LocationId),
    /// How often it has waited at that place.
    again: u64,
    first: Position,
    last: Position,
}

impl WaitRow {
    /// The place of one of the waits in the function that all of them are made from.
    fn place(&self, step: &EventStep<'_>, at: LocationId) -> LocationId {
        frames::in_function_of(step.tables(), at, self.at).unwrap_or(at)
    }
}

/// The kinds of waits that could overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WaitKind {
    Timer,
    Join,
    Operation,
}

impl WaitKind {
    fn of(wait: Wait) -> Option<WaitKind> {
        match wait {
            Wait::Timer(_) => Some(WaitKind::Timer),
            Wait::Join(_) => Some(WaitKind::Join),
            Wait::Operation(_) => Some(WaitKind::Operation),
            Wait::Unknown
            | Wait::Yield
            | Wait::Send(_)
            | Wait::Receive(_)
            | Wait::Acquire(_)
            | Wait::All(_)
            | Wait::Any(_) => None,
        }
    }
}

impl SeriesDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> SeriesDetector {
        SeriesDetector {
            waits: limits.count(Rule::Sequential, "waits"),
            total: limits.span(Rule::Sequential, "total"),
            rows: IdMap::default(),
            server_tasks: IdSet::default(),
        }
    }

    /// A task is spawned. A task that a callback of the loop has spawned serves a connection in asyncio.
    pub(in crate::insight::findings) fn spawned(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        parent: Option<TaskId>,
    ) {
        let serves = match parent {
            Some(parent) => self.server_tasks.contains(&parent),
            None => matches!(step.before.running, Running::Callback(..)),
        };
        if serves && self.server_tasks.len() < TASKS {
            self.server_tasks.insert(task);
        }
    }

    /// A task accepts a connection, or waits for one.
    pub(in crate::insight::findings) fn accepts(&mut self, task: TaskId) {
        if task != TaskId(0) && self.server_tasks.len() < TASKS {
            self.server_tasks.insert(task);
        }
    }

    /// Whether a task belongs to a server in the program.
    pub(in crate::insight::findings) fn serves(&self, task: TaskId) -> bool {
        self.server_tasks.contains(&task)
    }

    /// How many unfinished tasks count beside a task, itself included: those of servers only beside one
    /// of them.
    fn tasks(&self, state: &State, task: TaskId) -> usize {
        if self.server_tasks.contains(&task) {
            return state.unfinished();
        }
        state.unfinished().saturating_sub(self.server_tasks.len())
    }

    /// A task suspends. Only the waits of a task that is alone with the one that it joins count.
    #[inline]
    pub(in crate::insight::findings) fn suspended(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        wait: Wait,
        at: LocationId,
        claims: &mut Claims,
    ) {
        if accepts(step.before, wait) {
            self.accepts(task);
        }
        let kind = WaitKind::of(wait);
        let most = if kind == Some(WaitKind::Join) { 2 } else { 1 };
        let alone = self.tasks(step.before, task) <= most;
        match kind {
            Some(kind) if alone => self.waits(step, task, kind, at, claims),
            Some(_) | None if self.rows.is_empty() => {}
            Some(_) | None => self.end(task, claims),
        }
    }

    fn waits(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        kind: WaitKind,
        at: LocationId,
        claims: &mut Claims,
    ) {
        let known = self.rows.get_mut(&task).filter(|row| row.kind == kind);
        if let Some(row) = known
            && let Some(common) = frames::common(step.tables(), row.at, at)
        {
            if common != at {
                row.other = at;
            }
            if common != row.at {
                row.at = common;
                row.longest.1 = row.place(step, row.longest.1);
            }
            row.now_at = at;
            row.since = step.at();
            return;
        }
        self.end(task, claims);
        if self.rows.len() < TASKS {
            let row = WaitRow {
                at,
                other: LocationId::UNKNOWN,
                kind,
                waits: 0,
                total: Span::ZERO,
                since: step.at(),
                now_at: at,
                longest: (Span::ZERO, at),
                again: 0,
                first: step.position(),
                last: step.position(),
            };
            self.rows.insert(task, row);
        }
    }

    /// A task is polled again.
    #[inline]
    pub(in crate::insight::findings) fn resumed(&mut self, step: &EventStep<'_>, poll: &OpenPoll) {
        if self.rows.is_empty() {
            return;
        }
        let row = poll.task.and_then(|task| self.rows.get_mut(&task));
        if let Some(row) = row
            && WaitKind::of(poll.waited) == Some(row.kind)
        {
            let took = step.at().since(row.since);
            row.waits += 1;
            row.total += took;
            let place = row.place(step, row.now_at);
            row.again += u64::from(place == row.longest.1);
            if took > row.longest.0 {
                row.again = if place == row.longest.1 { row.again } else { 1 };
                row.longest = (took, place);
            }
            row.last = step.position();
        }
    }

    /// The waits of a task are over: it has ended, or its next wait is another one.
    fn end(&mut self, task: TaskId, claims: &mut Claims) {
        if let Some(row) = self.rows.remove(&task) {
            self.claim(task, &row, claims);
        }
    }

    /// A task has ended.
    pub(in crate::insight::findings) fn ended(&mut self, task: TaskId, claims: &mut Claims) {
        self.end(task, claims);
        self.server_tasks.remove(&task);
    }

    /// Events are missing, in which tasks may have ended.
    pub(in crate::insight::findings) fn gap(&mut self) {
        self.server_tasks.clear();
    }

    fn claim(&self, task: TaskId, row: &WaitRow, claims: &mut Claims) {
        if row.waits < self.waits || row.total <= self.total {
            return;
        }
        let proof = Proof::Sequential {
            waits: row.waits,
            total: row.total,
            again: row.again,
        };
        let claim = Claim::new(Some(task), Spot::exact(row.longest.1), proof)
            .cost(row.total)
            .also([row.at, row.other])
            .evidence([row.first, row.last]);
        claims.push(claim);
    }

    /// The waits of the tasks that have not ended.
    pub(in crate::insight::findings) fn conclude(&self, _state: &State, claims: &mut Claims) {
        let mut rows: Vec<(&TaskId, &WaitRow)> = self.rows.iter().collect();
        rows.sort_by_key(|(task, _)| **task);
        for (task, row) in rows {
            self.claim(*task, row, claims);
        }
    }
}

/// Whether a wait is that for the next connection to a listener.
fn accepts(state: &State, wait: Wait) -> bool {
    let Wait::Operation(id) = wait else {
        return false;
    };
    state
        .resource(id)
        .is_some_and(|resource| resource.kind == ResourceKind::Listener)
}
