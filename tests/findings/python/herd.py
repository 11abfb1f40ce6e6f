"""Each item wakes all eight workers, and seven of them wait again."""

import asyncio
import sys


async def run(wake):
    items = []
    taken = []
    condition = asyncio.Condition()

    async def worker():
        while True:
            async with condition:
                while not items:
                    await condition.wait()  # WRONG: herd
                item = items.pop()
            if item is None:
                return
            await asyncio.sleep(0.005)
            taken.append(item)

    workers = [asyncio.create_task(worker()) for _ in range(8)]
    await asyncio.sleep(0.01)
    for item in range(20):
        async with condition:
            items.append(item)
            wake(condition)  # WRONG: herd
        await asyncio.sleep(0.02)
    async with condition:
        items.extend([None] * 8)
        condition.notify_all()
    await asyncio.gather(*workers)
    assert len(taken) == 20


async def wrong():
    await run(lambda condition: condition.notify_all())


async def right():
    await run(lambda condition: condition.notify())


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
