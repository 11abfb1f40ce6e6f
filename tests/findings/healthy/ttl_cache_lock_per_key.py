"""A cache with a lock for each key, held while the value is loaded once."""

import asyncio, collections

class Cache:
    def __init__(self):
        self.locks = collections.defaultdict(asyncio.Lock)
        self.values = {}
    async def get(self, key, load):
        async with self.locks[key]:
            if key not in self.values:
                self.values[key] = await load(key)
            return self.values[key]

async def load(key):
    await asyncio.sleep(0.05)
    return key * 2

async def main():
    cache = Cache()
    print(len(await asyncio.gather(*(cache.get(n % 5, load) for n in range(40)))))

asyncio.run(main())
