//! `unpolled`: a future that is held and not polled although its timer has fired, or its I/O is ready.
//!
//! A task that awaits several futures at once declares a wait for each. A task that holds a started
//! future and awaits something else declares only the other wait. So what a task has declared in its
//! last poll tells which of its timers it would notice. A timer of a task that fires while the task is
//! suspended for something else shows that a future is held: one of a `FuturesUnordered`, one that was
//! pinned before a loop, one behind an `&mut` in a select.
//!
//! What happens then proves that the future is not polled:
//!
//! * *No wake.* The firing does not wake the task.
//! * *A wake without effect.* It does, and the task suspends again at once at the same wait, which
//!   is for a timer that it set later. It has used nothing and set no other timer.
//!
//! I/O tells it in the same way: it wakes a task that waits for a timer, while an operation that the task had
//! waited for is still in flight. The wake has no effect, and the task then awaits that timer alone.
//!
//! The future is unpolled at least until the other wait ends. This is claimed only of a task that waits
//! for one thing, which is known: a combinator that polls only the woken ones of its futures does not
//! declare the others again.
//!
//! A periodic timer whose task is busy for a moment is no mistake. It is known by its next deadline,
//! which is counted from the last deadline and not from now.

use crate::insight::id_map::{IdMap, IdSet};
use crate::insight::language::Language;
use crate::replay::{EventStep, TaskState};
use crate::trace::{
    LocationId, Moment, Position, ResourceId, Span, TaskId, TimerId, Wait, WokenBy,
};

use super::{
    super::{
        claim::{Claim, Claims, Spot},
        limits::Limits,
        proof::Proof,
        rule::{Rule, Severity},
    },
    open_poll::OpenPoll,
};

/// A single future that is unpolled for a shorter time is not harm by itself.
const LONG: Span = Span(1_000_000_000);

/// The most tasks that are followed.
const TASKS: usize = 65_536;

/// The most waits of one task that are kept.
const WAITS: usize = 64;

/// The most operations of one task that are kept.
const OPERATIONS: usize = 16;

/// Looks for futures that are not polled.
#[derive(Debug)]
pub(in crate::insight::findings) struct UnpolledDetector {
    late: Span,
    /// What each task has declared besides its last wait, since it last declared a first one.
    declared: IdMap<TaskId, Vec<Wait>>,
    /// The timers that have fired for futures that their task did not poll then.
    fired: IdMap<TaskId, FiredTimer>,
    /// The operations for which each task has waited, the last one at the end.
    operations: IdMap<TaskId, Vec<ResourceId>>,
    /// The tasks with a periodic timer.
    periodic: IdSet<TaskId>,
    /// How often futures were found unpolled at each place.
    times: IdMap<LocationId, u64>,
    /// A timer that has fired a moment ago; a wake by it may follow.
    last: Option<TaskId>,
}

/// The first of the timers of a task that have fired unnoticed, or the I/O that was ready unnoticed.
#[derive(Clone, Copy, Debug)]
struct FiredTimer {
    at: Moment,
    event: Position,
    /// The other wait, for which the task is suspended.
    wait: Wait,
    spot: Spot,
    /// When the timer was set, and its deadline.
    set: Moment,
    deadline: Moment,
    /// How many timers have fired since.
    timers: u64,
}

impl UnpolledDetector {
    pub(in crate::insight::findings) fn new(limits: &Limits) -> UnpolledDetector {
        UnpolledDetector {
            late: limits.span(Rule::Unpolled, "late"),
            declared: IdMap::default(),
            fired: IdMap::default(),
            operations: IdMap::default(),
            periodic: IdSet::default(),
            times: IdMap::default(),
            last: None,
        }
    }

    /// A task declares a wait; with `also`, in addition to another one of the same poll.
    #[inline]
    pub(in crate::insight::findings) fn declares(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        on: Wait,
        also: bool,
    ) {
        if let Wait::Operation(operation) = on
            && self.operations.len() < TASKS
        {
            let known = self.operations.entry(task).or_default();
            if known.last() != Some(&operation) {
                known.retain(|known| *known != operation);
                if known.len() >= OPERATIONS {
                    known.remove(0);
                }
                known.push(operation);
            }
        }
        if !also {
            if !self.declared.is_empty() {
                self.declared.remove(&task);
            }
        } else if self.declared.len() < TASKS
            && let Some(row) = step.before.tasks.get(task)
        {
            let declared = self.declared.entry(task).or_default();
            for wait in [row.wait, on] {
                if declared.len() < WAITS && !declared.contains(&wait) {
                    declared.push(wait);
                }
            }
        }
    }

    /// A timer fires.
    #[inline]
    pub(in crate::insight::findings) fn timer_fired(
        &mut self,
        step: &EventStep<'_>,
        timer: TimerId,
    ) {
        self.last = None;
        let Some(state) = step.before.timer(timer) else {
            return;
        };
        let Some(task) = state.task else {
            return;
        };
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        if row.wait == Wait::Timer(timer) || row.phase.queued() || row.status().ended() {
            return;
        }
        if !self.periodic.contains(&task) {
            self.unnoticed(step, task, row, (timer, state.set_at, state.deadline));
        }
    }

