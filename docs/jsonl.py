"""Records the tasks of an asyncio program in the format of jsonl.md: python3 jsonl.py run.jsonl"""
import asyncio, json, sys, time

class Recorder:
    """A task factory that writes a line for each task and for each of its polls."""
    def __init__(self, file):
        self.file, self.start, self.tasks, self.current = file, time.monotonic_ns(), 0, None
        self.line(loopscope=1, scenario="jsonl.py", unknown=["queues", "timers", "waits", "wakes"])

    def line(self, **members):
        print(json.dumps(members), file=self.file)

    def event(self, e, task, **members):
        self.line(t=time.monotonic_ns() - self.start, e=e, task=task, **members)

    def __call__(self, loop, coroutine, **kwargs):
        number, self.tasks = self.tasks, self.tasks + 1
        self.event("spawn", number, name=coroutine.__name__, parent=self.current)
        return asyncio.Task(self.record(coroutine, number), loop=loop, **kwargs)

    async def record(self, coroutine, number):
        return await Polls(self, coroutine, number)

class Polls:
    """Runs between a task and its coroutine, and records when each poll begins and ends."""
    def __init__(self, recorder, coroutine, number):
        self.recorder, self.coroutine, self.number = recorder, coroutine, number

    def __await__(self):
        recorder, step, value = self.recorder, self.coroutine.send, None
        while True:
            recorder.event("poll", self.number)
            recorder.current, outcome = self.number, "panicked"
            try:
                future = step(value)
                outcome = "pending"
            except StopIteration as stop:
                outcome = "ready"
                return stop.value
            except asyncio.CancelledError:
                outcome = "cancelled"
                raise
            finally:
                recorder.current = None
                recorder.event("poll_end", self.number, outcome=outcome)
            try:
                yield future
                step, value = self.coroutine.send, None
            except BaseException as error:
                step, value = self.coroutine.throw, error

async def main():
    async def tick(delay):
        for _ in range(3):
            await asyncio.sleep(delay)
    await asyncio.gather(tick(0.01), tick(0.02))

with open(sys.argv[1], "w") as file:
    loop = asyncio.new_event_loop()
    loop.set_task_factory(Recorder(file))
    loop.run_until_complete(main())
    loop.close()
