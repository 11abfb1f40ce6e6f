"""Look-ups of a millisecond that wait for threads which all wait for the network."""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor


async def wrong():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(2))
    slow = [asyncio.to_thread(time.sleep, 0.15) for _ in range(8)]
    waiting = asyncio.gather(*slow)
    await asyncio.sleep(0.01)
    for _ in range(5):
        await asyncio.to_thread(time.sleep, 0.001)  # WRONG: poolexhausted
    await waiting


async def right():
    loop = asyncio.get_running_loop()
    slow = ThreadPoolExecutor(2)
    waiting = asyncio.gather(*(loop.run_in_executor(slow, time.sleep, 0.05) for _ in range(4)))
    for _ in range(5):
        await asyncio.to_thread(time.sleep, 0.001)
    await waiting
# clock: real


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
