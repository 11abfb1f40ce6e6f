"""A queue without a limit, and a slow consumer."""

import asyncio
import sys


async def run(events, count):
    async def write():
        while (await events.get()) is not None:
            await asyncio.sleep(0.02)

    writer = asyncio.create_task(write())
    for number in range(count):
        await events.put(number)
        await asyncio.sleep(0.005)
    await events.put(None)
    await writer


async def wrong():
    await run(asyncio.Queue(), 250)  # WRONG: unbounded


async def right():
    await run(asyncio.Queue(10), 50)
    jobs = asyncio.Queue()
    for number in range(300):
        jobs.put_nowait(number)
    while not jobs.empty():
        await jobs.get()
        await asyncio.sleep(0.001)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
