"""The line of the await of each task that waits for longer than a millisecond."""

import sys
import unittest

from wire_reader import record

PRELUDE = '''
import asyncio, contextlib, socket, sys, time, types
LONG = 0.02
def later(function, *args): asyncio.get_running_loop().call_later(LONG, function, *args)
async def connected():
    """A reader and a writer, and the socket at their other end."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    return reader, writer, theirs
def pair():
    ends = socket.socketpair()
    for end in ends: end.setblocking(False)
    return ends
class Custom:
    def __await__(self): return (yield from asyncio.sleep(LONG).__await__())
@types.coroutine
def old(): yield from asyncio.sleep(LONG).__await__()
async def numbers():
    await asyncio.sleep(LONG)
    yield 1
@contextlib.asynccontextmanager
async def managed():
    await asyncio.sleep(LONG)
    yield
class Manager:
    async def __aenter__(self): await asyncio.sleep(LONG)
    async def __aexit__(self, *_): pass
async def in_another_thread(): await asyncio.sleep(LONG)
'''

#: The kinds of waits: the name, what is waited for, and the body. `# here` marks the line that the
#: task waits at.
ZOO = '''
plain_sleep timer
    await asyncio.sleep(LONG)  # here
future resource
    future = asyncio.get_running_loop().create_future()
    later(future.set_result, 1)
    await future  # here
task join
    task = asyncio.create_task(asyncio.sleep(LONG))
    await task  # here
gather all
    await asyncio.gather(asyncio.sleep(LONG), asyncio.sleep(LONG))  # here
wait_all all
    tasks = [asyncio.create_task(asyncio.sleep(LONG)) for _ in range(2)]
    await asyncio.wait(tasks)  # here
wait_first any
    tasks = [asyncio.create_task(asyncio.sleep(LONG)) for _ in range(2)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # here
wait_for join
    task = asyncio.create_task(asyncio.sleep(LONG))
    await asyncio.wait_for(task, 5)  # here
wait_for_too_long *
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.sleep(9), LONG)  # here
shield join
    await asyncio.shield(asyncio.create_task(asyncio.sleep(LONG)))  # here
as_completed *
    for done in asyncio.as_completed([asyncio.sleep(LONG), asyncio.sleep(LONG * 2)]):
        await done  # here
queue_get receive
    queue = asyncio.Queue()
    later(queue.put_nowait, 1)
    await queue.get()  # here
priority_queue receive
    queue = asyncio.PriorityQueue()
    later(queue.put_nowait, 1)
    await queue.get()  # here
queue_put send
    queue = asyncio.Queue(1)
    await queue.put(1)
    later(queue.get_nowait)
    await queue.put(2)  # here
queue_join resource
    queue = asyncio.Queue()
    await queue.put(1)
    later(queue.task_done)
    await queue.join()  # here
lock resource
    lock = asyncio.Lock()
    await lock.acquire()
    later(lock.release)
    async with lock:  # here
        pass
semaphore resource
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    later(semaphore.release)
    async with semaphore:  # here
        pass
bounded_semaphore resource
    semaphore = asyncio.BoundedSemaphore(1)
    await semaphore.acquire()
    later(semaphore.release)
    await semaphore.acquire()  # here
event resource
    event = asyncio.Event()
    later(event.set)
    await event.wait()  # here
condition resource
    condition = asyncio.Condition()
    async def notify():
        async with condition: condition.notify()
    later(lambda: asyncio.ensure_future(notify()))
    async with condition:
        await condition.wait()  # here
condition_wait_for resource
    condition, values = asyncio.Condition(), []
    async def notify():
        async with condition:
            values.append(1)
            condition.notify_all()
    later(lambda: asyncio.ensure_future(notify()))
    async with condition:
        await condition.wait_for(lambda: values)  # here
stream_read io
    reader, writer, other = await connected()
    later(other.send, b"x")
    await reader.read(1)  # here
    writer.close(), other.close()
stream_readline io
    reader, writer, other = await connected()
    later(other.send, b"x\\n")
    await reader.readline()  # here
    writer.close(), other.close()
stream_iteration io
    reader, writer, other = await connected()
    later(other.send, b"x\\n")
    later(other.close)
    async for _ in reader:  # here
        pass
    writer.close()
drain io
    reader, writer, other = await connected()
    writer.write(bytes(4 << 20))
    other.setblocking(False)
    async def read():
        while await asyncio.get_running_loop().sock_recv(other, 1 << 20): pass
    later(lambda: asyncio.ensure_future(read()))
    await writer.drain()  # here
    writer.close()
sock_recv io
    ours, theirs = pair()
    later(theirs.send, b"x")
    await asyncio.get_running_loop().sock_recv(ours, 1)  # here
sock_sendall io
    ours, theirs = pair()
    async def read():
        while await asyncio.get_running_loop().sock_recv(theirs, 1 << 20): pass
    later(lambda: asyncio.ensure_future(read()))
    await asyncio.get_running_loop().sock_sendall(ours, bytes(4 << 20))  # here
    ours.close()
sock_accept io
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    later(socket.create_connection, listener.getsockname())
    await asyncio.get_running_loop().sock_accept(listener)  # here
serve_forever io
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    later(server.close)
    with contextlib.suppress(asyncio.CancelledError):
        await server.serve_forever()  # here
executor io
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, LONG)  # here
to_thread io
    await asyncio.to_thread(time.sleep, LONG)  # here
threadsafe *
    loop, other = asyncio.get_running_loop(), asyncio.new_event_loop()
    thread = loop.run_in_executor(None, other.run_forever)
    future = asyncio.run_coroutine_threadsafe(in_another_thread(), other)
    await asyncio.wrap_future(future)  # here
    other.call_soon_threadsafe(other.stop)
    await thread
process_start io
    process = await asyncio.create_subprocess_exec("sleep", "0.02")  # here
    await process.wait()
process_wait io
    process = await asyncio.create_subprocess_exec("sleep", "0.02")
    await process.wait()  # here
process_output *
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("sleep", "0.02", stdout=pipe)
    await process.communicate()  # here
custom_awaitable timer
    await Custom()  # here
    pass
types_coroutine timer
    await old()  # here
    pass
async_generator timer
    async for _ in numbers():  # here
        pass
next_of_generator timer
    await numbers().__anext__()  # here
async_context timer
    async with Manager():  # here
        pass
context_function timer
    async with managed():  # here
        pass
inner_coroutine timer
    async def inner(): await asyncio.sleep(LONG)
    await inner()  # here
busy_loop timer
    async def spin():
        while True: await asyncio.sleep(0)
    spinner = asyncio.ensure_future(spin())
    await asyncio.sleep(LONG)  # here
    spinner.cancel()
blocked_meanwhile *
    later(time.sleep, LONG)
    await asyncio.sleep(0.0001 + LONG)  # here
timeout timer 3.11
    async with asyncio.timeout(5):
        await asyncio.sleep(LONG)  # here
task_group all 3.11
    async with asyncio.TaskGroup() as group:  # here
        group.create_task(asyncio.sleep(LONG))
barrier resource 3.11
    barrier = asyncio.Barrier(2)
    async def join(): await barrier.wait()
    later(lambda: asyncio.ensure_future(join()))
    await barrier.wait()  # here
runner_of_tasks join
    async def work(): await asyncio.sleep(LONG)
    task = asyncio.ensure_future(work())
    await task  # here
'''

