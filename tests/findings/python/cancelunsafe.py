"""A worker that a timeout cancels between taking an item and storing it."""

import asyncio
import sys


async def take(items, stored):
    item = await items.get()
    await asyncio.sleep(0.05)  # WRONG: cancelunsafe
    stored.append(item)


async def run(timeout):
    items, stored = asyncio.Queue(), []

    async def produce():
        for number in range(5):
            await items.put(number)
            await asyncio.sleep(0.07)

    producer = asyncio.create_task(produce())
    for _ in range(5):
        try:
            await asyncio.wait_for(take(items, stored), timeout)
        except TimeoutError:
            pass
    await producer
    print(stored)


async def wrong():
    await run(0.03)


async def right():
    await run(1)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
