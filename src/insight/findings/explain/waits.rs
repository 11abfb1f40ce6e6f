//! Rules about waits that never end, or that hold up others.

use super::Explanation;

pub(super) const LOCKORDER: Explanation = Explanation {
    proof: "Each task of a circle holds a lock and waits for the lock of the next task. Where no task waits, the order itself is a `warning`, that a deadlock is possible: one task took lock A and then lock B, another one took B and then A, and no third lock keeps the two apart.",
    picture: "#1 pay      █ holds A ┄┄┄ waits for B ┄┄┄┄\n#2 refund   █ holds B ┄┄┄ waits for A ┄┄┄┄",
    harm: "Each of the tasks waits for the other, and neither ever releases what it holds. Whether it happens depends on timing, so tests pass and production hangs.",
    rust: "Take the locks in the same order everywhere, for example sorted by an id, or guard both values with one `Mutex`. `try_lock` with release of the first lock also breaks the circle.",
    python: "Take the locks in the same order everywhere, for example sorted by an id, or guard both values with one `asyncio.Lock`.",
    lesson: None,
};

pub(super) const SELFDEADLOCK: Explanation = Explanation {
    proof: "A task waits for a lock or a permit that it holds itself, or for its own end.",
    picture: "#0 main     █ holds the lock ┄ ↺ waits for the same lock ┄┄┄",
    harm: "The task can release the lock only after its wait, and the wait ends only after the release. All later users of the lock wait as well.",
    rust: "Pass the `MutexGuard` or `&mut T` on to the inner function instead of locking again, and drop the guard before the call where that is enough.",
    python: "`asyncio.Lock` is not re-entrant: give the inner function a version that expects the lock to be held, and call that one inside `async with`.",
    lesson: Some(18),
};

pub(super) const JOINCYCLE: Explanation = Explanation {
    proof: "The first task awaits the second, the second the next, and the last awaits the first.",
    picture: "#1 left     █┄┄┄┄ waits for #2 ┄┄┄┄\n#2 right    █┄┄┄┄ waits for #1 ┄┄┄┄",
    harm: "None of the tasks can complete, because each completes only after another one of them.",
    rust: "Let one of the tasks return without awaiting the others, and join all of them in the task that spawned them.",
    python: "Let one of the tasks return without awaiting the others, and await all of them where they were created, for example in a `TaskGroup`.",
    lesson: None,
};

pub(super) const CHANDEADLOCK: Explanation = Explanation {
    proof: "A circle of full and empty channels: each task waits for room or for an item that only another task of the circle could provide; or the only receiver of a full channel is the task that sends. If a task of the circle waits for a timer or I/O, the wait can end, and there is no finding.",
    picture: "#1 maker    █ sends ┄┄ full: waits for room in B ┄┄┄┄\n#2 taker    █ sends ┄┄ full: waits for room in A ┄┄┄┄",
    harm: "The items that would make room are behind the sends that wait for room. Nothing is lost, and nothing moves.",
    rust: "Receive in a task of its own, so that a full channel never stops the receiver; or give one channel of the circle the capacity that all items in work need.",
    python: "Take items out in a task of its own, or give one queue of the circle a `maxsize` that holds all items in work; `put_nowait` makes a full queue visible.",
    lesson: None,
};

pub(super) const SENDERALIVE: Explanation = Explanation {
    proof: "A receiver waits on an empty channel, and each sender that still exists belongs to the receiver itself or to a task that never sends again. A producer that is only idle is not a finding.",
    picture: "#1 maker    █ sends 3 items █ ends\n#2 taker    ┄█┄█┄█┄┄┄┄ waits for a fourth ┄┄┄┄",
    harm: "A channel ends for its receiver when the last sender is dropped. One clone that is kept, often in the task that receives, keeps the loop over the items from ending.",
    rust: "Move the senders into the tasks that send, and `drop(sender)` the original before the loop `while let Ok(item) = receiver.recv().await`.",
    python: "An `asyncio.Queue` has no end of its own: put a last item such as `None` for each consumer, call `queue.shutdown()` (3.13), or cancel the consumers after `await queue.join()`.",
    lesson: None,
};

