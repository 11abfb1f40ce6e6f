//! Whether a run that has not ended hangs.

use crate::insight::id_map::IdSet;

use crate::replay::{Replay, State, Status, TaskState, TickPhase};
use crate::trace::{ResourceKind, Span, TaskId, Wait};

use super::{
    detect::peers::{awaited_stream, main_waits_for},
    report::FindingsReport,
    rule::{Rule, Severity},
};

/// Why a run that has not ended is taken to hang.
/// The later ones are weaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hang {
    /// The trace proves that no task can run again.
    Proven,
    /// The loop waits without a deadline, and for no I/O. Another thread, a signal or a child process
    /// could still wake a task.
    Idle,
    /// The main task waits for bytes of a connection without a limit, and nothing else can wake a task. The
    /// peer may still send some.
    Silent,
}

impl Hang {
    /// Whether a run hangs at the end of what is recorded of it. `report` is what is wrong up to there.
    pub fn of(replay: &Replay, report: &FindingsReport) -> Option<Hang> {
        let state = replay.index().head();
        if state.outcome.is_some() || state.phase != TickPhase::Parked || !waits_for_events(state) {
            return None;
        }
        if main_waits_for_peer(state) {
            return Some(Hang::Silent);
        }
        if !waits_for_nothing_outside(state) {
            return None;
        }
        let mut findings = report.all();
        let is_proven = findings
            .any(|finding| is_about_a_hang(finding.rule) && finding.severity == Severity::Error);
        Some(if is_proven { Hang::Proven } else { Hang::Idle })
    }
}

/// Whether all tasks wait, and none of them for a timer.
fn waits_for_events(state: &State) -> bool {
    let mut unfinished = state.tasks.unfinished();
    state.timers.is_empty() && unfinished.all(|(_, row)| row.status() == Status::Pending)
}

/// Whether all tasks wait, and none of them for a timer or for I/O.
pub(super) fn waits_for_itself(state: &State) -> bool {
    waits_for_events(state) && waits_for_nothing_outside(state)
}

/// Whether the main task waits for bytes of a connection, by itself or through a task that it joins, and
/// the only operations under way are those of connections.
fn main_waits_for_peer(state: &State) -> bool {
    let mut resources = state.resources.values();
    let only_connections = resources.all(|resource| {
        let is_other = matches!(resource.kind, ResourceKind::Listener | ResourceKind::Child);
        resource.kind == ResourceKind::Stream || (resource.in_flight == 0 && !is_other)
    });
    let mut rows = state.tasks.unfinished().take(SEARCHED);
    state.callbacks.is_empty()
        && only_connections
        && rows
            .any(|(task, row)| awaited_stream(state, row).is_some() && main_waits_for(state, task))
}

/// Whether no callback is ready, and nothing outside of the program is waited for.
pub(super) fn waits_for_nothing_outside(state: &State) -> bool {
    let mut resources = state.resources.values();
    let waits_outside = resources.any(|resource| {
        let is_outside = matches!(
            resource.kind,
            ResourceKind::Listener | ResourceKind::Stream | ResourceKind::Child
        );
        is_outside || resource.in_flight > 0
    });
    state.callbacks.is_empty() && !waits_outside
}

/// Whether the main task waits for tasks that wait for each other, and none of them has a timer that
/// may be the limit of its wait. Main then ends only if something else cancels one of them.
pub fn main_waits_in_a_circle(state: &State) -> bool {
    let mut chain = IdSet::default();
    let mut next = Some(TaskId(0));
    while let Some(task) = next {
        if !chain.insert(task) {
            let in_chain = |task: TaskId| chain.contains(&task);
            let mut timers = state.timers.values();
            // A timer that no task has set may run a callback that cancels one.
            return state.outcome.is_none() && timers.all(|timer| !timer.task.is_none_or(in_chain));
        }
        next = joined(state, task);
    }
    false
}

/// The task for which alone a task waits.
fn joined(state: &State, task: TaskId) -> Option<TaskId> {
    let row = state.tasks.get(task)?;
    if let Wait::Join(joined) = row.wait
        && row.status() == Status::Pending
        && row.also == 0
    {
        return Some(joined);
    }
    None
}

/// The most unfinished tasks that are looked at.
const SEARCHED: usize = 4096;

/// How long cancelled tasks may clean up after main has ended.
const CLEAN_UP: Span = Span(5_000_000_000);

