"""Belief: cancel stops it at once.

`cancel` only asks. The task is told in its next turn, and cleans up then; until that it holds what it had. Who uses the
desk again right after the asking finds the task's papers on it.
"""

import asyncio

from twin import block, run


async def worker():
    try:
        await asyncio.Event().wait()
    finally:
        print("clean-up begins")
        block(1)
        print("clean-up ends")


async def wrong():
    working = asyncio.create_task(worker())
    await asyncio.sleep(1)
    working.cancel()
    print("main uses the desk again")
    await asyncio.wait([working])


async def right():
    working = asyncio.create_task(worker())
    await asyncio.sleep(1)
    working.cancel()
    await asyncio.wait([working])
    print("main uses the desk again")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
