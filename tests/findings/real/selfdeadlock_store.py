"""A store whose save takes the lock and calls a method that takes it."""

import asyncio


class Store:
    def __init__(self):
        self._lock = asyncio.Lock()
        self.data = {}

    async def load(self):
        async with self._lock:  # WRONG: selfdeadlock
            await asyncio.sleep(0.005)
            return dict(self.data)

    async def save(self, key, value):
        async with self._lock:
            data = await self.load()  # WRONG: selfdeadlock
            data[key] = value
            self.data = data


async def main():
    store = Store()
    try:
        await asyncio.wait_for(store.save("a", 1), timeout=0.5)
    except asyncio.TimeoutError:
        print("saving took too long")


asyncio.run(main())
