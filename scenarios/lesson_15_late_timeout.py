"""Belief: a timeout always fires on time.

A time limit is a timer like any other: it is looked at when the loop gets a turn. Work that never gives way comes to its
end first, and then is not late at all, as far as the limit can see.
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
