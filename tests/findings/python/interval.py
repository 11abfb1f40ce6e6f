"""A sampler whose period is the pause plus the work."""

import asyncio
import sys


async def sample():
    await asyncio.sleep(0.04)


async def wrong():
    for _ in range(12):
        await sample()
        await asyncio.sleep(0.1)  # WRONG: interval


async def right():
    loop = asyncio.get_running_loop()
    due = loop.time()
    for _ in range(12):
        await sample()
        due += 0.1
        await asyncio.sleep(due - loop.time())


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
