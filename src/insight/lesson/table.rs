//! The lessons, in their order, and their rules.

use super::{super::language::Phrase, Lesson, measure};

/// The rules, in the order of the lessons. The notes of the narration use the same constants.
pub(in crate::insight) mod rule {
    use super::Phrase;

    pub(in crate::insight) const AWAIT_WAITS: Phrase = Phrase::new(
        "await waits; spawn runs in the background",
        "await waits; create_task runs in the background",
    );
    pub(in crate::insight) const SPAWN_FIRST: Phrase = Phrase::new(
        "spawn first, await later",
        "create the task first, await it later",
    );
    pub(in crate::insight) const NEVER_POLLED: Phrase = Phrase::new(
        "what is never polled never runs",
        "a coroutine that is never awaited never runs",
    );
    pub(in crate::insight) const SPAWN_QUEUES: Phrase = Phrase::new(
        "spawn queues a task; it does not start it",
        "create_task queues a task; it does not start it",
    );
    pub(in crate::insight) const READY_AWAIT: Phrase =
        Phrase::same("awaiting something ready does not yield");
    pub(in crate::insight) const ONLY_AWAIT: Phrase = Phrase::same("only an await yields");
    pub(in crate::insight) const NOT_PARALLEL: Phrase =
        Phrase::same("async does not run work in parallel");
    pub(in crate::insight) const SLEEP_MINIMUM: Phrase =
        Phrase::same("a sleep is a minimum, not a maximum");
    pub(in crate::insight) const GATHER_WAITS: Phrase =
        Phrase::same("gather waits for all, and keeps their order");
    pub(in crate::insight) const ONE_FAILURE: Phrase =
        Phrase::same("one failure stops no other task");
    pub(in crate::insight) const ERROR_SEEN: Phrase = Phrase::new(
        "an error is seen where it is awaited",
        "an exception is seen where its task is awaited",
    );
    pub(in crate::insight) const MAIN_ENDS: Phrase = Phrase::same("when main ends, all tasks end");
    pub(in crate::insight) const HANDLE_TYPE: Phrase = Phrase::new(
        "the type of a handle decides what its drop does",
        "keep a reference to every task",
    );
    pub(in crate::insight) const CANCEL_REQUEST: Phrase =
        Phrase::same("requesting cancellation is not being cancelled");
    pub(in crate::insight) const TIME_LIMIT: Phrase =
        Phrase::same("a time limit cannot interrupt a running task");
    pub(in crate::insight) const ACROSS_AWAIT: Phrase =
        Phrase::same("anything can change across an await");
    pub(in crate::insight) const SEMAPHORE_SHARED: Phrase =
        Phrase::same("a semaphore limits the tasks that share it");
    pub(in crate::insight) const LOCK_TWICE: Phrase = Phrase::same("a lock cannot be taken twice");
    pub(in crate::insight) const UNBOUNDED: Phrase =
        Phrase::same("an unbounded queue gives no back-pressure");
    pub(in crate::insight) const SNAPSHOT: Phrase = Phrase::same("a tick runs a snapshot");
    pub(in crate::insight) const SELECT_LOSER: Phrase = Phrase::new(
        "the loser of a select is cancelled",
        "the loser of a race is cancelled",
    );
    pub(in crate::insight) const DO_NOT_POLL: Phrase = Phrase::new(
        "wait for a wake, do not poll",
        "wait for a wake-up, do not ask in a loop",
    );
}