pub(super) const LOSTWAKEUP: Explanation = Explanation {
    proof: "The event is set, or the channel has items, while a task still waits for it and no wake is on its way; or a task waits and no waker of it exists; or, in asyncio, another thread has set what a task waits for without a wake of the loop. An event that came and was cleared before the task waited for it is an `info`, if a limit has ended the wait. A wait for the next event of a resource that was used up is not a finding.",
    picture: "#1 setter   █ notifies: no task waits yet\n#2 waiter   ▒▒▒█┄┄┄┄┄┄┄┄ waits for it ┄┄┄┄┄┄┄┄",
    harm: "The wake came before the wait and is not remembered. The task waits for ever, or until something else happens to wake it, which hides the mistake.",
    rust: "Take the listener first, then check the state, then await the listener; or use a primitive that remembers: a channel, or a flag beside the `Event`. A hand-written future stores the waker of its last poll.",
    python: "Check the state before the wait (`while not ready: await condition.wait()`), and do not `clear()` an event before all who need it have seen it.",
    lesson: None,
};

pub(super) const CONVOY: Explanation = Explanation {
    proof: "The holder of a lock or of a single permit waits for a timer, I/O, a thread or a task, longer than the limit, while at least two tasks queue for the lock, again and again. A holder that has never been in the queue itself is an `info`. Short critical sections are not findings.",
    picture: "#1 first    █ holds ───── waits for I/O ─────█\n#2 second   ▒█┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄█───\n#3 third    ▒▒█┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
    harm: "The slow wait is no longer overlapped: the tasks go through it one by one, and the throughput is that of a single task.",
    rust: "Copy what is needed out of the lock, drop the guard before the `.await`, and lock again to store the result.",
    python: "Leave the `async with lock` block before the slow await, and enter it again to store the result.",
    lesson: None,
};

pub(super) const PERMITLEAK: Explanation = Explanation {
    proof: "Tasks wait for a permit, and permits that were taken belong to tasks that have ended; or no task can run again, and the permits have moved from task to task. A holder that still works is not a finding. Permits may belong to tasks that have ended or wait, while no task waits for a permit without a limit: that is an info.",
    picture: "#1 worker   █ takes a permit █ ends without a release\n#2 worker   █ takes a permit █ ends without a release\n#3 worker   ▒▒▒▒█┄┄┄┄┄ waits for a permit ┄┄┄┄┄┄┄┄┄",
    harm: "Each error on the way takes one permit with it. After as many errors as there are permits, no task gets one.",
    rust: "Keep the `SemaphoreGuard` in a variable until the work is over, so that each way out drops it; do not call `forget` on it.",
    python: "Use `async with semaphore:`, so that each way out releases the permit; a bare `acquire` needs `try`/`finally`.",
    lesson: None,
};

pub(super) const DEADLOCK: Explanation = Explanation {
    proof: "The run ended, or was stopped, while no task was ready, no timer was set and no I/O was expected, and each unfinished task waits for another one. The finding names the last wait of each.",
    picture: "#0 main     █┄┄┄┄┄ waits for #1 ┄┄┄┄┄\n#1 worker   ▒█┄┄┄┄ waits for main's item ┄┄┄",
    harm: "The program hangs: it uses no processor and prints nothing, so that it looks idle.",
    rust: "Break the circle: let one of the tasks continue without the others. A `timeout` around the wait turns the hang into an error with a place.",
    python: "Break the circle: let one of the tasks continue without the others. `asyncio.timeout` around the wait turns the hang into an error with a place.",
    lesson: Some(18),
};

pub(super) const STALLED: Explanation = Explanation {
    proof: "No task is ready, no timer is set, and the tasks wait for something that the loop does not know: a future whose waker is held outside of it, or by nothing. If a limit ends such a wait after a second, it may be meant, and is an `info`.",
    picture: "#0 main     █┄┄┄┄┄ waits for #1 ┄┄┄┄┄┄┄┄┄┄┄\n#1 custom   ▒█┄┄┄┄ waits for a wake ┄┄┄┄┄┄┄┄",
    harm: "Unless another thread or a signal calls the waker, the program hangs. The usual cause is a future that returned `Pending` without storing its waker.",
    rust: "In `poll`, store `cx.waker().clone()` at each call that returns `Pending`, and call it when the value is there.",
    python: "Set the result or the exception of the future that the task awaits on each way out, and from another thread with `loop.call_soon_threadsafe`.",
    lesson: None,
};
