"""What the adapter sends, for small programs."""

import asyncio
import sys
import unittest

from wire_reader import record

HEAD = "import asyncio\n"


def run(body, **options):
    process, runs = record(HEAD + body, **options)
    assert process.returncode == 0, process.stderr
    return process, runs[0]


class Adapter(unittest.TestCase):
    def test_a_step_begins_for_each_entry_of_the_ready_queue(self):
        _, found = run("async def main(): await asyncio.sleep(0)\nasyncio.run(main())")
        self.assertEqual(found.tasks(), {0: "main"})
        steps = [event[1] for event in found.of("step")]
        # Two steps of the task, and the callback that ends `run`.
        self.assertEqual(steps, [0, 0, -1])
        self.assertEqual(len(found.of("again") + found.of("yield")), 1)

    def test_the_waker_is_the_step_in_which_a_wake_stands(self):
        code = """
async def waiter(event): await event.wait()
async def main():
    event = asyncio.Event()
    task = asyncio.create_task(waiter(event))
    await asyncio.sleep(0)
    event.set()
    await task
asyncio.run(main())
"""
        _, found = run(code)
        tasks = found.tasks()
        self.assertEqual(tasks, {0: "main", 1: "waiter"})
        step, wakers = None, []
        for event in found.events:
            if event[0] == "step":
                step = event[1]
            elif event[0] == "wake" and event[1] == 1:
                wakers.append(tasks.get(step))
        # The first is that of its creation.
        self.assertEqual(wakers, ["main", "main"])

    def test_a_future_that_several_tasks_await_does_not_end_the_recording(self):
        code = """
async def wait(future): await future
async def main():
    future = asyncio.get_running_loop().create_future()
    tasks = [asyncio.create_task(wait(future)) for _ in range(3)]
    await asyncio.sleep(0.3)
    future.set_result(None)
    await asyncio.gather(*tasks)
asyncio.run(main())
"""
        process, found = run(code)
        self.assertEqual(process.stderr, "")
        waits = {event[1]: event[2:4] for event in found.of("asleep") if event[1] > 0}
        self.assertEqual(sorted(waits), [1, 2, 3])
        self.assertEqual(len(set(waits.values())), 1)
        self.assertEqual(len(found.of("done")), 4)

    def test_the_event_of_a_library_has_no_place_where_it_is_set(self):
        code = """
async def main():
    made = []
    # Calls `asyncio.Event` without a frame of the program.
    asyncio.get_running_loop().call_soon(map(made.append, iter(asyncio.Event, None)).__next__)
    await asyncio.sleep(0)
    made[0].set()
    asyncio.Event().set()
asyncio.run(main())
"""
        _, found = run(code)
        self.assertEqual([found.chain(event[4]) for event in found.of("resource")], [[], [9]])

    def test_what_a_library_makes_in_a_callback_has_no_place_in_the_program(self):
        code = """
async def handle(reader, writer): writer.close()
async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.read()
    await asyncio.create_task(asyncio.sleep(0))
    writer.close()
    server.close()
asyncio.run(main())
"""
        _, found = run(code)
        names, places = found.tasks(), {}
        for _, number, _, place, _ in found.of("spawn"):
            places[names[number]] = found.chain(place)
        self.assertEqual([places[name] for name in ("main", "handle", "sleep")], [[11], [], [8]])

    def test_a_failure_that_is_looked_at_later_is_retrieved(self):
        code = """
async def fail(): raise ValueError("no")
async def main():
    seen, logged, lost = (asyncio.create_task(fail()) for _ in range(3))
    logged.add_done_callback(lambda task: task.exception())
    await asyncio.sleep(0.01)
    try:
        await seen
    except ValueError:
        pass
asyncio.run(main())
"""
        _, found = run(code)
        self.assertEqual(sorted(event[1] for event in found.of("retrieved")), [1, 2])

    def test_a_task_that_is_freed_while_it_is_pending_is_recorded(self):
        code = """
import gc
async def forgotten(): await asyncio.get_running_loop().create_future()
async def main():
    asyncio.create_task(forgotten())
    kept = asyncio.create_task(asyncio.sleep(0.3))
    await asyncio.sleep(0.2)  # The loop sleeps, so that the adapter keeps no reference to the task.
    gc.collect()
    await kept
asyncio.run(main())
"""
        process, found = run(code)
        self.assertEqual([event[1] for event in found.of("freed")], [1])
        self.assertIn("Task was destroyed but it is pending!", process.stderr)

    def test_a_freed_task_is_recorded_before_its_last_step(self):
        code = """
import gc
class Job:
    def __init__(self):
        self.queue = asyncio.Queue()
        self.task = asyncio.create_task(self.work())
    async def work(self):
        await self.queue.get()
async def main():
    job = Job()
    await asyncio.sleep(0.01)
    del job
    await asyncio.sleep(0.05)  # The loop sleeps, so that the adapter keeps no reference to the task.
    gc.collect()
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
        _, found = run(code)
        kinds = {"first": "step", "next": "step", "step": "step", "thrown": "thrown", "freed": "freed"}
        events = [kinds[event[0]] for event in found.events if event[0] in kinds and event[1] == 1]
        self.assertEqual(events, ["step", "freed", "step"])

    def test_an_open_connection_is_there_although_its_reader_is_freed(self):
        if hasattr(asyncio.StreamWriter, "__del__"):
            self.skipTest("asyncio closes the connection of a writer that is freed")
        code = """
