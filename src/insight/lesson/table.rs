//! The lessons, in their order, and their rules.

use super::{Lesson, measure};

/// The rules, in the order of the lessons. The notes of the narration use the same constants.
pub(in crate::insight) mod rule {
    pub(in crate::insight) const AWAIT_WAITS: &str = "await waits; spawn runs in the background";
    pub(in crate::insight) const SPAWN_FIRST: &str = "spawn first, await later";
    pub(in crate::insight) const NEVER_POLLED: &str = "what is never polled never runs";
    pub(in crate::insight) const SPAWN_QUEUES: &str = "spawn queues a task; it does not start it";
    pub(in crate::insight) const READY_AWAIT: &str = "awaiting something ready does not yield";
    pub(in crate::insight) const ONLY_AWAIT: &str = "only an await yields";
    pub(in crate::insight) const NOT_PARALLEL: &str = "async does not run work in parallel";
    pub(in crate::insight) const SLEEP_MINIMUM: &str = "a sleep is a minimum, not a maximum";
    pub(in crate::insight) const GATHER_WAITS: &str = "gather waits for all, and keeps their order";
    pub(in crate::insight) const ONE_FAILURE: &str = "one failure stops no other task";
    pub(in crate::insight) const ERROR_SEEN: &str = "an error is seen where it is awaited";
    pub(in crate::insight) const MAIN_ENDS: &str = "when main ends, all tasks end";
    pub(in crate::insight) const HANDLE_TYPE: &str =
        "the type of a handle decides what its drop does";
    pub(in crate::insight) const CANCEL_REQUEST: &str =
        "requesting cancellation is not being cancelled";
    pub(in crate::insight) const TIME_LIMIT: &str = "a time limit cannot interrupt a running task";
    pub(in crate::insight) const ACROSS_AWAIT: &str = "anything can change across an await";
    pub(in crate::insight) const SEMAPHORE_SHARED: &str =
        "a semaphore limits the tasks that share it";
    pub(in crate::insight) const LOCK_TWICE: &str = "a lock cannot be taken twice";
    pub(in crate::insight) const UNBOUNDED: &str = "an unbounded queue gives no back-pressure";
    pub(in crate::insight) const SNAPSHOT: &str = "a tick runs a snapshot";
    pub(in crate::insight) const SELECT_LOSER: &str = "the loser of a select is cancelled";
    pub(in crate::insight) const DO_NOT_POLL: &str = "wait for a wake, do not poll";
}

/// All lessons, by number.
pub const LESSONS: &[Lesson] = &[
    Lesson {
        number: 1,
        belief: "`.await` makes it concurrent",
        rule: rule::AWAIT_WAITS,
        shows: "most timers set at once",
        measure: measure::timers_at_once,
    },
    Lesson {
        number: 2,
        belief: "I spawned it, so it is concurrent",
        rule: rule::SPAWN_FIRST,
        shows: "time accept was blocked on a join",
        measure: |replay| measure::time_in_join(replay, "accept"),
    },
    Lesson {
        number: 3,
        belief: "calling it runs it",
        rule: rule::NEVER_POLLED,
        shows: "fate of the future save",
        measure: |replay| measure::fate_of_future(replay, "save"),
    },
    Lesson {
        number: 4,
        belief: "spawn starts it now",
        rule: rule::SPAWN_QUEUES,
        shows: "lines main printed before A started",
        measure: |replay| measure::lines_before_first_poll(replay, "A"),
    },
    Lesson {
        number: 5,
        belief: "every await yields",
        rule: rule::READY_AWAIT,
        shows: "most lines in one poll",
        measure: measure::lines_in_one_poll,
    },
    Lesson {
        number: 6,
        belief: "sleeping the thread is only sleeping",
        rule: rule::ONLY_AWAIT,
        shows: "worst timer delay",
        measure: measure::worst_timer_delay,
    },
    Lesson {
        number: 7,
        belief: "async makes CPU work parallel",
        rule: rule::NOT_PARALLEL,
        shows: "total time",
        measure: measure::total,
    },
    Lesson {
        number: 8,
        belief: "sleep(0.3) wakes at 0.3",
        rule: rule::SLEEP_MINIMUM,
        shows: "worst timer delay",
        measure: measure::worst_timer_delay,
    },
    Lesson {
        number: 9,
        belief: "gather gives results as they finish",
        rule: rule::GATHER_WAITS,
        shows: "longest time a result waited for main",
        measure: measure::longest_unhandled,
    },
    Lesson {
        number: 10,
        belief: "if one fails the others stop",
        rule: rule::ONE_FAILURE,
        shows: "time writer kept running after the failure",
        measure: |replay| measure::outlived(replay, "failing", "writer"),
    },
    Lesson {
        number: 11,
        belief: "a background error is loud",
        rule: rule::ERROR_SEEN,
        shows: "failures that no task awaited",
        measure: measure::unseen_failures,
    },
    Lesson {
        number: 12,
        belief: "background work outlives main",
        rule: rule::MAIN_ENDS,
        shows: "tasks cut off by main's end",
        measure: measure::cut_off,
    },
    Lesson {
        number: 13,
        belief: "a task without a handle keeps running",
        rule: rule::HANDLE_TYPE,
        shows: "polls of beats",
        measure: |replay| measure::polls_and_end(replay, "beats"),
    },
    Lesson {
        number: 14,
        belief: "cancel stops it at once",
        rule: rule::CANCEL_REQUEST,
        shows: "lines of other tasks between request and end",
        measure: measure::lines_while_cancelling,
    },
    Lesson {
        number: 15,
        belief: "a timeout always fires on time",
        rule: rule::TIME_LIMIT,
        shows: "time past the limit",
        measure: measure::worst_overdue,
    },
    Lesson {
        number: 16,
        belief: "one thread, so no races",
        rule: rule::ACROSS_AWAIT,
        shows: "final value",
        measure: |replay| measure::last_value(replay, "balance"),
    },
    Lesson {
        number: 17,
        belief: "the semaphore limits it",
        rule: rule::SEMAPHORE_SHARED,
        shows: "most tasks asleep at once",
        measure: measure::sleeping_at_once,
    },
    Lesson {
        number: 18,
        belief: "I hold the lock, so I can take it again",
        rule: rule::LOCK_TWICE,
        shows: "tasks that wait for their own lock",
        measure: measure::tasks_blocked_on_themselves,
    },
    Lesson {
        number: 19,
        belief: "a queue makes it safe",
        rule: rule::UNBOUNDED,
        shows: "most items in the queue",
        measure: |replay| measure::depth(replay, "items"),
    },
    Lesson {
        number: 20,
        belief: "what I schedule in a tick runs in it",
        rule: rule::SNAPSHOT,
        shows: "ticks from first to second",
        measure: |replay| measure::ticks_between(replay, "first", "second"),
    },
    Lesson {
        number: 21,
        belief: "select only picks the winner",
        rule: rule::SELECT_LOSER,
        shows: "boxes",
        measure: |replay| measure::taken_and_sent(replay, "boxes", "doorstep"),
    },
    Lesson {
        number: 22,
        belief: "polling with yield is cheap",
        rule: rule::DO_NOT_POLL,
        shows: "cost of waiting for waiter",
        measure: |replay| measure::polls_and_wakes(replay, "waiter"),
    },
];
