"""A timeout of 100 ms around a step that takes 400 ms."""

import asyncio
import sys
import time


async def load(path):
    await asyncio.sleep(0.01)
    time.sleep(0.4)  # WRONG: deadtimeout
    return path


async def wrong():
    async with asyncio.timeout(0.1):
        await load("a")


async def right():
    try:
        async with asyncio.timeout(0.1):
            await asyncio.sleep(0.4)
    except TimeoutError:
        print("timed out")
    await asyncio.wait_for(asyncio.sleep(0.1), 0.4)
    try:
        await asyncio.wait_for(asyncio.to_thread(time.sleep, 0.4), 0.1)
    except TimeoutError:
        print("timed out")


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
