"""Urgent jobs overtake others in a priority queue."""

import asyncio, itertools

class Scheduler:
    def __init__(self):
        self.queue, self.counter = asyncio.PriorityQueue(), itertools.count()
    async def put(self, priority, job):
        await self.queue.put((priority, next(self.counter), job))
    async def run(self, out):
        while True:
            priority, _, job = await self.queue.get()
            await asyncio.sleep(job)
            out.append(priority)
            self.queue.task_done()

async def main():
    scheduler, out = Scheduler(), []
    runner = asyncio.create_task(scheduler.run(out))
    for n in range(30):
        await scheduler.put(5, 0.01)
        if n % 5 == 0:
            await scheduler.put(0, 0.001)
    await scheduler.queue.join()
    runner.cancel()
    await asyncio.gather(runner, return_exceptions=True)
    print(len(out))

asyncio.run(main())
