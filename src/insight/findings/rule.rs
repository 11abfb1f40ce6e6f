//! The rules: one table of what is looked for in a run.

use crate::trace::Aspect;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing. An `info` never counts as an alarm.
    Info,
    /// The program pays for it in time, memory or reliability, by an amount that is measured.
    Warning,
    /// The program is wrong: it failed, it hangs, or something was lost.
    Error,
}

impl Severity {
    /// All severities, from the mildest to the worst.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

    /// Its name in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A threshold of a rule, which `--limit` sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleLimit {
    /// Its name; the first limit of a rule can be set without it.
    pub name: &'static str,
    /// Its value unless it is set.
    pub default: LimitValue,
    /// What it is compared with, as a phrase.
    pub what: &'static str,
}

/// The value of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitValue {
    /// A length of time in milliseconds.
    Milliseconds(u64),
    /// A number of things.
    Count(u64),
    /// A share of something, in percent.
    Percent(u64),
}

/// What a rule is, apart from how it is detected.
#[derive(Debug)]
#[non_exhaustive]
pub struct RuleEntry {
    /// The rule.
    pub rule: Rule,
    /// Its name on the command line and in every output.
    pub id: &'static str,
    /// The severity of its findings. Some findings of a rule may be milder.
    pub severity: Severity,
    /// What a finding claims, in one line.
    pub claim: &'static str,
    /// Its thresholds.
    pub limits: &'static [RuleLimit],
    /// What a trace must contain.
    pub needs: &'static [Aspect],
    /// Whether a trace with a gap is of no use, because the rule is about what never happened.
    pub needs_all: bool,
    /// Why no run is checked for it; `None` if it is looked for.
    pub undetected: Option<&'static str>,
}

/// Declares the rules and their table together, so that no rule lacks an entry.
macro_rules! rules {
    ($(
        $(#[$doc:meta])*
        $rule:ident $id:literal $severity:ident $claim:literal
        limits [$($name:literal = $value:expr, $what:literal;)*]
        needs [$($aspect:ident)*] $(all $needs_all:tt)? $(undetected $reason:literal)?
    ),* $(,)?) => {
        /// A kind of mistake that a run can prove.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $rule,)*
        }

        /// All rules, in the order of their declaration.
        pub const RULES: &[RuleEntry] = &[$(RuleEntry {
            rule: Rule::$rule,
            id: $id,
            severity: Severity::$severity,
            claim: $claim,
            limits: &[$(RuleLimit { name: $name, default: $value, what: $what }),*],
            needs: &[$(Aspect::$aspect),*],
            needs_all: rules!(@flag $($needs_all)?),
            undetected: rules!(@reason $($reason)?),
        }),*];
    };
    (@flag) => { false };
    (@flag $needs_all:tt) => { true };
    (@reason) => { None };
    (@reason $reason:literal) => { Some($reason) };
}

use LimitValue::{Count, Milliseconds, Percent};

