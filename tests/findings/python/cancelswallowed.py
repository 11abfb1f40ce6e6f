"""A worker that catches its cancellation and continues."""

import asyncio
import sys


async def wrong():
    async def worker():
        for _ in range(40):
            try:
                await asyncio.sleep(0.1)  # WRONG: cancelswallowed
            except asyncio.CancelledError:
                print("ignored")

    task = asyncio.create_task(worker())
    await asyncio.sleep(0.25)
    task.cancel()
    await asyncio.wait({task})


async def right():
    async def worker():
        try:
            while True:
                await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            print("cleaned up")
            raise

    task = asyncio.create_task(worker())
    await asyncio.sleep(0.25)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
