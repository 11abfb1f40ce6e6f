"""Four requests that do not need each other, one after the other."""

import asyncio
import sys


async def request(name):
    await asyncio.sleep(0.1)
    return name


async def wrong():
    for name in ("a", "b", "c", "d"):
        await request(name)  # WRONG: sequential


async def right():
    await asyncio.gather(*(request(name) for name in ("a", "b", "c", "d")))


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
