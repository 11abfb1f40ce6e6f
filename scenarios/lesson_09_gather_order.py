"""Belief: gather gives results as they finish.

`gather` waits for all and returns them together, in the order of its arguments. `as_completed`
yields each when it comes.
"""

import asyncio

from twin import run


async def job(name, seconds):
    await asyncio.sleep(seconds)
    print(f"{name} finished")
    return name


async def wrong():
    for name in await asyncio.gather(job("slow", 3), job("fast", 1), job("medium", 2)):
        print(f"handled {name}")


async def right():
    jobs = [asyncio.create_task(job(*what)) for what in [("slow", 3), ("fast", 1), ("medium", 2)]]
    for first in asyncio.as_completed(jobs):
        print(f"handled {await first}")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
