//! Whether a run that has not ended hangs.

use crate::insight::id_map::{IdMap, IdSet};

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
    /// Tasks wait for each other, and no other one runs. The loop waits for I/O that could start one.
    Circle,
    /// The loop waits without a deadline, and for no I/O. Another thread, a signal or a child process
    /// could still wake a task.
    Idle,
    /// The loop waits as in [`Hang::Idle`], beside another thread that runs. It has not woken a task for long.
    BesideThread,
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
        if !waits_for_nothing_outside(state) {
            if state.callbacks.is_empty() && !waiting_in_circles(state).is_empty() {
                return Some(Hang::Circle);
            }
            return main_waits_for_peer(state).then_some(Hang::Silent);
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

/// Whether the program has another thread that may wake a task. A thread whose job is recorded is not counted.
pub(super) fn has_other_threads(state: &State) -> bool {
    let mut resources = state.resources.values();
    resources.any(|resource| resource.kind == ResourceKind::Thread)
}

/// Whether no callback is ready, and nothing outside of the program is waited for.
pub(super) fn waits_for_nothing_outside(state: &State) -> bool {
    let mut resources = state.resources.values();
    let waits_outside = resources.any(|resource| {
        let is_outside = matches!(
            resource.kind,
            ResourceKind::Listener | ResourceKind::Stream | ResourceKind::Child
        );
        (is_outside && !resource.closed) || resource.in_flight > 0
    });
    state.callbacks.is_empty() && !waits_outside
}

/// Whether the main task waits for tasks that wait for each other. It then ends only if something else
/// cancels one of them.
pub fn main_waits_in_a_circle(state: &State) -> bool {
    let main = state.tasks.get(TaskId(0));
    let may_wait = main.is_some_and(|main| {
        matches!(
            main.wait,
            Wait::Join(_) | Wait::All(_) | Wait::Any(_) | Wait::Acquire(_)
        )
    });
    state.outcome.is_none() && may_wait && waiting_in_circles(state).contains(&TaskId(0))
}

/// The tasks that wait for each other: what each of them waits for only others of them can give. None
/// of them has a timer, which may be the limit of its wait.
fn waiting_in_circles(state: &State) -> IdSet<TaskId> {
    // A timer that no task has set may run a callback that cancels one.
    let Some(limited) = state.timers.values().map(|timer| timer.task).collect() else {
        return IdSet::default();
    };
    let limited: IdSet<TaskId> = limited;
    let mut waiting: IdMap<TaskId, Vec<TaskId>> = IdMap::default();
    let mut groups = 0;
    for (task, row) in state.tasks.unfinished().take(SEARCHED) {
        groups += usize::from(matches!(row.wait, Wait::All(_) | Wait::Any(_)));
        let is_pending = row.status() == Status::Pending && row.also == 0;
        if is_pending && groups <= GROUPS && !limited.contains(&task) {
            waiting.insert(task, needed_for(state, row.wait));
        }
    }
    let mut waiters: IdMap<TaskId, Vec<TaskId>> = IdMap::default();
    let mut continues = Vec::new();
    for (task, needed) in &waiting {
        if needed.is_empty() || needed.iter().any(|task| !waiting.contains_key(task)) {
            continues.push(*task);
        }
        for other in needed {
            waiters.entry(*other).or_default().push(*task);
        }
    }
    while let Some(task) = continues.pop() {
        if waiting.remove(&task).is_some() {
            continues.extend(waiters.remove(&task).unwrap_or_default());
        }
    }
    waiting.into_keys().collect()
}

/// The tasks of which only all together can keep a wait from its end: none if others may end it.
fn needed_for(state: &State, wait: Wait) -> Vec<TaskId> {
    match wait {
        Wait::Join(task) => vec![task],
        Wait::All(group) | Wait::Any(group) => {
            let members = state.members(group);
            let unfinished = members.filter(|(_, row)| !row.status().ended());
            let unfinished: Vec<TaskId> = unfinished.map(|(task, _)| task).collect();
            // A task that became a member of another group since is not among them.
            let progress = state.group(group).unwrap_or_default();
            let all_are_known = unfinished.len() == (progress.total - progress.ended) as usize;
            if all_are_known {
                unfinished
            } else {
                Vec::new()
            }
        }
        Wait::Acquire(id) => {
            // Only a lock is certain to be released by the task that holds it.
            let lock = state.resource(id);
            let is_lock = lock.is_some_and(|lock| lock.kind == ResourceKind::Lock);
            let held = state.holdings.of(id).filter(|_| is_lock);
            held.map(|held| held.task).collect()
        }
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Operation(_) => Vec::new(),
    }
}

/// The most unfinished tasks that are looked at, and the most groups of tasks: for each of these all tasks
/// are looked at.
const SEARCHED: usize = 4096;
const GROUPS: usize = 16;

/// How long cancelled tasks may clean up after main has ended, or while it waits for them.
const CLEAN_UP: Span = Span(5_000_000_000);

/// Whether the main task has ended long ago, or has waited for long for other tasks, and a task that was cancelled
/// still runs: any task after the end of main, or else one that main waits for. The loop waits for it, and perhaps
/// for ever.
pub fn ignores_cancellation(state: &State) -> bool {
    let Some(main) = state.tasks.get(TaskId(0)) else {
        return false;
    };
    if state.outcome.is_some() || state.now().since(main.since) < CLEAN_UP {
        return false;
    }
    if main.status().ended() {
        let mut rows = state.tasks.unfinished();
        return rows.any(|(_, row)| row.cancel_requested());
    }
    let goes_on = |row: &TaskState| {
        !row.status().ended() && row.cancel_requested() && !row.is_being_cancelled()
    };
    match main.wait {
        _ if main.status() != Status::Pending || main.also > 0 => false,
        Wait::Join(task) => state.tasks.get(task).is_some_and(goes_on),
        Wait::All(group) | Wait::Any(group) => {
            let mut left = state
                .members(group)
                .filter(|(_, row)| !row.status().ended());
            let first = left.next();
            first.is_some_and(|(_, row)| goes_on(row)) && left.all(|(_, row)| goes_on(row))
        }
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Acquire(_)
        | Wait::Operation(_) => false,
    }
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
    use std::time::Duration;

    use crate::insight::findings::{Findings, Limits};
    use crate::trace::{LocationId, Log, PollOutcome, ResourceId, ResourceOp, TimerId, Writer};

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

    /// Why a loop hangs that waits for connections, if main waits for a group of two tasks, and each of
    /// these for this.
    fn hang_of_members(waits: [Wait; 2]) -> (Option<Hang>, bool) {
        let mut to = Writer::new();
        let name = to.intern("task");
        for _ in 0..3 {
            to.spawn(name, LocationId::UNKNOWN, false);
        }
        let kinds = [
            ResourceKind::Listener,
            ResourceKind::Lock,
            ResourceKind::Group,
        ];
        for (id, kind) in (0..).map(ResourceId).zip(kinds) {
            to.poll_start(TaskId(0));
            to.resource_new(id, kind, name, LocationId::UNKNOWN, 1);
            to.poll_end(PollOutcome::Pending, 10);
        }
        for (task, wait) in (1..).map(TaskId).zip(waits) {
            to.member(ResourceId(2), task);
            to.poll_start(task);
            if task == TaskId(1) {
                to.used(ResourceId(1), ResourceOp::Acquired, 1);
            }
            to.wait(wait, LocationId::UNKNOWN, false);
            to.poll_end(PollOutcome::Pending, 10);
        }
        to.poll_start(TaskId(0));
        to.wait(Wait::All(ResourceId(2)), LocationId::UNKNOWN, false);
        to.poll_end(PollOutcome::Pending, 10);
        to.park(None);
        let replay = Replay::new(Log {
            bytes: to.take(),
            ..Log::default()
        });
        let hang = Hang::of(&replay, &FindingsReport::default());
        (hang, main_waits_in_a_circle(replay.index().head()))
    }

    #[test]
    fn tasks_that_wait_for_each_other_hang_although_a_server_listens() {
        let lock = Wait::Acquire(ResourceId(1));
        assert_eq!(
            hang_of_members([join(2), join(1)]),
            (Some(Hang::Circle), true)
        );
        assert_eq!(hang_of_members([lock, lock]), (Some(Hang::Circle), true));
        let outside = Wait::Operation(ResourceId(0));
        assert_eq!(hang_of_members([outside, lock]), (None, false));
        // The first one waits for itself, and the second one may still fail, which main would notice.
        assert_eq!(
            hang_of_members([lock, outside]),
            (Some(Hang::Circle), false)
        );
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

    /// A loop that is parked without a deadline beside a thread, while its main task waits for a message of
    /// a channel that only main has.
    fn idle_beside_a_thread(has_ended: bool) -> Replay {
        let mut to = Writer::new();
        let name = to.intern("worker");
        to.spawn(name, LocationId::UNKNOWN, false);
        to.poll_start(TaskId(0));
        let (channel, thread) = (ResourceId(0), ResourceId(1));
        to.resource_new(channel, ResourceKind::Channel, name, LocationId::UNKNOWN, 0);
        to.used(channel, ResourceOp::Sent, 1);
        to.used(channel, ResourceOp::Received, 0);
        to.wait(Wait::Receive(channel), LocationId::UNKNOWN, false);
        to.poll_end(PollOutcome::Pending, 10);
        to.resource_new(thread, ResourceKind::Thread, name, LocationId::UNKNOWN, 0);
        if has_ended {
            to.resource_dropped(thread);
        }
        to.park(None);
        Replay::new(Log {
            bytes: to.take(),
            ..Log::default()
        })
    }

    #[test]
    fn a_task_that_a_running_thread_may_wake_is_not_stuck() {
        let limits = Limits::default();
        let rules = |report: FindingsReport| -> Vec<(Rule, Severity)> {
            let rules = report.all().map(|finding| (finding.rule, finding.severity));
            rules.collect()
        };
        let replay = idle_beside_a_thread(false);
        let report = Findings::of(&replay, &limits);
        assert_eq!(Hang::of(&replay, &report), Some(Hang::Idle));
        assert_eq!(rules(report), []);
        let of = |hang| rules(Findings::of_hang(&replay, &limits, (hang, Duration::MAX)));
        let stuck = (Rule::SenderAlive, Severity::Error);
        assert!(of(Hang::Idle).contains(&stuck), "{:?}", of(Hang::Idle));
        assert_eq!(of(Hang::BesideThread), [(Rule::Stalled, Severity::Warning)]);

        let replay = idle_beside_a_thread(true);
        let report = Findings::of(&replay, &limits);
        assert_eq!(Hang::of(&replay, &report), Some(Hang::Proven));
        assert!(rules(report).contains(&stuck));
    }

    #[test]
    fn a_main_task_that_waits_for_its_peer_alone_may_wait_for_ever() {
        assert_eq!(hang_beside(ResourceKind::Lock, false), Some(Hang::Silent));
        assert_eq!(hang_beside(ResourceKind::Stream, false), Some(Hang::Silent));
        assert_eq!(hang_beside(ResourceKind::Listener, false), None);
        assert_eq!(hang_beside(ResourceKind::Lock, true), None);
    }
}
