"""An event that is set and cleared before its waiter waits."""

import asyncio
import sys


async def wrong():
    changed = asyncio.Event()

    async def publish():
        await asyncio.sleep(0.01)
        changed.set()
        changed.clear()

    publisher = asyncio.create_task(publish())
    await asyncio.sleep(0.05)
    await changed.wait()  # WRONG: lostwakeup
    await publisher


async def right():
    changed = asyncio.Event()

    async def publish():
        for _ in range(5):
            await asyncio.sleep(0.02)
            changed.set()

    publisher = asyncio.create_task(publish())
    for _ in range(5):
        await changed.wait()
        changed.clear()
    await publisher


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
