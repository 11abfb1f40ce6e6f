"""A pool wakes all of its waiters for one free connection."""

import asyncio


class Pool:
    def __init__(self, size):
        self.free = list(range(size))
        self.changed = asyncio.Condition()

    async def acquire(self):
        async with self.changed:
            while not self.free:
                await self.changed.wait()  # WRONG: herd
            return self.free.pop()

    async def release(self, connection):
        async with self.changed:
            self.free.append(connection)
            self.changed.notify_all()  # WRONG: herd


async def query(pool):
    connection = await pool.acquire()
    await asyncio.sleep(0.01)
    await pool.release(connection)


async def main():
    pool = Pool(1)
    await asyncio.gather(*(query(pool) for _ in range(40)))
    print("free", pool.free)


asyncio.run(main())
