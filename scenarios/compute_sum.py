"""A chain of awaits: chain > print_sum > compute. It is one task.

Three coroutines wait, one inside the other, but to the loop they are one task. When the timer
fires, the innermost coroutine continues where it stopped. Awaiting a coroutine makes no task of it.
"""

import asyncio

from twin import run


async def compute(x, y):
    print(f"Compute {x} + {y} ...")
    await asyncio.sleep(1)  # the only suspension
    return x + y


async def print_sum(x, y):
    total = await compute(x, y)
    print(f"{x} + {y} = {total}")


async def chain():
    await print_sum(1, 2)


VARIANTS = [chain]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