async def answer(reader, writer):
    writer.write(b"hello\\n")
async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await reader.readline()
    reader = writer = None
    await asyncio.sleep(0.1)
    print("open")
    await asyncio.sleep(0.1)
asyncio.run(main())
"""
        _, found = run(code)
        names = {event[1]: found.texts[event[3]] for event in found.of("resource")}
        dropped = {event[1] for event in found.of("operation") if event[2] == 7}
        readers = [number for number, name in names.items() if name.startswith("StreamReader")]
        self.assertEqual((len(readers), dropped), (1, set()))

    def test_reads_behind_the_end_of_a_socket_are_recorded(self):
        code = """
import socket
async def main():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.send(b"hello")
    theirs.close()
    loop = asyncio.get_running_loop()
    print([await loop.sock_recv(ours, 9) for _ in range(4)])
asyncio.run(main())
"""
        process, found = run(code)
        self.assertEqual(process.stdout, "[b'hello', b'', b'', b'']\n")
        ends = [event[1] for event in found.of("operation") if event[2] == 8]
        self.assertEqual(len(ends), 3)
        self.assertEqual(len(set(ends)), 1)

    def test_a_coroutine_that_nothing_awaits_is_recorded_at_its_call(self):
        code = """
async def save(): pass
async def main():
    save()
    await asyncio.sleep(0)
asyncio.run(main())
"""
        _, found = run(code)
        coroutines = [event for event in found.of("resource") if event[2] == 12]
        self.assertEqual([found.texts[event[3]] for event in coroutines], ["save"])
        self.assertEqual(found.places[coroutines[0][4]][1:3], (5, "main"))
        dropped = [event[1] for event in found.of("operation") if event[2] == 7]
        self.assertEqual(dropped, [coroutines[0][1]])

    def test_a_sleeping_task_has_a_line_and_a_chain(self):
        code = """
async def inner():
    await asyncio.sleep(0.01)
async def main():
    await inner()
asyncio.run(main())
"""
        _, found = run(code)
        asleep = found.of("asleep")[0]
        kind, place = asleep[2], asleep[4]
        self.assertEqual(kind, 1)
        file, line, function, outer = found.places[place]
        self.assertEqual((file, line, function), ("script.py", 4, "inner"))
        self.assertEqual(found.places[outer][:3], ("script.py", 6, "main"))

    def test_a_wait_has_its_line_before_what_follows_is_sent(self):
        """Each printed line is sent at once if a person sees it, and so is a long tick."""
        terminal = "import os, sys\nsys.stdout = os.fdopen(os.openpty()[1], 'w')\n"
        code = """
async def sleeper(): await asyncio.sleep(0.01)
async def other(): print("now")
async def main():
    print("begun")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.gather(sleeper(), *[other() for _ in range(COUNT)])
asyncio.run(main())
"""
        silent = code.replace('print("now")', "pass")
        for head, code, clock, count in [(terminal, code, "real", 3), ("", silent, "virtual", 3000)]:
            code = head + HEAD + code.replace("COUNT", str(count))
            process, runs = record(code, environment={"LOOPSCOPE_CLOCK": clock})
            self.assertEqual(process.returncode, 0, process.stderr)
            events = runs[0].events
            asleep = [event[:2] for event in events].index(("asleep", 1))
            last = [event[:2] for event in events].index(("step", count + 1))
            self.assertLess(asleep, last, clock)

    def test_a_lock_tells_its_name_and_who_takes_it(self):
        code = """
async def use(lock):
    async with lock:
        await asyncio.sleep(0.001)
