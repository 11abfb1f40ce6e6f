//! The events of a frame, as an adapter writes them.
//!
//! The lowest five bits of an event's first number are its code, the bits above them its first
//! operand. The other operands follow as numbers of their own.

use super::WireError;

/// What an adapter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WireEvent {
    /// The step before ends, and one begins: of a task, or of a callback.
    Step {
        owner: StepOwner,
        /// `None` for the time of the event before.
        time: Option<i64>,
    },
    /// A task was put into the ready queue.
    Wake {
        task: i64,
    },
    /// The running task yields. `again`: it was put into the ready queue, and nothing else was.
    Yield {
        again: bool,
    },
    /// A callback was put into the ready queue.
    Scheduled {
        callback: i64,
        name: i64,
    },
    /// What the running task waits for.
    Wait(WireWait),
    /// The running task ends.
    Done {
        outcome: i64,
        text: i64,
    },
    /// The last step and the tick end, and the next tick begins.
    Tick {
        time: i64,
    },
    /// The loop waits, until the deadline if that is not negative.
    Park {
        deadline: i64,
    },
    /// The loop has waited.
    Woke {
        time: i64,
    },
    /// The steps of the tick begin: this many are in the ready queue.
    Run {
        ready: i64,
    },
    Spawn {
        task: i64,
        name: i64,
        place: i64,
        parent: i64,
    },
    Timer {
        timer: i64,
        deadline: i64,
        task: i64,
    },
    Fired {
        timer: i64,
    },
    TimerCancelled {
        timer: i64,
    },
    Resource(WireResource),
    /// An operation on a resource, by the running task, or for `task` if that is not negative.
    Operation {
        resource: i64,
        operation: i64,
        value: i64,
        task: i64,
    },
    /// A task belongs to a group.
    Member {
        task: i64,
        group: i64,
    },
    /// What a task waits for and where, which was found after it had suspended.
    Asleep {
        task: i64,
        wait: WireWait,
        place: i64,
    },
    Output {
        text: i64,
        place: i64,
        time: i64,
    },
    /// The next wakes come from a thread with this name, or from I/O if it is negative.
    From {
        thread: i64,
    },
    Start {
        time: i64,
    },
    Stop {
        time: i64,
    },
    /// The cancellation of a task was requested.
    Cancel {
        task: i64,
    },
    /// An unfinished task was freed, because nothing refers to it.
    Freed {
        task: i64,
    },
    /// A new task has taken its first step at once, inside the step that created it. The next
    /// `Yield`, `Wait` or `Done` is about it.
    Eager {
        task: i64,
    },
    /// The exception of a failed task was asked for, in the running step.
    Retrieved {
        task: i64,
    },
    /// The cancellation of the task whose step begins is thrown into it.
    Thrown {
        task: i64,
    },
    Name {
        task: i64,
        name: i64,
    },
    /// The step that ends next lasted long: where its thread was meanwhile, and its CPU time.
    Late {
        place: i64,
        processor: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepOwner {
    Task(i64),
    Callback(i64),
}

/// What a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WireWait {
    pub(super) kind: i64,
    pub(super) number: i64,
}

/// The kind of a wait for a task.
pub(super) const ON_TASK: i64 = 2;

/// The kind of a wait that is a yield.
pub(super) const ON_YIELD: i64 = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WireResource {
    pub(super) number: i64,
    pub(super) kind: i64,
    pub(super) name: i64,
    pub(super) place: i64,
    pub(super) limit: i64,
}

/// Reads all events of a frame.
pub(super) fn decode(numbers: &[i64]) -> Result<Vec<WireEvent>, WireError> {
    let mut rest = numbers.iter().copied();
    let mut events = Vec::with_capacity(numbers.len() / 2);
    while let Some(first) = rest.next() {
        // Two codes stand for two events each, because they are frequent.
        match first & 31 {
            2 => events.push(WireEvent::Yield { again: true }),
            29 => events.push(WireEvent::Run { ready: first >> 5 }),
            _ => {}
        }
        let event = event(first & 31, first >> 5, &mut rest);
        events.push(event.ok_or(WireError::Event(events.len()))?);
    }
    Ok(events)
}

/// The task or the callback whose step begins.
fn owner(number: i64) -> StepOwner {
    if number >= 0 {
        StepOwner::Task(number)
    } else {
        StepOwner::Callback(!number)
    }
}

fn event(code: i64, first: i64, rest: &mut impl Iterator<Item = i64>) -> Option<WireEvent> {
    Some(match code {
        0 | 2 => WireEvent::Step {
            owner: owner(first),
            time: Some(rest.next()?),
        },
        1 => WireEvent::Wake { task: first },
        3 => WireEvent::Yield { again: false },
        4 => WireEvent::Scheduled {
            callback: first,
            name: rest.next()?,
        },
        5 => WireEvent::Wait(WireWait {
            number: first,
            kind: rest.next()?,
        }),
        6 => WireEvent::Wait(WireWait {
            number: first,
            kind: ON_TASK,
        }),
        7 => WireEvent::Done {
            outcome: rest.next()?,
            text: rest.next()?,
        },
        8 => WireEvent::Tick { time: rest.next()? },
        9 => WireEvent::Park {
            deadline: rest.next()?,
        },
        10 => WireEvent::Woke { time: rest.next()? },
        11 => WireEvent::Run { ready: first },
        12..=19 | 26 | 27 | 28 | 30 | 31 => return rare(code, first, rest),
        20 => WireEvent::Output {
            text: first,
            place: rest.next()?,
            time: rest.next()?,
        },
        21 => WireEvent::From { thread: first },
        22 => WireEvent::Start { time: rest.next()? },
        23 => WireEvent::Stop { time: rest.next()? },
        24 => WireEvent::Cancel { task: first },
        25 => WireEvent::Eager { task: first },
        29 => WireEvent::Step {
            owner: owner(rest.next()? >> 5),
            time: None,
        },
        _ => return None,
    })
}

/// The events of tasks, timers and resources, of which most steps have none.
fn rare(code: i64, first: i64, rest: &mut impl Iterator<Item = i64>) -> Option<WireEvent> {
    Some(match code {
        12 => WireEvent::Spawn {
            task: first,
            name: rest.next()?,
            place: rest.next()?,
            parent: rest.next()?,
        },
        13 => WireEvent::Timer {
            timer: first,
            deadline: rest.next()?,
            task: rest.next()?,
        },
        14 => WireEvent::Fired { timer: first },
        15 => WireEvent::TimerCancelled { timer: first },
        16 => WireEvent::Resource(WireResource {
            number: first,
            kind: rest.next()?,
            name: rest.next()?,
            place: rest.next()?,
            limit: rest.next()?,
        }),
        17 => WireEvent::Operation {
            resource: first,
            operation: rest.next()?,
            value: rest.next()?,
            task: rest.next()?,
        },
        18 => WireEvent::Member {
            task: first,
            group: rest.next()?,
        },
        19 => WireEvent::Asleep {
            task: first,
            wait: WireWait {
                kind: rest.next()?,
                number: rest.next()?,
            },
            place: rest.next()?,
        },
        26 => WireEvent::Freed { task: first },
        27 => WireEvent::Thrown { task: first },
        30 => WireEvent::Name {
            task: first,
            name: rest.next()?,
        },
        31 => WireEvent::Retrieved { task: first },
        28 => WireEvent::Late {
            place: first,
            processor: rest.next()?,
        },
        _ => return None,
    })
}
