//! Rules about how futures and tasks end, and what is lost with them.

use super::Explanation;

pub(super) const UNAWAITED: Explanation = Explanation {
    proof: "A future or coroutine is created and dropped without a poll. A send or a lock that is dropped so is an `info`, because the loser of `or` may be. A task that is cancelled on purpose before its start, with its handle awaited, is not a finding.",
    picture: "#0 main     █ save() █ ends\nsave        created, dropped, never polled",
    harm: "A call of an async function runs nothing. The line reads as if the work were done, and the work never happens: no error, no output.",
    rust: "Write `save().await`, or `spawn(save())` if it should run beside. The lint `unused_must_use` finds the plain cases.",
    python: "Write `await save()`, or `asyncio.create_task(save())` with a reference to the task. `python -X dev` prints \"was never awaited\" with the place.",
    lesson: Some(3),
};

pub(super) const UNPOLLED: Explanation = Explanation {
    proof: "A timer of a task fires while the task awaits something else alone, and the task does not notice it for longer than the limit, at least twice. Or a lock was released to a future that its task does not poll, and everything else waits for the lock. A periodic timer that is due while its task is busy is not a finding.",
    picture: "#0 main     █ polls a █──── awaits b alone ────█ polls a again\na           ┄┄┄┄ ready ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
    harm: "A future makes progress only while its task polls it. A half-read response is held across another await: its timeout passes, its peer closes the connection, its lock stays taken.",
    rust: "Poll both together (`zip`, `select`, `FuturesUnordered`), or `spawn` the future, so that the executor polls it.",
    python: "Create a task for the coroutine, so that the loop runs it; or close the async generator before another await.",
    lesson: None,
};

pub(super) const ORPHAN: Explanation = Explanation {
    proof: "A task handle is dropped while its task is unfinished, and the task is cancelled by that in the middle of its work; in asyncio, nothing but the loop's weak set refers to the task, and nothing else to what it waits for. A call of `detach` and a cancellation that was asked for are not findings.",
    picture: "#0 main     █ spawns, drops the handle █────────█\n#1 beats    ▒█────╳                      cancelled by the drop",
    harm: "The work ends without an error and without a trace in the output: what it had begun stays half done.",
    rust: "Keep the `Task` and await it, or call `detach()` if the task should run without a handle. `let _ = spawn(…)` drops the handle at once.",
    python: "Keep a reference, for example in a set with `add_done_callback(tasks.discard)`, or use a `TaskGroup`: a task without one may be collected in the middle of its work.",
    lesson: Some(13),
};

pub(super) const SHUTDOWN: Explanation = Explanation {
    proof: "The main future ends while another task has work in hand: an item in its queue, a lock that it holds, an operation that it has begun; and no task had asked it to end. An idle server, or a task that is cancelled and awaited, is not a finding. A task that sleeps is an info if others that were spawned at its place have ended.",
    picture: "#0 main     █ sends 3 items █ ends\n#1 writer   ▒█ writes 1 ───╳   two items are lost",
    harm: "The end of main drops all other tasks where they are. Data that was accepted is lost, and only under load or on a fast exit.",
    rust: "Close the channel (`drop(sender)`) and await the writer's handle before main returns, or cancel it with `task.cancel().await` when its work may be dropped.",
    python: "Await `queue.join()` and the tasks before main returns, or put them into a `TaskGroup`, which waits for them.",
    lesson: Some(12),
};

pub(super) const UNRETRIEVED: Explanation = Explanation {
    proof: "A task panics or returns an error, and until the end of the run no task awaits its handle. An error that a supervisor reads later is not a finding, and neither is that of a channel whose other end is gone. A task that fails because its connection has ended is an `info`.",
    picture: "#0 main     █ spawns ─────────────────█ reports success\n#1 upload   ▒█──█╳                      its error is read by no task",
    harm: "The program continues as if the work had succeeded. The failure shows much later, as data that is missing.",
    rust: "Await the handle and handle its `Result`, or report the error inside the task before `detach()`.",
    python: "Await the task, or use a `TaskGroup`, which raises its exception. A callback of `add_done_callback` that calls `task.exception()` reports a failure in the background.",
    lesson: Some(11),
};