rules! {
    /// A poll held the loop while others could have run.
    Blocking "blocking" Warning
        "a poll held the loop while other tasks were ready or due"
        limits [
            "poll" = Milliseconds(100), "the length of one poll";
            "again" = Milliseconds(20), "the length of a poll that is repeated at one place";
            "times" = Count(3), "how often it is repeated";
        ]
        needs [],
    /// A second loop runs inside a poll.
    NestedBlock "nestedblock" Warning
        "a second loop ran inside a poll, and the outer one could not run"
        limits ["inner" = Milliseconds(20), "how long the outer loop could not run";]
        needs [],
    /// A few tasks are polled again and again, so that others are late.
    Starvation "starvation" Warning
        "tasks that are polled again and again made others late"
        limits [
            "late" = Milliseconds(100), "the time from ready or due to the poll";
            "times" = Count(3), "how many polls are late";
        ]
        needs [],
    /// A task is polled over and over without progress.
    WakeStorm "wakestorm" Warning
        "a task was woken and polled over and over without progress"
        limits [
            "polls" = Count(50), "the number of polls in a row";
            "time" = Milliseconds(100), "how long they go on";
        ]
        needs [Wakes Waits],
    /// An event wakes many tasks, of which nearly all go back to their wait.
    Herd "herd" Warning
        "one event woke many tasks, and nearly all went back to the same wait"
        limits [
            "tasks" = Count(4), "the number of woken tasks";
            "times" = Count(3), "how often it happens";
        ]
        needs [Wakes Waits],
    /// Timers fire late because the loop is held.
    LateTimer "latetimer" Warning
        "timers fired late, because the loop was held"
        limits ["late" = Milliseconds(50), "the time from the deadline to the end of the poll";]
        needs [Timers],
    /// A timeout cannot interrupt the work that it limits.
    DeadTimeout "deadtimeout" Warning
        "a timeout had no effect: its work held the loop beyond the limit"
        limits ["late" = Milliseconds(50), "the time from the deadline to the end of the poll";]
        needs [Timers],
    /// A periodic timer drifts or fires in bursts.
    Interval "interval" Warning
        "a periodic timer drifts, or makes up for missed ticks in a burst"
        limits [
            "ticks" = Count(5), "the number of ticks";
            "drift" = Percent(20), "the drift in percent of the period";
            "burst" = Count(3), "the number of missed ticks that are made up at once";
        ]
        needs [Timers Waits],
    /// Independent waits are taken one after the other.
    Sequential "sequential" Info
        "a task waited several times in a row, while the loop had nothing else to do"
        limits [
            "waits" = Count(3), "the number of waits in a row";
            "total" = Milliseconds(100), "their sum";
        ]
        needs [Waits],
    /// A future was made and never run.
    Unawaited "unawaited" Error
        "a future was made, and dropped without a poll"
        limits []
        needs [],
    /// A started future is no longer polled although what it waits for is ready.
    Unpolled "unpolled" Warning
        "a started future was not polled although what it waits for is ready"
        limits ["late" = Milliseconds(100), "the time since it is ready";]
        needs [Timers Wakes Waits],
    /// A task was cancelled silently, because its handle was dropped.
    Orphan "orphan" Warning
        "a task was cancelled in mid-work, because its handle was dropped"
        limits []
        needs [],
    /// The program ended while tasks had work in hand.
    Shutdown "shutdown" Warning
        "the program ended while tasks still had work in hand"
        limits []
        needs [Waits] all true,
    /// A task failed, and no task looks at the error.
    Unretrieved "unretrieved" Error
        "a task failed, and no task looked at the error"
        limits ["time" = Milliseconds(5000), "how long it is not looked at, if the run has not ended";]
        needs [Waits] all true,
    /// Locks are taken in a circle, or in orders that make a circle possible.
    LockOrder "lockorder" Error
        "locks are taken in orders that make a circle"
        limits []
        needs [Waits],
    /// A task waits for what it holds itself.
    SelfDeadlock "selfdeadlock" Error
        "a task waits for what it holds itself"
        limits []
        needs [Waits],
    /// Tasks await each other in a circle.
    JoinCycle "joincycle" Error
        "tasks await each other in a circle"
        limits []
        needs [Waits],
    /// Senders and receivers wait for each other.
    ChanDeadlock "chandeadlock" Error
        "senders and receivers wait for each other"
        limits []
        needs [Waits] all true,
    /// A task waits for something that has happened.
    LostWakeup "lostwakeup" Error
        "a task waits for something that has happened already"
        limits ["time" = Milliseconds(1000), "how long it has waited, if the run has not ended";]
        needs [Waits] all true,
    /// A lock is held across a slow wait while others queue for it.
    Convoy "convoy" Warning
        "a lock was held across a slow wait while others queued for it"
        limits [
            "wait" = Milliseconds(20), "the length of the wait of the holder";
            "times" = Count(3), "how often at least two tasks queue meanwhile";
        ]
        needs [Waits],
    /// Permits are taken and never given back.
    PermitLeak "permitleak" Error
        "permits were taken, and nothing gives them back"
        limits []
        needs [Waits] all true,
    /// Short work waits behind long work in one queue.
    Inversion "inversion" Warning
        "short work waited behind long work in one queue"
        limits ["factor" = Count(10), "the time in the queue by the time of the work";]
        needs [Waits],
    /// Work for threads waits, because all threads are busy.
    PoolExhausted "poolexhausted" Warning
        "work for the thread pool waited, because all threads were busy"
        limits ["times" = Count(3), "how many jobs wait much longer than they run";]
        needs [],
    /// One branch of a select is taken at the cost of the others.
    Unfair "unfair" Warning
        "a branch that was ready was passed over again and again"
        limits ["times" = Count(20), "how often in a row";]
        needs [Waits],
    /// A queue grows without a limit.
    Unbounded "unbounded" Warning
        "a queue without a limit grows, because items come faster than they are taken"
        limits [
            "length" = Count(100), "its length; a shorter one is an info";
        ]
        needs [],
    /// A slow consumer holds up all producers.
    BackPressure "backpressure" Warning
        "a full channel held up its senders for most of the run"
        limits [
            "full" = Percent(50), "the share of its time in which it is full";
            "writes" = Count(10), "how many writes in a row find a full write buffer";
        ]
        needs [Waits],
    /// Tasks are spawned faster than they end.
    TaskLeak "taskleak" Warning
        "tasks of one place are spawned faster than they end"
        limits ["tasks" = Count(30), "how many are unfinished";]
        needs [Waits],
    /// Handles, sockets or subscriptions are never released.
    HandleLeak "handleleak" Warning
        "resources of one place are made faster than they are released"
        limits ["resources" = Count(30), "how many exist";]
        needs [] all true,
    /// A connection waits for a peer that is gone.
    HalfOpen "halfopen" Warning
        "a connection waits for a peer that is gone or silent"
        limits [
            "time" = Milliseconds(3000), "how long the peer is silent";
            "ends" = Count(10), "how often in a row the end of a stream is read";
        ]
        needs [Waits],
    /// Failures are retried at once, again and again.
    RetryStorm "retrystorm" Warning
        "a failing operation was tried again and again without a growing pause"
        limits [
            "times" = Count(10), "how often in a row";
            "pause" = Milliseconds(1000), "the longest time between two failures";
        ]
        needs [],
    /// A future was dropped in mid-work, and something was lost.
    CancelUnsafe "cancelunsafe" Error
        "a future was dropped in mid-work, and what it had taken was lost"
        limits []
        needs [Timers Waits],
    /// A task was asked to end, and does not.
    CancelSwallowed "cancelswallowed" Warning
        "a task was asked to end and continued"
        limits ["time" = Milliseconds(1000), "how long it continues";]
        needs [],
    /// A value changes between the read and the write of it.
    Race "race" Error
        "a value changed between a task's read and its write of it"
        limits []
        needs [],
    /// Results are used as if they came in another order.
    Ordering "ordering" Info
        "results came in another order than their tasks were spawned in"
        limits ["results" = Count(3), "how many results come from one source";]
        needs [Waits],
    /// A receiver waits for ever, because a sender was never dropped.
    SenderAlive "senderalive" Error
        "a receiver waits for ever, because a sender is never dropped"
        limits []
        needs [Waits] all true,
    /// Nothing can run any more, because each task waits for another one.
    Deadlock "deadlock" Error
        "no task can run again, because each waits for another one"
        limits []
        needs [Waits],
    /// Nothing runs, and what the tasks wait for is not known to the loop.
    Stalled "stalled" Error
        "no task runs, and nothing is known that could wake one"
        limits []
        needs [],
}

impl Rule {
    /// The entry in the table.
    pub fn entry(self) -> &'static RuleEntry {
        &RULES[self as usize]
    }

    /// The name on the command line and in every output.
    pub fn id(self) -> &'static str {
        self.entry().id
    }

    /// The rule with a name.
    pub fn from_id(id: &str) -> Option<Rule> {
        let entry = RULES.iter().find(|entry| entry.id == id);
        entry.map(|entry| entry.rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_found_by_its_number_and_by_its_id() {
        for (at, entry) in RULES.iter().enumerate() {
            assert_eq!(entry.rule as usize, at);
            assert_eq!(Rule::from_id(entry.id), Some(entry.rule));
        }
    }
}
