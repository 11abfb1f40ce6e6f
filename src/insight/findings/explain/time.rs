//! Rules about time: what holds the loop, and what comes late.

use super::Explanation;

pub(super) const BLOCKING: Explanation = Explanation {
    proof: "One poll lasts longer than the limit, or shorter ones at the same place do so again and again, and meanwhile another task is ready, or its timer is due, or several callbacks of I/O, timers or threads are ready. A long poll that delays none of them is not a finding.",
    picture: "#1 parser   ▒█████████████████   one poll of 280 ms\n#2 clock    ────◇▒▒▒▒▒▒▒▒▒▒▒▒▒█─   due here, polled after it",
    harm: "A loop runs one poll at a time. Until this poll returns, no other task is polled, no timer fires and no socket is read: every task of the loop is late by the rest of the poll.",
    rust: "Move the work to a thread with `smol::unblock(|| …).await`, use the async form of the call (`smol::Timer` instead of `std::thread::sleep`), or divide a computation with `yield_now().await`.",
    python: "Move the work to a thread with `await asyncio.to_thread(f)`, use the async form of the call (`asyncio.sleep` instead of `time.sleep`), or divide a computation with `await asyncio.sleep(0)`.",
    lesson: Some(6),
};

pub(super) const NESTEDBLOCK: Explanation = Explanation {
    proof: "A poll of the outer loop contains the run of another loop, on the same thread or on one that the poll waits for, while other tasks of the outer loop are ready or due. A loop of its own on another thread, and `block_on` while nothing else has to run, are not findings.",
    picture: "#1 handler  █[ an inner loop waits ]█\n#2 clock    ──◇▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒█",
    harm: "`block_on` waits by holding its thread. Inside a task that thread is the loop's own, so the outer loop stops until the inner work is complete, and hangs if the inner work needs the outer loop.",
    rust: "Make the function async and `.await` the future. Where a synchronous interface forces the call, run it inside `smol::unblock`.",
    python: "Make the function `async def` and await the coroutine. From a thread, use `asyncio.run_coroutine_threadsafe(coroutine, loop).result()`.",
    lesson: None,
};

pub(super) const STARVATION: Explanation = Explanation {
    proof: "A few tasks are polled at every tick without a wait between, and the time from ready to polled of another task exceeds the limit again and again. Work that yields and delays no task beyond the limit is not a finding.",
    picture: "#1 crunch   █▒█▒█▒█▒█▒█▒█▒█▒   always ready again\n#2 crunch   ▒█▒█▒█▒█▒█▒█▒█▒█\n#3 clock    ──◇▒▒▒▒▒▒▒▒▒▒▒▒█",
    harm: "Each poll is short, so none of them looks wrong alone. Together they fill every tick, and tasks that have little to do wait for their place in a long queue.",
    rust: "Let fewer such tasks work at once (a `Semaphore`), do the work on threads with `smol::unblock`, or wait for something between the steps instead of yielding at once.",
    python: "Let fewer such tasks work at once (`asyncio.Semaphore`), do the work with `asyncio.to_thread` or a process pool, or wait for something between the steps instead of `sleep(0)`.",
    lesson: None,
};

pub(super) const WAKESTORM: Explanation = Explanation {
    proof: "Many polls of a task in a row end with the same wait, and between them the task prints, sends, receives and changes nothing. The task wakes itself, or is woken by a callback of a future that has completed already. A look at a shared lock or a value changes nothing; what is done under a lock of one's own may, so that is an `info`. A poll after a timer, and a yield in work that makes progress, are not findings.",
    picture: "#1 poller   █▒█▒█▒█▒█▒█▒█▒█▒   asks, wakes itself, asks again\n#2 worker   ──────────────────   what it asks for is not there yet",
    harm: "The loop never parks, one core is busy with asking, and each other task waits behind the questions.",
    rust: "Let the side that has the value wake the one that waits: a channel, an `event_listener::Event`, or a stored `Waker`. A hand-written future calls its waker when the value is there, not in `poll`.",
    python: "Wait for an `asyncio.Event`, a `Condition` or a `Queue` that the other side sets, instead of a loop around `await asyncio.sleep(0)`.",
    lesson: Some(22),
};