KINDS = {
    "timer": 1, "join": 2, "send": 3, "receive": 4, "resource": 5, "io": 6, "all": 7, "any": 8,
}  # fmt: skip


def zoo():
    """The kinds that this version has: the name, the kind, and the lines of the body."""
    kinds = []
    for line in ZOO.strip("\n").split("\n"):
        if line.startswith(" "):
            kinds[-1][2].append(line)
        else:
            name, kind, *since = line.split()
            kinds.append((name, kind, [], since))
    version = sys.version_info[:2]
    return [kind[:3] for kind in kinds if not kind[3] or version >= (3, 11)]


#: How often the program runs at most. On a machine that stops for a moment, what is waited for may be
#: there before the task waits; then this wait has no line.
TRIES = 3


def wrong_lines(code, expected):
    """The kinds of waits whose line or whose kind is wrong, with what was recorded of each."""
    process, runs = record(code)
    if process.returncode != 0:
        raise AssertionError(process.stderr)
    found = next(run for run in runs if "main" in run.tasks().values())
    missing = set(expected) - set(found.tasks().values())
    wrong = {name: "missing" for name in missing}
    for task, name in found.tasks().items():
        if name not in expected:
            continue
        line, kind = expected[name]
        waits = [event[2:] for event in found.of("asleep") if event[1] == task]
        lines = [(found.chain(place), waited) for waited, _, place in waits]
        if not any(
            line in chain and (kind == "*" or KINDS[kind] == waited) for chain, waited in lines
        ):
            wrong[name] = (line, kind, lines)
    return wrong


class AwaitLines(unittest.TestCase):
    def test_each_long_wait_has_its_line(self):
        code, expected = PRELUDE, {}
        for name, kind, body in zoo():
            code += f"async def {name}():\n"
            for line in body:
                code += line + "\n"
                if line.endswith("# here"):
                    expected[name] = (code.count("\n"), kind)
        names = ", ".join(expected)
        code += f"async def main():\n    for function in ({names}): await asyncio.create_task(function())\n"
        code += "asyncio.run(main())\n"
        self.assertGreaterEqual(len(expected), 26)
        wrong = wrong_lines(code, expected)
        for _ in range(TRIES - 1):
            if not wrong:
                break
            again = wrong_lines(code, expected)
            wrong = {name: again[name] for name in wrong if name in again}
        self.assertEqual(wrong, {})


if __name__ == "__main__":
    unittest.main()