/// Whether the main task has ended long ago, and a task that was cancelled still runs. The loop waits for
/// it, and perhaps for ever.
pub fn ignores_cancellation(state: &State) -> bool {
    let main = state.tasks.get(TaskId(0));
    let ended = main.filter(|row| row.status().ended());
    let is_long_ago = |row: &TaskState| state.now().since(row.since) >= CLEAN_UP;
    state.outcome.is_none()
        && ended.is_some_and(is_long_ago)
        && state
            .tasks
            .unfinished()
            .any(|(_, row)| row.cancel_requested())
}

fn is_about_a_hang(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::SelfDeadlock
            | Rule::JoinCycle
            | Rule::LockOrder
            | Rule::ChanDeadlock
            | Rule::SenderAlive
            | Rule::LostWakeup
            | Rule::Deadlock
            | Rule::Stalled
    )
}

#[cfg(test)]
mod tests {
    use crate::trace::{LocationId, Log, PollOutcome, ResourceId, TimerId, Writer};

    use super::*;

    fn join(task: u32) -> Wait {
        Wait::Join(TaskId(task))
    }

    /// Whether main waits in a circle if each task waits for one of these, from the first task on. With a
    /// limit, the first task sets a timer.
    fn waits_in_a_circle(waits: &[Wait], has_limit: bool) -> bool {
        let mut to = Writer::new();
        let name = to.intern("task");
        for _ in waits {
            to.spawn(name, LocationId::UNKNOWN, false);
        }
        for (task, wait) in (0..).map(TaskId).zip(waits) {
            to.poll_start(task);
            if has_limit && task == TaskId(0) {
                to.timer_set(TimerId(0), 1_000);
            }
            to.wait(*wait, LocationId::UNKNOWN, false);
            to.poll_end(PollOutcome::Pending, 10);
        }
        let replay = Replay::new(Log {
            bytes: to.take(),
            ..Log::default()
        });
        main_waits_in_a_circle(replay.index().head())
    }

    fn is_circle(last: Wait) -> bool {
        waits_in_a_circle(&[join(1), join(2), last], false)
    }

    #[test]
    fn main_waits_in_a_circle_only_if_each_task_waits_for_the_next() {
        assert!(is_circle(Wait::Join(TaskId(1))));
        assert!(is_circle(Wait::Join(TaskId(0))));
        assert!(is_circle(Wait::Join(TaskId(2))));
        assert!(!is_circle(Wait::Timer(TimerId(0))));
        assert!(!is_circle(Wait::Unknown));
    }

    #[test]
    fn a_long_chain_is_no_circle() {
        let waits: Vec<Wait> = (1..=2_000).map(join).collect();
        assert!(!waits_in_a_circle(&waits, false));
        assert!(!waits_in_a_circle(&[], false));
    }

    #[test]
    fn a_limit_may_end_a_circle() {
        assert!(waits_in_a_circle(&[join(1), join(0)], false));
        assert!(!waits_in_a_circle(&[join(1), join(0)], true));
    }

    /// Why a loop that is parked without a deadline hangs, if its main task reads from a connection, and
    /// there is another resource of this kind.
    fn hang_beside(other: ResourceKind, has_timer: bool) -> Option<Hang> {
        let mut to = Writer::new();
        let name = to.intern("main");
        to.spawn(name, LocationId::UNKNOWN, false);
        to.poll_start(TaskId(0));
        for (id, kind) in [(0, ResourceKind::Stream), (1, other)] {
            to.resource_new(ResourceId(id), kind, name, LocationId::UNKNOWN, 0);
        }
        if has_timer {
            to.timer_set(TimerId(0), 1_000);
        }
        to.wait(Wait::Operation(ResourceId(0)), LocationId::UNKNOWN, false);
        to.poll_end(PollOutcome::Pending, 10);
        to.park(None);
        let replay = Replay::new(Log {
            bytes: to.take(),
            ..Log::default()
        });
        Hang::of(&replay, &FindingsReport::default())
    }

    #[test]
    fn a_main_task_that_waits_for_its_peer_alone_may_wait_for_ever() {
        assert_eq!(hang_beside(ResourceKind::Lock, false), Some(Hang::Silent));
        assert_eq!(hang_beside(ResourceKind::Stream, false), Some(Hang::Silent));
        assert_eq!(hang_beside(ResourceKind::Listener, false), None);
        assert_eq!(hang_beside(ResourceKind::Lock, true), None);
    }
}