async def main():
    my_lock = asyncio.Lock()
    await asyncio.gather(use(my_lock), use(my_lock))
asyncio.run(main())
"""
        _, found = run(code)
        names = [found.texts[event[3]] for event in found.of("resource")]
        self.assertIn("my_lock", names)
        operations = [event[2] for event in found.of("operation")]
        # The last one is its end.
        self.assertEqual(operations, [2, 3, 2, 3, 7])
        self.assertEqual(len(found.of("member")), 2)

    def test_a_step_that_lasts_long_has_its_line_and_its_processor_time(self):
        code = """
import time
def query(): time.sleep(0.3)
def compute():
    until = time.process_time() + 0.3
    while time.process_time() < until: pass
async def main():
    await asyncio.sleep(0.01)
    query()
    await asyncio.sleep(0.01)
    compute()
    await asyncio.sleep(0.01)
    sum(range(20_000_000))
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
        _, found = run(code)
        times = {tuple(found.chain(event[1])): event[2] for event in found.of("late")}
        self.assertLess(times[4, 10], 150_000_000)
        self.assertGreater(times[7, 12], 150_000_000)
        # The last one keeps all other threads from running.
        self.assertGreater(times[(14,)], 50_000_000)

    def test_waiting_for_a_processor_is_not_being_blocked(self):
        code = """
import sys, tempfile, time
def measured(recorder):
    # It had computed for 40 ns before and had waited for 20 ns.
    sight = sys.modules["_loopscope.watchdog"].Sight(None, (time.monotonic_ns(), 40, 20))
    sight.lines[(measured.__code__, 3),] = 1
    from _loopscope.late import end
    return end(sight, recorder)[1]
async def main():
    recorder = asyncio.get_running_loop()._ready.recorder
    with tempfile.NamedTemporaryFile("w") as statistics:
        statistics.write("100 50 3")
        statistics.flush()
        recorder.watchdog.statistics = statistics.name
        print(measured(recorder))
    print(measured(recorder))  # Another system than Linux.
asyncio.run(main())
"""
        process, _ = run(code)
        self.assertEqual(process.stdout.split(), ["90", "-1"])

    def test_numbers_without_a_limit_are_recorded(self):
        code = """
import math
async def main():
    for forever in (math.inf, 1e12):
        try:
            await asyncio.wait_for(asyncio.sleep(forever), 0.01)
        except asyncio.TimeoutError:
            print("timeout")
    queue, permits = asyncio.Queue(math.inf), asyncio.Semaphore(2**70)
    async with permits:
        await queue.put(1)
    print(await queue.get())
asyncio.run(main())
"""
        process, found = run(code)
        self.assertEqual((process.stdout.split(), process.stderr), (["timeout", "timeout", "1"], ""))
        self.assertEqual(len(found.of("fired")), 2)
        self.assertEqual([event[5] for event in found.of("resource") if event[2] in (0, 2)], [2**32 - 1, 0])

    def test_an_overwritten_change_names_the_other_task(self):
        code = """
total = 0
async def add():
    global total
    before = total
    await asyncio.sleep(0.005)
    total = before + 1
async def main():
    await asyncio.gather(add(), add())
asyncio.run(main())
"""
        _, found = run(code)
        values = [event[1] for event in found.of("resource") if event[2] == 13]
        stored = [event for event in found.of("operation") if event[2] == 13]
        self.assertEqual([event[1] for event in stored], values)
        self.assertEqual(len(stored), 1)

    def test_a_reader_keeps_its_kind_whatever_it_is_assigned_to(self):
        code = """
class Client:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
async def answer(reader, writer):
    await asyncio.sleep(0.05)
    writer.write(b"hello\\n")
async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    client = Client(*await asyncio.open_connection(*server.sockets[0].getsockname()))
    await client.reader.readline()
    client.writer.close()
    server.close()
asyncio.run(main())
"""
        _, found = run(code)
        names = [found.texts[event[3]] for event in found.of("resource")]
        self.assertTrue(any(name.startswith("StreamReader.") for name in names), names)
        self.assertNotIn("client", names)

    def test_the_event_of_a_queue_is_not_set_by_its_creation(self):
        code = """
async def main():
    jobs = asyncio.Queue()
    jobs.put_nowait(1)
    try:
        await asyncio.wait_for(jobs.join(), 0.01)
    except asyncio.TimeoutError:
        print("not done")
asyncio.run(main())
"""
        _, found = run(code)
        sets = [event for event in found.of("operation") if event[2] == 4]
        self.assertEqual(sets, [])

    def test_what_is_freed_is_recorded_before_the_loop_waits(self):
        code = """
async def main():
    lock = asyncio.Lock()
    async with lock:
        pass
    del lock
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
        _, found = run(code)
        order = [event[0] for event in found.events if event[0] == "park" or event[2:3] == (7,)]
        self.assertEqual(order[:2], ["operation", "park"])

    def test_a_test_before_a_lock_is_taken_is_no_lost_change(self):
        code = """
