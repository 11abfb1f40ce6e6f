"""Belief: a task nobody holds stops. (Or: it runs on.)

In asyncio it runs on, but the loop holds it only weakly: a task that nobody refers to may be collected in the middle. So
a task is kept until it is done, and one that is to stop is cancelled.
"""

import asyncio

from twin import run


async def beats():
    for number in range(1, 4):
        await asyncio.sleep(1)
        print(f"beat {number}")


async def wrong():
    beating = asyncio.create_task(beats())
    await asyncio.sleep(1.5)
    del beating
    print("main lets go")
    await asyncio.sleep(2)


async def right():
    beating = asyncio.create_task(beats())
    await asyncio.sleep(1.5)
    print("main lets go")
    await asyncio.sleep(2)


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
