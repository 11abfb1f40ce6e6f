"""A consumer that waits for an item after the last producer has ended."""

import asyncio
import sys


async def consume(items):
    while True:
        item = await items.get()  # WRONG: senderalive
        if item is None:
            return
        print(item)


async def run(end):
    items = asyncio.Queue()

    async def produce():
        for number in range(3):
            await items.put(number)
            await asyncio.sleep(0.01)
        if end:
            await items.put(None)

    await asyncio.gather(produce(), consume(items))


async def wrong():
    await run(False)


async def right():
    await run(True)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