    #[inline(never)]
    fn unnoticed(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        row: &TaskState,
        (timer, set, deadline): (TimerId, Moment, Moment),
    ) {
        let is_declared = self.declared.get(&task).is_some_and(|declared| {
            declared.len() >= WAITS || declared.contains(&Wait::Timer(timer))
        });
        let is_known = match row.wait {
            Wait::Timer(_)
            | Wait::Operation(_)
            | Wait::Join(_)
            | Wait::Send(_)
            | Wait::Acquire(_) => row.also == 0,
            Wait::Unknown | Wait::Yield | Wait::Receive(_) | Wait::All(_) | Wait::Any(_) => false,
        };
        if is_declared || !is_known || set > row.since {
            return;
        }
        self.last = Some(task);
        let fired = FiredTimer {
            at: step.at(),
            event: step.position(),
            wait: row.wait,
            spot: Spot::of_wait(row),
            set,
            deadline,
            timers: 0,
        };
        self.fired.entry(task).or_insert(fired).timers += 1;
    }

    /// A task is woken by a timer.
    #[inline]
    pub(in crate::insight::findings) fn woken(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        by: WokenBy,
    ) {
        if by == WokenBy::Io && !self.operations.is_empty() {
            self.woken_by_io(step, task);
        }
        if self.last.take() != Some(task) || !matches!(by, WokenBy::Timer(_)) {
            return;
        }
        // It may notice the timer after all, unless it awaits a later timer of its own alone.
        let later = self.fired.get(&task).is_some_and(|fired| {
            let Wait::Timer(timer) = fired.wait else {
                return false;
            };
            step.before
                .timer(timer)
                .is_some_and(|other| other.set_at >= fired.set)
        });
        if !later {
            self.fired.remove(&task);
        }
    }

    /// A task that waits for a timer is woken by an operation, which it may not await now.
    fn woken_by_io(&mut self, step: &EventStep<'_>, task: TaskId) {
        let Some(row) = step.before.tasks.get(task) else {
            return;
        };
        let is_timer = matches!(row.wait, Wait::Timer(_));
        let operations = self.operations.get(&task).filter(|_| is_timer);
        let mut resources = operations
            .into_iter()
            .flatten()
            .filter_map(|operation| step.before.resource(*operation));
        if resources.any(|resource| resource.in_flight > 0) {
            let ready = FiredTimer {
                at: step.at(),
                event: step.position(),
                wait: row.wait,
                spot: Spot::of_wait(row),
                set: step.at(),
                deadline: step.at(),
                timers: 1,
            };
            self.fired.entry(task).or_insert(ready);
        }
    }

    /// A task sets a timer. The next deadline of a periodic one is counted from the last one.
    #[inline]
    pub(in crate::insight::findings) fn timer_set(
        &mut self,
        step: &EventStep<'_>,
        task: TaskId,
        deadline: Moment,
    ) {
        if self.fired.is_empty() {
            return;
        }
        if let Some(fired) = self.fired.get(&task) {
            let late = step.at().since(fired.deadline);
            let period = fired.deadline.since(fired.set);
            let next = deadline.since(fired.deadline);
            let from_last = next.nanos().abs_diff(period.nanos());
            if from_last < late.nanos() / 2 {
                self.periodic.insert(task);
                self.fired.remove(&task);
            }
        }
    }

    /// A poll of a task ends: the wait was over, unless the poll has had no effect.
    #[inline]
    pub(in crate::insight::findings) fn poll_ended(
        &mut self,
        step: &EventStep<'_>,
        poll: &OpenPoll,
        pending: bool,
        claims: &mut Claims,
    ) {
        if self.fired.is_empty() {
            return;
        }
        let Some(task) = poll.task else {
            return;
        };
        let Some(fired) = self.fired.get(&task).copied() else {
            return;
        };
        let row = step.before.tasks.get(task).filter(|_| pending);
        let is_same = row.is_some_and(|row| row.wait == fired.wait && row.also == 0);
        if is_same && poll.progress == 0 {
            return;
        }
        self.fired.remove(&task);
        let late = poll.from.since(fired.at);
        let is_rust = Language::Rust.for_run(step.replay) == Language::Rust;
        if late < self.late || !is_rust {
            return;
        }
        let times = self.times.entry(fired.spot.at).or_default();
        *times += 1;
        let is_harm = late >= LONG || *times > 1;
        let severity = if is_harm {
            Severity::Warning
        } else {
            Severity::Info
        };
        let proof = Proof::Unpolled {
            late,
            futures: fired.timers,
        };
        let claim = Claim::new(Some(task), fired.spot, proof)
            .severity(severity)
            .cost(late)
            .evidence([fired.event, poll.started]);
        claims.push(claim);
    }

    /// A task has ended.
    #[inline]
    pub(in crate::insight::findings) fn ended(&mut self, task: TaskId) {
        if !self.declared.is_empty() {
            self.declared.remove(&task);
        }
        if !self.periodic.is_empty() {
            self.periodic.remove(&task);
        }
        if !self.operations.is_empty() {
            self.operations.remove(&task);
        }
    }

    pub(in crate::insight::findings) fn gap(&mut self) {
        self.declared.clear();
        self.operations.clear();
        self.fired.clear();
        self.last = None;
    }
}
