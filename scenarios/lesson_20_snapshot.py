"""Belief: what I schedule in a tick runs in it.

asyncio's loop takes what is ready when a tick begins and runs exactly that; a callback scheduled
meanwhile runs in the next tick, after timers and I/O. Python has no loop that drains its queue.
"""

import asyncio

from twin import run


async def first():
    print("first: schedules second")
    return asyncio.create_task(second())


async def second():
    print("second")


async def program():
    task = await asyncio.create_task(first())
    await task


async def wrong():
    await program()


VARIANTS = [wrong]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
