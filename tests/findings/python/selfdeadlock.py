"""A method that takes the lock which its caller holds."""

import asyncio
import sys


class Store:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.items = {}

    async def get(self, key):
        async with self.lock:  # WRONG: selfdeadlock
            await asyncio.sleep(0.01)
            return self.items.get(key)

    async def increase(self, key):
        async with self.lock:
            self.items[key] = (await self.get(key) or 0) + 1

    async def increase_once(self, key):
        async with self.lock:
            await asyncio.sleep(0.01)
            self.items[key] = self.items.get(key, 0) + 1


async def wrong():
    await Store().increase("a")


async def right():
    store = Store()
    await asyncio.gather(*(store.increase_once("a") for _ in range(3)))
    print(await store.get("a"))


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
