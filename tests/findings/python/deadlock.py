"""Main waits for a worker, and the worker for an event that only main would set."""

import asyncio
import sys


async def run(first):
    ready = asyncio.Event()

    async def worker():
        await ready.wait()  # WRONG: deadlock

    task = asyncio.create_task(worker())
    await asyncio.sleep(0.01)
    if first:
        ready.set()
    await task  # WRONG: deadlock
    ready.set()


async def wrong():
    await run(False)


async def right():
    await run(True)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
