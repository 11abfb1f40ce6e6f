"""A step of 280 ms while the timer of another task is due."""

import asyncio
import sys
import time


async def ticker():
    for _ in range(20):
        await asyncio.sleep(0.05)


async def wrong():
    beat = asyncio.create_task(ticker())
    await asyncio.sleep(0.03)
    time.sleep(0.28)  # WRONG: blocking
    await beat


async def right():
    time.sleep(0.5)  # Nothing else exists yet.
    beat = asyncio.create_task(ticker())
    for _ in range(20):
        time.sleep(0.03)
        await asyncio.sleep(0)
    await asyncio.to_thread(time.sleep, 0.3)
    await beat


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
