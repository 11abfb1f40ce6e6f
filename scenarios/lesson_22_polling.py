"""Belief: polling with `sleep(0)` is cheap.

A loop that asks "is it done?" and yields costs a step in every tick while the work takes its time.
An event costs one wake, however long the work takes.
"""

import asyncio

from twin import block, run


async def work():
    for _ in range(100):
        block(0.01)
        await asyncio.sleep(0)


async def poll_until(done):
    while not done:
        await asyncio.sleep(0)
    print("done")


async def wait_until(done):
    await done.wait()
    print("done")


async def wrong():
    done = []
    waiter = asyncio.create_task(poll_until(done))
    await asyncio.create_task(work())
    done.append(True)
    await waiter


async def right():
    done = asyncio.Event()
    waiter = asyncio.create_task(wait_until(done))
    await asyncio.create_task(work())
    done.set()
    await waiter


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
