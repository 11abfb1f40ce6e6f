"""Each connection that is given back wakes all who wait for one."""

import asyncio
from contextlib import asynccontextmanager


class Connection:
    def __init__(self, number):
        self.number = number
        self.queries = 0

    async def execute(self, cost):
        await asyncio.sleep(cost)
        self.queries += 1
        return self.number


class BlockingPool:
    def __init__(self, size):
        self._free = [Connection(n) for n in range(size)]
        self._cond = asyncio.Condition()
        self.wakeups = 0

    async def get(self):
        async with self._cond:
            while not self._free:
                await self._cond.wait()  # WRONG: herd
                self.wakeups += 1
            return self._free.pop()

    async def release(self, conn):
        async with self._cond:
            self._free.append(conn)
            self._cond.notify_all()  # WRONG: herd

    @asynccontextmanager
    async def connection(self):
        conn = await self.get()
        try:
            yield conn
        finally:
            await self.release(conn)


async def request(pool, number, hits):
    async with pool.connection() as conn:
        await conn.execute(0.004 + (number % 3) * 0.002)
    hits[number % 5] = hits.get(number % 5, 0) + 1


async def traffic(pool, hits):
    await asyncio.gather(*(request(pool, number, hits) for number in range(150)))


async def main():
    pool, hits = BlockingPool(2), {}
    await traffic(pool, hits)
    print(hits, f"{pool.wakeups} wake-ups for 150 requests")


asyncio.run(main())
