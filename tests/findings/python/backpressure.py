"""Three sources that all wait for one slow sink."""

import asyncio
import sys


async def run(delay):
    lines = asyncio.Queue(2)

    async def source(number):
        for line in range(15):
            await asyncio.sleep(0.002)
            await lines.put((number, line))  # WRONG: backpressure

    async def sink():
        for _ in range(45):
            await lines.get()
            await asyncio.sleep(delay)  # WRONG: backpressure

    await asyncio.gather(sink(), *(source(number) for number in range(3)))


async def wrong():
    await run(0.02)


async def right():
    await run(0.0002)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
