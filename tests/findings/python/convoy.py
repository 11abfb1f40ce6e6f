"""A lock around a cache that is held during each request."""

import asyncio
import sys


async def fetch(key):
    await asyncio.sleep(0.05)
    return key


async def wrong():
    lock, cache = asyncio.Lock(), {}

    async def get(key):
        async with lock:
            if key not in cache:
                cache[key] = await fetch(key)  # WRONG: convoy
            return cache[key]

    await asyncio.gather(*(get(number) for number in range(8)))


async def right():
    locks, cache = {}, {}

    async def get(key):
        async with locks.setdefault(key, asyncio.Lock()):
            if key not in cache:
                cache[key] = await fetch(key)
            return cache[key]

    await asyncio.gather(*(get(number) for number in range(8)))


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
