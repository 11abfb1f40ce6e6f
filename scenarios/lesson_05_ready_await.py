"""Belief: every await yields.

An `await` suspends only where there is something to wait for. A coroutine that returns at once is
like a call.
"""

import asyncio

from twin import run


async def ready(value):
    return value


async def count_at_once(name):
    for number in range(3):
        print(f"{name} {await ready(number)}")  # no suspension


async def count_in_turn(name):
    for number in range(3):
        print(f"{name} {number}")
        await asyncio.sleep(0)


async def wrong():
    hog = asyncio.create_task(count_at_once("hog"))
    ui = asyncio.create_task(count_at_once("ui"))
    await hog
    await ui


async def right():
    hog = asyncio.create_task(count_in_turn("hog"))
    ui = asyncio.create_task(count_in_turn("ui"))
    await hog
    await ui


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
