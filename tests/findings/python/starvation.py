"""Thirty parsers that are always ready again, and a heartbeat that is late each time."""

import asyncio
import sys
import time


async def heartbeat():
    for _ in range(10):
        await asyncio.sleep(0.05)


async def parse(rows):
    for _ in range(rows):
        time.sleep(0.008)
        await asyncio.sleep(0)  # WRONG: starvation


async def wrong():
    beat = asyncio.create_task(heartbeat())
    await asyncio.gather(*(parse(20) for _ in range(30)))
    await beat


async def right():
    beat = asyncio.create_task(heartbeat())
    slots = asyncio.Semaphore(2)

    async def limited():
        async with slots:
            await parse(5)

    await asyncio.gather(*(limited() for _ in range(15)))
    await beat


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
