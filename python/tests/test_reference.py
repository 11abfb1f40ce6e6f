"""What the adapter sends, against an independent reference: classes of asyncio that the program wraps.

The reference notes each entry of the ready queue with the task that made it, and each operation on a
lock, a semaphore and a queue with its task. It is in the program, and knows nothing of the adapter.
"""

import json
import unittest

from wire_reader import record

PRELUDE = '''
import asyncio, json, random, sys
random.seed(7)
wakes, operations = [], []
def current():
    try: return asyncio.current_task()
    except RuntimeError: return None
def name():
    task = current()
    return task.get_name() if task else "-"

class Lock(asyncio.Lock):
    async def acquire(self):
        await super().acquire()
        operations.append(("lock", self.name, "acquired", name(), None))
        return True
    def release(self):
        operations.append(("lock", self.name, "released", name(), None))
        super().release()
class Semaphore(asyncio.Semaphore):
    async def acquire(self):
        await super().acquire()
        operations.append(("semaphore", self.name, "acquired", name(), None))
        return True
    def release(self):
        operations.append(("semaphore", self.name, "released", name(), None))
        super().release()
class Queue(asyncio.Queue):
    def put_nowait(self, item):
        super().put_nowait(item)
        operations.append(("queue", self.name, "sent", name(), self.qsize()))
    def get_nowait(self):
        item = super().get_nowait()
        operations.append(("queue", self.name, "received", name(), self.qsize()))
        return item

async def program():
    loop = asyncio.get_running_loop()
    call_soon = loop.call_soon
    def noted(callback, *args, **kwargs):
        owner = getattr(callback, "__self__", None)
        if isinstance(owner, asyncio.Task): wakes.append((current(), owner))
        return call_soon(callback, *args, **kwargs)
    loop.call_soon = noted
    await main()
    del loop.call_soon
    names = [[task.get_name() if task else "-" for task in wake] for wake in wakes]
    print(json.dumps([names, operations]))
def task(coroutine, name): return asyncio.create_task(coroutine, name=name)
'''

#: The bodies of the programs. Each is the body of `main`, and the names of what it makes.
PROGRAMS = {
    "lock": '''
    the_lock = Lock(); the_lock.name = "the_lock"
    async def use():
        for _ in range(3):
            async with the_lock: await asyncio.sleep(0)
    await asyncio.gather(*[task(use(), f"t{n}") for n in range(4)])''',
    "lock_cancelled": '''
    the_lock = Lock(); the_lock.name = "the_lock"
    async def use():
        async with the_lock: await asyncio.sleep(0.001)
    tasks = [task(use(), f"t{n}") for n in range(5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)''',
    "two_locks": '''
    first = Lock(); first.name = "first"
    second = Lock(); second.name = "second"
    async def use(a, b):
        async with a:
            await asyncio.sleep(0)
            async with b: await asyncio.sleep(0)
    await asyncio.gather(*[task(use(first, second), f"t{n}") for n in range(3)])''',
    "semaphore": '''
    permits = Semaphore(2); permits.name = "permits"
    async def use():
        for _ in range(2):
            async with permits: await asyncio.sleep(0)
    await asyncio.gather(*[task(use(), f"t{n}") for n in range(5)])''',
    "semaphore_timers": '''
    permits = Semaphore(3); permits.name = "permits"
    async def use(number):
        async with permits: await asyncio.sleep(number * 0.001)
    await asyncio.gather(*[task(use(n), f"t{n}") for n in range(7)])''',
    "semaphore_released_by_another": '''
    permits = Semaphore(0); permits.name = "permits"
    async def use(): await permits.acquire()
    tasks = [task(use(), f"t{n}") for n in range(3)]
    await asyncio.sleep(0)
    for _ in tasks: permits.release()
    await asyncio.gather(*tasks)''',
    "semaphore_cancelled": '''
    permits = Semaphore(1); permits.name = "permits"
    async def use():
        async with permits: await asyncio.sleep(0.001)
    tasks = [task(use(), f"t{n}") for n in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)''',
    "queue": '''
    jobs = Queue(); jobs.name = "jobs"
    async def produce():
        for number in range(6): await jobs.put(number)
    async def consume():
        for _ in range(3): await jobs.get()
    await asyncio.gather(task(produce(), "p"), task(consume(), "c"), task(consume(), "d"))''',
    "bounded_queue": '''
    jobs = Queue(2); jobs.name = "jobs"
    async def produce():
        for number in range(9): await jobs.put(number)
    async def consume():
        for _ in range(9):
            await jobs.get()
            await asyncio.sleep(0)
    await asyncio.gather(task(produce(), "p"), task(consume(), "c"))''',
    "two_queues": '''
    there = Queue(1); there.name = "there"
    back = Queue(1); back.name = "back"
    async def pong():
        for _ in range(5): await back.put(await there.get())
    other = task(pong(), "pong")
    for number in range(5):
        await there.put(number)
        await back.get()
    await other''',
    "queue_join": '''
    jobs = Queue(); jobs.name = "jobs"
    async def work():
        while True:
            await jobs.get()
            await asyncio.sleep(0)
            jobs.task_done()
    workers = [task(work(), f"w{n}") for n in range(2)]
    for number in range(5): jobs.put_nowait(number)
    await jobs.join()
    for worker in workers: worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)''',
    "event": '''
    event = asyncio.Event()
    async def wait(): await event.wait()
    tasks = [task(wait(), f"t{n}") for n in range(3)]
    await asyncio.sleep(0)
    event.set()
    await asyncio.gather(*tasks)''',
    "condition": '''
    condition = asyncio.Condition()
    async def wait():
        async with condition: await condition.wait()
    tasks = [task(wait(), f"t{n}") for n in range(3)]
    await asyncio.sleep(0)
    async with condition: condition.notify(2)
    await asyncio.sleep(0)
    async with condition: condition.notify_all()
    await asyncio.gather(*tasks)''',
    "futures": '''
    future = asyncio.get_running_loop().create_future()
    async def wait(): return await future
    tasks = [task(wait(), f"t{n}") for n in range(3)]
    await asyncio.sleep(0)
    future.set_result(1)
    await asyncio.gather(*tasks)''',
    "yields": '''
    async def spin(count):
        for _ in range(count): await asyncio.sleep(0)
    await asyncio.gather(*[task(spin(n), f"t{n}") for n in range(4)])''',
    "joins": '''
    async def leaf(): await asyncio.sleep(0)
    async def middle(number):
        for child in [task(leaf(), f"leaf{number}{n}") for n in range(2)]: await child
    await asyncio.gather(*[task(middle(n), f"m{n}") for n in range(2)])''',
    "wait_first": '''
    tasks = [task(asyncio.sleep(n * 0.002), f"t{n}") for n in range(1, 4)]
    while tasks: _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)''',
    "failures": '''
    async def fail(number):
        await asyncio.sleep(0)
        raise ValueError(number)
    await asyncio.gather(*[task(fail(n), f"t{n}") for n in range(3)], return_exceptions=True)''',
    "cancellations": '''
    async def stubborn():
        try: await asyncio.sleep(9)
        except asyncio.CancelledError: await asyncio.sleep(0)
    tasks = [task(stubborn(), f"t{n}") for n in range(3)]
    await asyncio.sleep(0)
    for each in tasks: each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)''',
    "all_at_once": '''
    the_lock = Lock(); the_lock.name = "the_lock"
    permits = Semaphore(2); permits.name = "permits"
    jobs = Queue(3); jobs.name = "jobs"
    async def produce(count):
        for number in range(count):
            await jobs.put(number)
            if random.random() < 0.5: await asyncio.sleep(random.random() * 0.002)
    async def consume():
        while True:
            await jobs.get()
            async with permits:
                async with the_lock: await asyncio.sleep(0)
                await asyncio.sleep(random.random() * 0.002)
            jobs.task_done()
    consumers = [task(consume(), f"c{n}") for n in range(4)]
    await asyncio.gather(*[task(produce(8), f"p{n}") for n in range(3)])
    await jobs.join()
    for each in consumers: each.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)''',
}

