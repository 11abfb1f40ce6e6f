"""Looks like `sequential` and `convoy`: calls through a limiter of fifty a second."""

import asyncio


class Limiter:
    def __init__(self, rate):
        self.period, self.next, self.lock = 1 / rate, 0, asyncio.Lock()

    async def wait(self):
        loop = asyncio.get_running_loop()
        async with self.lock:
            now = loop.time()
            due = max(self.next, now)
            self.next = due + self.period
        await asyncio.sleep(due - now)


async def call(limiter):
    await limiter.wait()
    await asyncio.sleep(0.01)


async def main():
    limiter = Limiter(50)
    await asyncio.gather(*(call(limiter) for _ in range(30)))


asyncio.run(main())
