"""A coroutine that is made and never run."""

import asyncio
import sys


async def save(record):
    await asyncio.sleep(0.01)
    print("saved", record)


async def wrong():
    for record in range(3):
        await asyncio.sleep(0.01)
        save(record)  # WRONG: unawaited


async def right():
    for record in range(3):
        await asyncio.sleep(0.01)
        await save(record)
    unused = save(4)
    unused.close()


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
