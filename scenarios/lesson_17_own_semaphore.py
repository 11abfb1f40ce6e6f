"""Belief: the semaphore limits it.

A semaphore limits the tasks that share it. One that each task makes for itself always has a permit.
"""

import asyncio

from twin import run


async def download(number, at_once):
    async with at_once:
        await asyncio.sleep(1)
        print(f"download {number}")


async def wrong():
    await asyncio.gather(*(download(number, asyncio.Semaphore(2)) for number in range(1, 7)))  # a new one for each task


async def right():
    shared = asyncio.Semaphore(2)
    await asyncio.gather(*(download(number, shared) for number in range(1, 7)))


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
