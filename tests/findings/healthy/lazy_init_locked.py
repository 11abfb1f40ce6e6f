"""A connection that is tested twice, the second time under a lock."""

import asyncio
class Pool:
    def __init__(self): self.conn, self.lock = None, asyncio.Lock()
    async def dial(self):
        await asyncio.sleep(0.03)
        return object()
    async def get(self):
        if self.conn is None:
            async with self.lock:
                if self.conn is None:
                    self.conn = await self.dial()
        return self.conn
async def main():
    pool = Pool()
    print(len(set(await asyncio.gather(*(pool.get() for _ in range(20))))))
asyncio.run(main())