pub(super) const CANCELUNSAFE: Explanation = Explanation {
    proof: "A task takes an item from a channel, or bytes from a socket, inside of work that has a time limit. The limit drops the work before the item is handed on, and the channel is read again afterwards. If the channel is not read again, the end may be meant, and it is an `info`. Also an `info`: a batch that waits for its next item when the limit drops it, a send that a limit drops, work that another branch drops, a read that begins anew between two parts, and a read that is cancelled on a connection from which another task reads afterwards. Other work that had only waited, and a limit that begins after the item was taken, are not findings.",
    picture: "#1 receive  ▒█ takes an item ───╳   dropped before it passes the item on\n#2 timer    ─────────────────────█   wins",
    harm: "What the future had taken is lost: the item has left the channel and reaches no consumer. The program continues without it, and no error says so.",
    rust: "Keep the future across the rounds (`pin!` it outside of the loop and `select` on `&mut future`), or take the item only where it can be handed on without an await between.",
    python: "Protect the step with `asyncio.shield`, or put the item back in `except CancelledError` before raising again.",
    lesson: Some(21),
};

pub(super) const CANCELSWALLOWED: Explanation = Explanation {
    proof: "A task is asked to end, and is polled afterwards for longer than the limit, or never ends. After 100 ms it is a finding already if the task waits again for the item or the bytes that it waited for at the request. Clean-up that ends within the limit is not a finding.",
    picture: "#0 main     █ cancels #1 ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄\n#1 worker   ──────█──────█──────█──────█───   continues",
    harm: "A task that cancels it and awaits its end waits for long: the shutdown hangs, or the task writes to what was closed meanwhile.",
    rust: "End the task at the request: let the drop of its future be the end, and move clean-up into guards. Work that was detached inside it needs a request of its own.",
    python: "After the clean-up in `except asyncio.CancelledError:`, write `raise`. A bare `except:` and `except BaseException:` catch the cancellation as well.",
    lesson: Some(14),
};

pub(super) const RACE: Explanation = Explanation {
    proof: "A task reads a shared value and suspends, another task writes it, and the first writes a value that it computed from the old one. A lock over both accesses, or a new read after the wait, is not a finding. A task that takes a lock to read, and later to write, is an info if another task has taken it to write between the two: what was read may be out of date.",
    picture: "#1 deposit  █ reads 100 ────────█ writes 110\n#2 deposit  ▒█ reads 100 ───────▒█ writes 110\nbalance     100                 110",
    harm: "One of the two writes is lost. One thread does not prevent it: at each `.await`, all other tasks may run.",
    rust: "Hold an async `Mutex` across the read and the write, or read, compute and write without an `.await` between.",
    python: "Hold an `asyncio.Lock` across the read and the write, or read, compute and write without an `await` between.",
    lesson: Some(16),
};

pub(super) const ORDERING: Explanation = Explanation {
    proof: "Tasks complete in another order than they were spawned in, and their results are taken as they come: with a wait for the first of them, or through a channel into which each puts one item. Whether the consumer pairs them by position is not recorded, so it is an `info`.",
    picture: "#1 slow     ▒█────────█ result of 1\n#2 fast     ▒█──█ result of 2\n#0 main     ┄┄┄┄█ takes it as the first",
    harm: "Results are paired with the wrong requests, and only when the durations differ.",
    rust: "Return the key with the result, or use `join_all`, which keeps the order of its arguments.",
    python: "Return the key with the result, or use `asyncio.gather`, which keeps the order of its arguments; `as_completed` does not.",
    lesson: Some(9),
};
