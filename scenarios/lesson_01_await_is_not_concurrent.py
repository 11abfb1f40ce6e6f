"""Belief: `await` makes it concurrent.

`await` waits here: while the first fetch sleeps, the second has not started, so the waits add up.
`create_task` gives both to the loop before either is awaited.
"""

import asyncio

from twin import run


async def fetch(page, seconds):
    await asyncio.sleep(seconds)
    print(f"{page} is fetched")


async def wrong():
    await fetch("a", 1)  # main waits here for the whole second
    await fetch("b", 2)  # this one starts only then


async def right():
    a = asyncio.create_task(fetch("a", 1))
    b = asyncio.create_task(fetch("b", 2))
    await a
    await b


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
