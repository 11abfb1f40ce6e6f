"""Belief: `create_task` starts it now.

A task starts when the loop runs it, and the loop continues only when main suspends; one `sleep(0)`
is enough.
"""

import asyncio

from twin import run


async def work():
    print("job begins")


async def wrong():
    job = asyncio.create_task(work())
    print("main: job was spawned")
    await job


async def right():
    job = asyncio.create_task(work())
    await asyncio.sleep(0)
    print("main: job was spawned")
    await job


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
