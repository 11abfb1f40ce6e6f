"""Belief: if one fails the others stop.

A task's error goes only to the task that awaits it. A group ties tasks together: when one fails, the
others are cancelled. Python 3.11 has `asyncio.TaskGroup` for that; below it is written out.
"""

import asyncio

from twin import run


async def failing():
    await asyncio.sleep(1)
    raise OSError("disk full")


async def writer():
    await asyncio.sleep(2)
    print("X writes its part")


async def wrong():
    tasks = [asyncio.create_task(failing()), asyncio.create_task(writer())]
    try:
        await tasks[0]
    except OSError as error:
        print(f"caught: {error}")
    await asyncio.sleep(2)
    print("main continues")


async def all_or_none(*coroutines):
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    return [task.result() for task in tasks]


async def right():
    try:
        await all_or_none(failing(), writer())
    except OSError as error:
        print(f"caught: {error}")
    await asyncio.sleep(2)
    print("main continues")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
