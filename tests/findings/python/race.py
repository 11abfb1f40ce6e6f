"""A counter that is read before an await and written after it."""

import asyncio
import sys


class Counter:
    def __init__(self):
        self.value = 0

    async def increase(self):
        value = self.value
        await asyncio.sleep(0.01)
        self.value = value + 1  # WRONG: race

    async def increase_safely(self, lock):
        async with lock:
            value = self.value
            await asyncio.sleep(0.01)
            self.value = value + 1


async def wrong():
    counter = Counter()
    await asyncio.gather(*(counter.increase() for _ in range(5)))
    print(counter.value)


async def right():
    counter, lock = Counter(), asyncio.Lock()
    await asyncio.gather(*(counter.increase_safely(lock) for _ in range(2)))
    print(counter.value)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
