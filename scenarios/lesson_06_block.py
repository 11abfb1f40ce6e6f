"""Belief: sleeping the thread is only sleeping.

There should be a beat every half second. While a task blocks the thread, no other task runs and no
timer fires.
"""

import asyncio

from twin import block, run


async def beats():
    print("beat")
    for _ in range(3):
        await asyncio.sleep(0.5)
        print("beat")


async def hold():
    block(1.5)


async def wrong():
    beating = asyncio.create_task(beats())
    work = asyncio.create_task(hold())
    await beating
    await work


async def right():
    beating = asyncio.create_task(beats())
    work = asyncio.create_task(asyncio.sleep(1.5))
    await beating
    await work


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