/// All lessons, by number.
pub const LESSONS: &[Lesson] = &[
    Lesson {
        number: 1,
        belief: Phrase::new(
            "`.await` makes it concurrent",
            "`await` makes it concurrent",
        ),
        rule: rule::AWAIT_WAITS,
        shows: Phrase::same("most timers set at once"),
        measure: |replay, _| measure::timers_at_once(replay),
    },
    Lesson {
        number: 2,
        belief: Phrase::new(
            "I spawned it, so it is concurrent",
            "I created a task, so it is concurrent",
        ),
        rule: rule::SPAWN_FIRST,
        shows: Phrase::new(
            "time accept was blocked on a join",
            "time accept was blocked awaiting a task",
        ),
        measure: |replay, _| measure::time_in_join(replay, "accept"),
    },
    Lesson {
        number: 3,
        belief: Phrase::same("calling it runs it"),
        rule: rule::NEVER_POLLED,
        shows: Phrase::new("fate of the future save", "fate of the coroutine save"),
        measure: |replay, language| measure::fate_of_future(replay, "save", language),
    },
    Lesson {
        number: 4,
        belief: Phrase::new("spawn starts it now", "create_task starts it now"),
        rule: rule::SPAWN_QUEUES,
        shows: Phrase::same("lines main printed before job started"),
        measure: |replay, _| measure::lines_before_first_poll(replay, "job"),
    },
    Lesson {
        number: 5,
        belief: Phrase::same("every await yields"),
        rule: rule::READY_AWAIT,
        shows: Phrase::same("most lines in one poll"),
        measure: |replay, _| measure::lines_in_one_poll(replay),
    },
    Lesson {
        number: 6,
        belief: Phrase::new(
            "sleeping the thread is only sleeping",
            "time.sleep is only sleeping",
        ),
        rule: rule::ONLY_AWAIT,
        shows: Phrase::same("worst timer delay"),
        measure: |replay, _| measure::worst_timer_delay(replay),
    },
    Lesson {
        number: 7,
        belief: Phrase::same("async makes CPU work parallel"),
        rule: rule::NOT_PARALLEL,
        shows: Phrase::same("total time"),
        measure: |replay, _| measure::total(replay),
    },
    Lesson {
        number: 8,
        belief: Phrase::new("sleep(0.3) wakes at 0.3", "asyncio.sleep(0.3) wakes at 0.3"),
        rule: rule::SLEEP_MINIMUM,
        shows: Phrase::same("worst timer delay"),
        measure: |replay, _| measure::worst_timer_delay(replay),
    },
    Lesson {
        number: 9,
        belief: Phrase::same("gather gives results as they finish"),
        rule: rule::GATHER_WAITS,
        shows: Phrase::same("longest time a result waited for main"),
        measure: |replay, _| measure::longest_unhandled(replay),
    },
    Lesson {
        number: 10,
        belief: Phrase::same("if one fails the others stop"),
        rule: rule::ONE_FAILURE,
        shows: Phrase::same("time writer kept running after the failure"),
        measure: |replay, _| measure::outlived(replay, "failing", "writer"),
    },
    Lesson {
        number: 11,
        belief: Phrase::new(
            "a background error is loud",
            "an exception in the background is loud",
        ),
        rule: rule::ERROR_SEEN,
        shows: Phrase::new(
            "failures that no task awaited",
            "exceptions that no task awaited",
        ),
        measure: |replay, _| measure::unseen_failures(replay),
    },
    Lesson {
        number: 12,
        belief: Phrase::same("background work outlives main"),
        rule: rule::MAIN_ENDS,
        shows: Phrase::same("tasks cut off by main's end"),
        measure: |replay, _| measure::cut_off(replay),
    },
    Lesson {
        number: 13,
        belief: Phrase::new(
            "a task without a handle keeps running",
            "a task without a reference keeps running",
        ),
        rule: rule::HANDLE_TYPE,
        shows: Phrase::same("polls of beats"),
        measure: |replay, _| measure::polls_and_end(replay, "beats"),
    },
    Lesson {
        number: 14,
        belief: Phrase::same("cancel stops it at once"),
        rule: rule::CANCEL_REQUEST,
        shows: Phrase::same("lines of other tasks between request and end"),
        measure: |replay, _| measure::lines_while_cancelling(replay),
    },
    Lesson {
        number: 15,
        belief: Phrase::same("a timeout always fires on time"),
        rule: rule::TIME_LIMIT,
        shows: Phrase::same("time past the limit"),
        measure: |replay, _| measure::worst_overdue(replay),
    },
    Lesson {
        number: 16,
        belief: Phrase::same("one thread, so no races"),
        rule: rule::ACROSS_AWAIT,
        shows: Phrase::same("final value"),
        measure: |replay, _| measure::last_value(replay, "balance"),
    },
    Lesson {
        number: 17,
        belief: Phrase::same("the semaphore limits it"),
        rule: rule::SEMAPHORE_SHARED,
        shows: Phrase::same("most tasks asleep at once"),
        measure: |replay, _| measure::sleeping_at_once(replay),
    },
    Lesson {
        number: 18,
        belief: Phrase::same("I hold the lock, so I can take it again"),
        rule: rule::LOCK_TWICE,
        shows: Phrase::same("tasks that wait for their own lock"),
        measure: |replay, _| measure::tasks_blocked_on_themselves(replay),
    },
    Lesson {
        number: 19,
        belief: Phrase::same("a queue makes it safe"),
        rule: rule::UNBOUNDED,
        shows: Phrase::same("most items in the queue"),
        measure: |replay, _| measure::depth(replay, "items"),
    },
    Lesson {
        number: 20,
        belief: Phrase::same("what I schedule in a tick runs in it"),
        rule: rule::SNAPSHOT,
        shows: Phrase::same("ticks from first to second"),
        measure: |replay, _| measure::ticks_between(replay, "first", "second"),
    },
    Lesson {
        number: 21,
        belief: Phrase::new(
            "select only picks the winner",
            "a race only picks the winner",
        ),
        rule: rule::SELECT_LOSER,
        shows: Phrase::same("boxes"),
        measure: |replay, _| measure::taken_and_sent(replay, "boxes", "doorstep"),
    },
    Lesson {
        number: 22,
        belief: Phrase::new(
            "polling with yield is cheap",
            "asking in a loop with sleep(0) is cheap",
        ),
        rule: rule::DO_NOT_POLL,
        shows: Phrase::same("cost of waiting for waiter"),
        measure: |replay, _| measure::polls_and_wakes(replay, "waiter"),
    },
];