OPERATIONS = ("sent", "received", "acquired", "released")


def ask(body):
    """Runs a program. Returns the wakes and operations of the reference, and those of the adapter."""
    code = f"{PRELUDE}async def main():{body}\nasyncio.run(program())\n"
    process, runs = record(code)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout), runs[0]


def names_of(run):
    """The names of the tasks, as asyncio has them."""
    default = {"program": "Task-1"}
    numbers = enumerate(run.tasks().items())
    return {task: default.get(name, name) for _, (task, name) in numbers}


def wakes_of(run):
    """The wakes of tasks by a step: the waker, or `-` for a callback, and the woken task."""
    names, wakes, step, is_waiting = names_of(run), [], "-", True
    for event in run.events:
        if event[0] == "step":
            step, is_waiting = names.get(event[1], "-"), False
        elif event[0] == "tick":
            is_waiting = True
        elif event[0] == "wake" and not is_waiting:
            wakes.append((step, names[event[1]]))
        elif event[0] == "again":
            wakes.append((step, step))
    return wakes


def operations_of(run):
    """What was done to each resource, by which task, and what is left."""
    names, resources, found, step = names_of(run), {}, [], "-"
    for event in run.events:
        if event[0] == "step":
            step = names.get(event[1], "-")
        elif event[0] == "resource":
            resources[event[1]] = run.texts[event[3]]
        elif event[0] == "operation" and event[2] < len(OPERATIONS):
            _, number, operation, value, task = event
            actor = step if task < 0 else names[task]
            found.append((resources[number], OPERATIONS[operation], actor, value))
    return found


def by_task(operations):
    """The operations of each task in their order: a permit may be handed to a task before it runs."""
    tasks = {}
    for resource, operation, task, *_ in operations:
        tasks.setdefault((resource, task), []).append(operation)
    return tasks


class Reference(unittest.TestCase):
    def test_wakers_holders_lengths_and_permits_are_those_of_the_reference(self):
        self.assertEqual(len(PROGRAMS), 20)
        for name, body in PROGRAMS.items():
            with self.subTest(program=name):
                (wakes, operations), run = ask(body)
                self._compare_wakes([tuple(wake) for wake in wakes], run)
                ours = operations_of(run)
                theirs = [entry[1:] for entry in operations]
                own = {entry[0] for entry in theirs}
                ours = [entry for entry in ours if entry[0] in own]
                self.assertEqual(by_task(ours), by_task(theirs))
                lengths = [entry for entry in theirs if entry[3] is not None]
                queues = {entry[0] for entry in lengths}
                self.assertEqual([e for e in ours if e[0] in queues], [tuple(e) for e in lengths])
                self._check_permits(run, [e for e in ours if e[0] not in queues])

    def _compare_wakes(self, wakes, run):
        ours = wakes_of(run)
        first = ours.index(wakes[0])
        # The reference begins and ends inside the main task.
        self.assertEqual(ours[first : first + len(wakes)], wakes)

    def _check_permits(self, run, operations):
        limits = {run.texts[event[3]]: event[5] for event in run.of("resource")}
        free = {}
        for resource, operation, _, value in operations:
            before = free.get(resource, limits[resource])
            free[resource] = before + (1 if operation == "released" else -1)
            self.assertEqual((resource, value), (resource, free[resource]))
            self.assertGreaterEqual(value, 0)


if __name__ == "__main__":
    unittest.main()
