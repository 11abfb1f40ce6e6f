//! Rules about what grows, what is full, and what is served last.

use super::Explanation;

pub(super) const INVERSION: Explanation = Explanation {
    proof: "A sender waits for the answer to a short item. The item is in the queue many times as long as its own work takes, because items with long work are taken before it; and this happens several times. Where no sender waits for an answer, the short items have to come from other tasks than the long ones; if one task sends both, it is an `info`. Items of equal length are not a finding.",
    picture: "queue       [long][long][long][short]\n#1 worker   █──────────█──────────█──────────█─   the short one is last",
    harm: "A request of 1 ms answers after 300 ms although the loop is idle for most of that time.",
    rust: "Give short work a channel and a worker of its own, or divide the long work into items.",
    python: "Give short work a queue and a worker of its own, use `asyncio.PriorityQueue`, or divide the long work into items.",
    lesson: None,
};

pub(super) const POOLEXHAUSTED: Explanation = Explanation {
    proof: "Jobs wait for a thread for more than 100 ms and for twice as long as they then run, at several moments of the run; or jobs of another place hold the threads meanwhile, and the finding names that place. The jobs of one burst are an `info`.",
    picture: "thread 1    ████████████████████\nthread 2    ████████████████████\n#3 lookup   ▒┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄█   waits for a thread",
    harm: "Blocking calls that wait (for the network, for a lock) hold all threads, and a file that would take a millisecond waits behind them.",
    rust: "Limit what is submitted with a `Semaphore`, use async I/O for calls that wait, or raise `BLOCKING_MAX_THREADS`.",
    python: "Limit what is submitted with a `Semaphore`, use async I/O for calls that wait, or set a larger `ThreadPoolExecutor` with `loop.set_default_executor`.",
    lesson: None,
};

pub(super) const UNFAIR: Explanation = Explanation {
    proof: "A task takes items of one channel many times in a row while another channel that it receives from has items, and the preferred channel is refilled meanwhile. For asyncio also: a task that has ended is in the group of one select after another, while other tasks of the group are taken and replaced. It is a warning if the items or the task wait for a second or are never taken. A burst that drains, and a task that reads one channel after the other, are at most an `info`.",
    picture: "data        █▒█▒█▒█▒█▒█▒█▒█▒   always taken\nstop        ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒   ready, never taken",
    harm: "A biased select under load never sees its other branch: the request to stop, the heartbeat, the second client.",
    rust: "Use `future::race` instead of `future::or`, which prefers its first argument; or drain each branch with a limit.",
    python: "Handle all tasks that `asyncio.wait` returns in `done`, and drain each source with a limit.",
    lesson: None,
};

pub(super) const UNBOUNDED: Explanation = Explanation {
    proof: "A channel without a capacity grows over the whole run, because items are put in faster than they are taken out. A burst that is drained, also if a few items are left each time, and a queue that is filled first and then read, are not findings.",
    picture: "#1 maker    █─█─█─█─█─█─█─█─   an item each 10 ms\n#2 taker    ▒█───█───█───█───   takes one each 20 ms\nitems       1  2  3  4  5  6",
    harm: "The queue takes more memory each second, and each item waits longer than the one before it. The program ends when memory does.",
    rust: "Use `channel::bounded(n)`: a full channel suspends the sender, which slows the source down.",
    python: "Use `asyncio.Queue(maxsize=n)`: a full queue suspends the producer, which slows the source down.",
    lesson: Some(19),
};

pub(super) const BACKPRESSURE: Explanation = Explanation {
    proof: "A bounded channel is full for most of its time, and while a sender waits for room in it, the receiver of another channel that the same task feeds waits for an item. A producer that has nothing else to do is an `info`. For asyncio also: many writes in a row find a write buffer over 64 KiB, and nothing awaits `drain`.",
    picture: "#1 maker    █┄┄┄┄█┄┄┄┄█┄┄┄┄█   waits for room\n#2 taker    ▒█───▒█───▒█───▒█   takes one at a time",
    harm: "One slow consumer holds up all senders, including those that would serve other consumers meanwhile.",
    rust: "Make the consumer faster: more than one receiver task, several items a round, or the slow step with `unblock`.",
    python: "Make the consumer faster: more than one consumer task, several items a round, or the slow step with `asyncio.to_thread`.",
    lesson: None,
};

pub(super) const TASKLEAK: Explanation = Explanation {
    proof: "The number of unfinished tasks of one spawn place grows over the run, and they wait for something that does not come. If their waits end together later, or all of them are cancelled, that is an `info`. A pool of fixed size, and one task for each open connection, are not findings.",
    picture: "#1 request  █┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄\n#2 request    █┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄\n#3 request      █┄┄┄┄┄┄┄┄┄┄┄┄┄┄   none of them ends",
    harm: "Each task keeps its memory, its connection and its place in a queue. The program slows down over days and then fails far from the cause.",
    rust: "Give the wait of the task a timeout, and limit how many tasks exist with a `Semaphore` that is taken before `spawn`.",
    python: "Give the wait of the task `asyncio.timeout`, and limit how many tasks exist with a `Semaphore` that is taken before `create_task`.",
    lesson: None,
};

pub(super) const HANDLELEAK: Explanation = Explanation {
    proof: "Sockets, child processes or channels of one place are made over a good part of the run, most of them are idle, and none is released; what main drops at its end, and what the tasks drop that it cancels there, counts as not released. A pool with a limit and an inbox for which a task waits are not findings; locks and events are an `info`.",
    picture: "sockets     1   2   3   4   5   6\n#1 client   █───█───█───█───█───█   connects, never closes",
    harm: "The process reaches its limit of open files, and from then on accepts no connection and opens no file.",
    rust: "Let the value go out of scope: do not keep it in a collection that only grows, and do not call `mem::forget`.",
    python: "Use `async with`, or call `writer.close()` and `await writer.wait_closed()` in `finally`.",
    lesson: None,
};

pub(super) const HALFOPEN: Explanation = Explanation {
    proof: "The end of a stream is read again and again; or a read without a timeout waits to the end of the run, and for most of it, while main waits for it or the peer owes an answer. A silent connection that only one of many tasks reads is an `info`. The accept of an idle server, and a subscription with heartbeats, are not findings.",
    picture: "peer        █ gone\n#1 reader   ▒█┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄   waits for bytes that do not come",
    harm: "A cable that is pulled sends nothing. The task, its buffers and its place in a pool are kept for ever.",
    rust: "Put the read under a timeout, treat `Ok(0)` as the end of the stream, and close the socket there.",
    python: "Put the read under `asyncio.timeout`, treat `b\"\"` as the end of the stream, and close the writer there.",
    lesson: None,
};

pub(super) const RETRYSTORM: Explanation = Explanation {
    proof: "The same I/O operation, or a task that is spawned at one place, fails and begins again many times in a row without a pause, or with one that does not grow. Of the failures that a function handles itself, those of asyncio are recorded after which it sets a timer, and they are an `info`: they may be an answer that it expects. Retries whose pauses grow or vary, and jobs that fail together, are not findings.",
    picture: "#1 client   █╳█╳█╳█╳█╳█╳█╳█╳   fails, and tries again at once",
    harm: "A server that is overloaded gets more requests because it is overloaded, and the client uses a core for failures.",
    rust: "Sleep before each retry, twice as long each time, with a random part and an upper limit, and give up after a number of attempts.",
    python: "Sleep before each retry, twice as long each time, with a random part and an upper limit, and give up after a number of attempts.",
    lesson: None,
};
