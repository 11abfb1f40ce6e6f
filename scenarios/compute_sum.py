"""A chain of awaits: chain > print_sum > compute. It is one task.

Three coroutines wait, one inside the other, but the loop knows a single task; when the timer fires the innermost one
goes on where it stopped. Awaiting a coroutine hands nothing to the loop.
"""

import asyncio

from twin import run


async def compute(x, y):
    print(f"Compute {x} + {y} ...")
    await asyncio.sleep(1)  # only here does anything give way
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
