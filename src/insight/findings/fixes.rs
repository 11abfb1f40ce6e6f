//! What would be right: one remedy for each rule, in both languages.

use crate::insight::language::{Language, Phrase};

use super::rule::Rule;

/// The remedies, in the order of the rules.
const FIXES: &[(Rule, Phrase)] = &[
    (
        Rule::Blocking,
        Phrase::new(
            "move the work to a thread with `unblock`, or divide it with `yield_now().await`",
            "move the work to a thread with `asyncio.to_thread`, or divide it with `await asyncio.sleep(0)`",
        ),
    ),
    (
        Rule::NestedBlock,
        Phrase::new(
            "await the future instead of calling `block_on` inside a task",
            "await the coroutine instead of running a second loop",
        ),
    ),
    (
        Rule::Starvation,
        Phrase::new(
            "let fewer tasks work at once, or move the work to threads with `unblock`",
            "let fewer tasks work at once, or move the work to threads with `asyncio.to_thread`",
        ),
    ),
    (
        Rule::WakeStorm,
        Phrase::new(
            "wait for an event or a channel instead of asking again and again",
            "wait for an `asyncio.Event` or a queue instead of asking again and again",
        ),
    ),
    (
        Rule::Herd,
        Phrase::new(
            "wake one task for each item, for example with a channel or a semaphore",
            "use `notify()` instead of `notify_all()`, or a queue",
        ),
    ),
    (
        Rule::LateTimer,
        Phrase::new(
            "move the work to a thread with `unblock`, or divide it with `yield_now().await`",
            "move the work to a thread with `asyncio.to_thread`, or divide it with `await asyncio.sleep(0)`",
        ),
    ),
    (
        Rule::DeadTimeout,
        Phrase::new(
            "move the work to a thread with `unblock`, or divide it with `yield_now().await`",
            "move the work to a thread with `asyncio.to_thread`, or divide it with `await asyncio.sleep(0)`",
        ),
    ),
    (
        Rule::Interval,
        Phrase::new(
            "for a fixed rate, wait for the ticks of one `Timer::interval`; to skip missed ticks, set the next deadline from now",
            "for a fixed rate, sleep until a deadline that is counted from the last one; to skip missed ticks, count it from now",
        ),
    ),
    (
        Rule::Sequential,
        Phrase::new(
            "if the waits do not need each other, start them together: `gather`, or spawn first and await later",
            "if the waits do not need each other, start them together: `asyncio.gather` or a TaskGroup",
        ),
    ),
    (
        Rule::Unawaited,
        Phrase::new(
            "await the future, or spawn it",
            "await the coroutine, or create a task for it",
        ),
    ),
    (
        Rule::Unpolled,
        Phrase::new(
            "poll the future beside the other wait, or give it a task of its own",
            "give the work a task of its own",
        ),
    ),
    (
        Rule::Orphan,
        Phrase::new(
            "await the handle, or call `detach` if the task should continue alone",
            "keep a reference to the task, and await it",
        ),
    ),
    (
        Rule::Shutdown,
        Phrase::same("await the task before main ends, or cancel it and await its end"),
    ),
    (
        Rule::Unretrieved,
        Phrase::new(
            "await the handle and handle its error, or report the error inside the task",
            "await the task and handle its exception, or report it inside the task",
        ),
    ),
    (
        Rule::LockOrder,
        Phrase::same("take the locks in the same order everywhere, or use one lock for both"),
    ),
    (
        Rule::SelfDeadlock,
        Phrase::new(
            "pass on what is guarded instead of taking the lock again",
            "call a version of the function that expects the lock to be held",
        ),
    ),
    (
        Rule::JoinCycle,
        Phrase::same("let one of the tasks return without awaiting the others"),
    ),
    (
        Rule::ChanDeadlock,
        Phrase::new(
            "receive in a task of its own, or give the channel the capacity that the work needs",
            "receive in a task of its own, or give the queue the size that the work needs",
        ),
    ),
    (
        Rule::LostWakeup,
        Phrase::new(
            "check the state before the wait, or use a primitive that remembers the event",
            "check the state before the wait, or leave the event set",
        ),
    ),
    (
        Rule::Convoy,
        Phrase::new(
            "release the lock before the slow await, and take it again to store the result",
            "leave the `async with` before the slow await, and enter it again to store the result",
        ),
    ),
    (
        Rule::PermitLeak,
        Phrase::new(
            "keep the guard of the permit, so that it is released on every way out",
            "use `async with semaphore`, so that the permit is released on every way out",
        ),
    ),
    (
        Rule::Inversion,
        Phrase::same("give short work a queue of its own, or divide the long work"),
    ),
    (
        Rule::PoolExhausted,
        Phrase::new(
            "limit what is submitted at once, or enlarge the pool with BLOCKING_MAX_THREADS",
            "limit what is submitted at once, or enlarge the executor",
        ),
    ),
    (
        Rule::Unfair,
        Phrase::new(
            "take the branches in turn, or drain each one with a limit",
            "take the sources in turn, or drain each one with a limit",
        ),
    ),
    (
        Rule::Unbounded,
        Phrase::new(
            "give the channel a capacity, so that senders wait",
            "give the queue a maxsize, so that producers wait",
        ),
    ),
    (
        Rule::BackPressure,
        Phrase::same("make the consumer faster, or use more than one"),
    ),
    (
        Rule::TaskLeak,
        Phrase::same("limit the number of tasks, and give their waits a timeout"),
    ),
    (
        Rule::HandleLeak,
        Phrase::new(
            "drop or close what is no longer used",
            "close what is no longer used, for example with `async with`",
        ),
    ),
    (
        Rule::HalfOpen,
        Phrase::same("give the read a timeout, and close the connection when it ends"),
    ),
    (
        Rule::RetryStorm,
        Phrase::same("pause before each retry, and make the pause longer each time"),
    ),
    (
        Rule::CancelUnsafe,
        Phrase::new(
            "keep the future across the rounds, or take the item only when it can be handed on",
            "shield the step that hands the item on, or put the item back when it is cancelled",
        ),
    ),
    (
        Rule::CancelSwallowed,
        Phrase::new(
            "end the task when it is cancelled",
            "raise CancelledError again after the clean-up",
        ),
    ),
    (
        Rule::Race,
        Phrase::same("hold a lock across the read and the write, or read again after the await"),
    ),
    (
        Rule::Ordering,
        Phrase::same(
            "use the order in which the results come, or `gather`, which keeps the order of its arguments",
        ),
    ),
    (
        Rule::SenderAlive,
        Phrase::new(
            "drop all senders when the work is done; one that the receiver's task keeps counts as well",
            "put a last item that tells the consumer to end, or cancel the consumer after `queue.join()`",
        ),
    ),
    (
        Rule::Deadlock,
        Phrase::same(
            "let one of the tasks continue without what it waits for, or see to it that this comes",
        ),
    ),
    (
        Rule::Stalled,
        Phrase::new(
            "keep the waker of the last poll, and call it when the value is there",
            "complete the future that the task awaits",
        ),
    ),
];

/// What would be right.
pub fn fix_words(rule: Rule, language: Language) -> &'static str {
    let found = FIXES.get(rule as usize);
    found.map_or("", |(_, words)| words.text(language))
}

#[cfg(test)]
mod tests {
    use super::{super::rule::RULES, *};

    #[test]
    fn every_rule_has_its_remedy() {
        assert_eq!(FIXES.len(), RULES.len());
        for (entry, (rule, _)) in RULES.iter().zip(FIXES) {
            assert_eq!(entry.rule, *rule);
        }
    }
}