pub(super) const HERD: Explanation = Explanation {
    proof: "One poll wakes many tasks that wait for the same resource, at least three quarters of them return to that wait without any work, and others, not always the same one, do work; again and again. A broadcast that every task needs is not a finding.",
    picture: "#0 source   █              one item\n#1 taker    ┄▒█            takes it\n#2 taker    ┄▒▒█┄┄┄┄       woken for nothing\n#3 taker    ┄▒▒▒█┄┄┄       woken for nothing",
    harm: "The cost of an item grows with the number of tasks that wait for items. With a hundred of them, ninety-nine polls of each hundred do nothing.",
    rust: "Send the items through a channel, whose `send` wakes one receiver, or call `notify(1)` instead of `notify(usize::MAX)`.",
    python: "Call `condition.notify()` instead of `notify_all()`, or put the items into an `asyncio.Queue`.",
    lesson: None,
};

pub(super) const LATETIMER: Explanation = Explanation {
    proof: "A timer of one task is due while the poll of another task runs, and that poll is a `blocking` finding. The timer fires after the poll, later than its deadline by more than the limit. The report lists the late timer under the finding of the poll.",
    picture: "#1 parser   ▒████████████████\n#2 clock    ────◇▒▒▒▒▒▒▒▒▒▒▒▒█   ◇ the deadline",
    harm: "A timeout, a heartbeat or a frame comes late by the length of the poll. A peer that expects it in time gives up.",
    rust: "Mend the poll that holds the loop, see `blocking`. A deadline that must hold under load needs a thread or a loop of its own.",
    python: "Mend the step that holds the loop, see `blocking`. A deadline that must hold under load needs a thread or a process of its own.",
    lesson: Some(8),
};

pub(super) const DEADTIMEOUT: Explanation = Explanation {
    proof: "The deadline of a timeout passes while the guarded work is inside its own poll, so that the timeout can act only after that poll. A timeout that fires between two polls is not a finding.",
    picture: "#1 guarded  ▒███████◇█████████   the limit passes inside the poll",
    harm: "A timeout drops a future between two polls; it cannot interrupt one. Here the limit is reached and nothing happens: the work takes as long as it takes, although the code promises otherwise.",
    rust: "Give the work points at which it can be dropped: await I/O, divide it with `yield_now().await`, or run it with `unblock` and let the timeout abandon the handle.",
    python: "Give the work points at which it can be cancelled: await I/O, divide it with `await asyncio.sleep(0)`, or run it with `asyncio.to_thread` under the timeout.",
    lesson: Some(15),
};

pub(super) const INTERVAL: Explanation = Explanation {
    proof: "A task sleeps for the same time again and again, and its deadlines are further apart than that, because the work between two sleeps is added; a pause between two pieces of work looks the same, so this is an `info`. Or a periodic timer is several periods late, and the work of each missed tick is then done without a pause. Random periods and skipped ticks are not findings.",
    picture: "wanted      ├────┼────┼────┼────┼────┤\n#1 beat     █────█─────█─────█─────█──   each period lasts longer",
    harm: "What should happen every second happens every 1.1 seconds, and after an hour is six minutes behind; or after a pause it happens ten times at once.",
    rust: "Use one `Timer::interval(period)` and await its `next()`, or compute each deadline from the last one.",
    python: "Keep `due += period` and await `asyncio.sleep(due - loop.time())`. If `due` lies in the past, skip to the next one.",
    lesson: None,
};

pub(super) const SEQUENTIAL: Explanation = Explanation {
    proof: "A task waits several times in a row for timers, for I/O or for other tasks: each time for the same kind, and in the same function. No task is unfinished meanwhile but this one and the one that it awaits, so the loop is idle during each wait. Whether a wait needs the result of the one before is not recorded, so it is an `info`.",
    picture: "#0 main     █──────█──────█──────█   three waits, one after the other\ntogether    █──────█                 what it would take",
    harm: "The waits add up, although the loop is idle during each of them: three requests of 100 ms take 300 ms instead of 100 ms.",
    rust: "Start them together: `futures_lite::future::zip`, `join_all`, or `spawn` each and await the handles afterwards.",
    python: "Start them together: `await asyncio.gather(a(), b(), c())`, or an `asyncio.TaskGroup`.",
    lesson: Some(1),
};
