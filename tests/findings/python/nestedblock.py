"""A handler that starts a loop on a thread and joins the thread."""

import asyncio
import sys
import threading


async def ticker():
    for _ in range(10):
        await asyncio.sleep(0.05)


async def fetch():
    await asyncio.sleep(0.3)


async def wrong():
    beat = asyncio.create_task(ticker())
    await asyncio.sleep(0.02)
    thread = threading.Thread(target=lambda: asyncio.run(fetch()))
    thread.start()
    thread.join()  # WRONG: nestedblock
    await beat


async def right():
    beat = asyncio.create_task(ticker())
    await asyncio.to_thread(lambda: asyncio.run(fetch()))
    await beat
# clock: real


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
