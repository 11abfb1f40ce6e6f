"""Belief: a task without a reference stops. (Or: it keeps running.)

In asyncio it keeps running, but the loop holds it only weakly: a task without other references may
be collected while it waits. So keep a reference to a task, and cancel the task to stop it.
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
