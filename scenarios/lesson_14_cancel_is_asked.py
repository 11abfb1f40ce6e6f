"""Belief: cancel stops it at once.

`cancel` only requests the cancellation. The task handles it and cleans up the next time it runs;
until then it holds what it has. Code that uses the desk right after the request finds the task's
papers on it.
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
