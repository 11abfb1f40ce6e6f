"""Belief: `create_task` starts it now.

A task starts when the loop runs it, and the loop continues only when main suspends; one `sleep(0)`
is enough.
"""

import asyncio

from twin import run


async def work():
    print("A begins")


async def wrong():
    a = asyncio.create_task(work())
    print("main: A was spawned")
    await a


async def right():
    a = asyncio.create_task(work())
    await asyncio.sleep(0)
    print("main: A was spawned")
    await a


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