class Turn:
    lock, owner = None, None
    async def take(self):
        task = asyncio.current_task()
        if self.owner is not task:
            await self.lock.acquire()
            self.owner = task
    def give(self):
        self.owner = None
        self.lock.release()
async def use(turn):
    for _ in range(3):
        await turn.take()
        await asyncio.sleep(0.001)
        turn.give()
async def main():
    turn = Turn()
    turn.lock = asyncio.Lock()
    await asyncio.gather(use(turn), use(turn))
asyncio.run(main())
"""
        _, found = run(code)
        self.assertEqual([event for event in found.of("operation") if event[2] == 13], [])

    def test_a_connection_is_closed_although_its_objects_are_kept(self):
        code = """
async def answer(reader, writer):
    writer.write(b"hello\\n")
async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    kept = await asyncio.open_connection(*server.sockets[0].getsockname())
    await kept[0].readline()
    kept[1].close()
    await kept[1].wait_closed()
    await asyncio.sleep(0.01)
    print(len(kept))
asyncio.run(main())
"""
        _, found = run(code)
        names = {event[1]: found.texts[event[3]] for event in found.of("resource")}
        readers = [number for number, name in names.items() if name.startswith("StreamReader")]
        closed = [event[1] for event in found.of("operation") if event[2] == 14]
        self.assertLessEqual(set(readers), set(closed))
        self.assertEqual(len(readers), 1)

    def test_what_a_thread_sets_without_a_wake_is_recorded_when_the_task_is_cancelled(self):
        code = """
import os, signal, threading, time
def deliver(jobs):
    time.sleep(0.05)
    jobs.put_nowait(1)
    time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)
async def main():
    jobs = asyncio.Queue()
    threading.Thread(target=deliver, args=(jobs,)).start()
    await jobs.get()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("stopped")
"""
        _, found = run(code)
        outside = [event for event in found.of("operation") if event[2:4] == (4, 2)]
        # Before 3.11, Ctrl-C does not cancel the main task in its own step.
        self.assertEqual(len(outside), int(sys.version_info >= (3, 11)))

    def test_a_crash_that_prints_all_threads_prints_those_of_the_program(self):
        code = """
import faulthandler, time
async def main():
    time.sleep(0.1)
    faulthandler.dump_traceback(all_threads=True)
faulthandler.enable()
asyncio.run(main())
"""
        process, _ = run(code)
        self.assertNotIn("watchdog", process.stderr)

    def test_a_fork_is_not_warned_of_because_of_the_adapter(self):
        code = """
import os, warnings
async def main():
    await asyncio.sleep(0.05)
    if os.fork() == 0: os._exit(0)
    os.wait()
warnings.simplefilter("error")
asyncio.run(main())
"""
        process, _ = run(code)
        self.assertEqual(process.stderr, "")

    def test_a_yield_has_its_line(self):
        code = """
async def worker():
    await asyncio.sleep(0)
    await asyncio.sleep(0)
async def main():
    await asyncio.gather(worker(), worker())
asyncio.run(main())
"""
        _, found = run(code)
        yields = [found.chain(event[4]) for event in found.of("asleep") if event[2] == 9]
        self.assertEqual(yields, [[4], [4], [5], [5]])

    def test_the_members_of_as_completed_are_recorded(self):
        code = """
async def main():
    for done in asyncio.as_completed([asyncio.sleep(0.01), asyncio.sleep(0.02)]):
        await done
asyncio.run(main())
"""
        _, found = run(code)
        groups = [event[1] for event in found.of("resource") if event[2] == 5]
        members = [event[1] for event in found.of("member") if event[2] == groups[0]]
        self.assertEqual(sorted(members), [1, 2])

    def test_output_has_the_time_of_its_line(self):
        code = """
import time
async def main():
    print("before")
    time.sleep(0.05)
    print("after")
