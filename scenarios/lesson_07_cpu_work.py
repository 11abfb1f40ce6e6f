"""Belief: async makes CPU work parallel.

There is one thread. Two computations of half a second take a second, one after the other or in
turns.
"""

import asyncio

from twin import block, run


async def compute(name):
    for part in range(1, 6):
        block(0.1)  # a tenth of a second of work
        print(f"{name} {part}/5")


async def compute_in_turn(name):
    for part in range(1, 6):
        block(0.1)
        print(f"{name} {part}/5")
        await asyncio.sleep(0)


async def wrong():
    a = asyncio.create_task(compute("a"))
    b = asyncio.create_task(compute("b"))
    await a
    await b


async def right():
    a = asyncio.create_task(compute_in_turn("a"))
    b = asyncio.create_task(compute_in_turn("b"))
    await a
    await b


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
