"""Belief: a timeout always fires on time.

A time limit is an ordinary timer: the loop checks it between callbacks. Work that never suspends
finishes first, and the limit then sees a finished task.
"""

import asyncio

from twin import block, run

PIECE = 0.5
LIMIT = 2.5


async def stubborn():
    for _ in range(7):
        block(PIECE)


async def cooperative():
    for _ in range(7):
        await asyncio.sleep(PIECE)


async def limited(work):
    try:
        await asyncio.wait_for(work, LIMIT)
        print("returned")
    except asyncio.TimeoutError:
        print("timed out")


async def wrong():
    await limited(stubborn())


async def right():
    await limited(cooperative())


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
