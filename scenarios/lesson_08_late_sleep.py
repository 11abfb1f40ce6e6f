"""Belief: sleep(0.3) wakes at 0.3.

A sleep means "not before". A due timer only makes its task ready; the task runs when the task
before it suspends, and in asyncio a tick after the timer.
"""

import asyncio

from twin import block, run


async def sleeper():
    await asyncio.sleep(0.3)
    print("awake")


async def work_at_once():
    block(1)


async def work_in_pieces():
    for _ in range(10):
        block(0.1)
        await asyncio.sleep(0)


async def wrong():
    sleeping = asyncio.create_task(sleeper())
    work = asyncio.create_task(work_at_once())
    await sleeping
    await work


async def right():
    sleeping = asyncio.create_task(sleeper())
    work = asyncio.create_task(work_in_pieces())
    await sleeping
    await work


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