asyncio.run(main())
"""
        _, found = run(code)
        before, after = (event[3] for event in found.of("output"))
        self.assertGreaterEqual(after - before, 50_000_000)

    def test_output_errors_and_exit_code_are_those_of_the_program(self):
        code = HEAD + "async def main():\n    print('one')\n    1 / 0\nasyncio.run(main())"
        process, runs = record(code)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(process.stdout, "one\n")
        self.assertIn("ZeroDivisionError", process.stderr)
        self.assertNotIn("_loopscope", process.stderr)
        done = runs[0].of("done")[0]
        self.assertEqual(done[2], 2)
        self.assertEqual(runs[0].texts[done[3]], "ZeroDivisionError: division by zero")

    def test_a_line_of_another_thread_does_not_join_the_line_that_was_begun(self):
        code = """
import threading
async def other():
    print("of the other thread")
async def main():
    print("one ", end="")
    thread = threading.Thread(target=asyncio.run, args=(other(),))
    thread.start()
    thread.join()
    print("line")
asyncio.run(main())
"""
        _, runs = record(HEAD + code)
        lines = sorted(found.texts[event[1]] for found in runs for event in found.of("output"))
        self.assertEqual(lines, ["of the other thread", "one line"])

    def test_a_wake_from_a_thread_names_the_thread(self):
        code = """
import threading
async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    def other(): loop.call_soon_threadsafe(future.set_result, 1)
    threading.Timer(0.01, other).start()
    await future
asyncio.run(main())
"""
        _, found = run(code)
        names = [found.texts[event[1]] for event in found.of("from") if event[1] >= 0]
        self.assertEqual(len(names), 1)
        self.assertTrue(names[0].startswith("Thread-"), names)

    def test_the_threads_beside_which_the_loop_waits_are_announced(self):
        code = """
import concurrent.futures, threading, time
async def main():
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(time.sleep, 0.03)
    free = threading.Event()
    helper = threading.Thread(target=free.wait, name="helper")
    helper.start()
    await asyncio.sleep(0.03)
    free.set()
    helper.join()
    await asyncio.sleep(0.03)
    with concurrent.futures.ThreadPoolExecutor(thread_name_prefix="pool") as pool:
        done = asyncio.Event()
        job = pool.submit(time.sleep, 0.03)
        job.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
        await done.wait()
        await asyncio.sleep(0.03)
asyncio.run(main())
"""
        _, found = run(code)
        threads = {event[1]: found.texts[event[3]] for event in found.of("resource") if event[2] == 15}
        self.assertEqual(sorted(threads.values()), ["helper", "pool_0"])
        ended = [event[1] for event in found.of("operation") if event[2] == 7]
        self.assertLessEqual(set(threads), set(ended))

    def test_cancellation_is_requested_and_delivered(self):
        code = """
async def main():
    task = asyncio.create_task(asyncio.sleep(9))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
asyncio.run(main())
"""
        _, found = run(code)
        self.assertEqual([event[1] for event in found.of("cancel")], [1])
        self.assertEqual([event[2] for event in found.of("done")], [1, 0])
        self.assertEqual(len(found.of("cancelled")), 1)

    def test_the_virtual_clock_jumps(self):
        code = """
import time
async def main():
    before = asyncio.get_running_loop().time()
    await asyncio.sleep(3600)
    time.sleep(60)
    print(asyncio.get_running_loop().time() - before)
asyncio.run(main())
"""
        process, found = run(code, environment={"LOOPSCOPE_CLOCK": "virtual"})
        self.assertEqual(process.stdout, "3660.0\n")
        self.assertEqual(found.hello["clock"], "virtual")

    def test_each_thread_with_a_loop_is_a_run(self):
        code = """
import threading
async def main(): await asyncio.sleep(0.01)
threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
        process, runs = record(HEAD + code)
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual([found.tasks() for found in runs], [{0: "main"}] * 3)

    def test_a_program_without_asyncio_sends_nothing(self):
        process, runs = record("print('hello')")
        self.assertEqual((process.stdout, process.stderr, runs), ("hello\n", "", []))

    @unittest.skipIf(sys.version_info < (3, 12), "eager tasks are new in CPython 3.12")
    def test_an_eager_task_takes_its_first_step_at_once(self):
        code = """
async def quick(): return 1
async def slow(): await asyncio.sleep(0.001)
async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    await asyncio.create_task(quick())
    await asyncio.create_task(slow())
asyncio.run(main())
"""
        _, found = run(code)
        self.assertEqual(sorted(found.tasks().values()), ["main", "quick", "slow"])
        self.assertEqual(len(found.of("eager")), 2)


if __name__ == "__main__":
    unittest.main()
