"""Belief: calling it runs it.

Calling an `async def` only makes a coroutine; none of its code runs until it is awaited or made a
task. Python warns when the coroutine is deleted: "coroutine 'save' was never awaited".
"""

import asyncio

from twin import run


async def save():
    print("saving")
    await asyncio.sleep(1)
    print("saved")


async def wrong():
    save()
    print("goodbye")


async def right():
    await save()
    print("goodbye")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
