"""Transactions of one connection that hold its lock until they are committed."""

import asyncio


class Database:
    """One connection, guarded by a lock, with slow transactions."""

    def __init__(self):
        self.lock = asyncio.Lock()
        self.rows = []

    async def begin(self):
        await asyncio.sleep(0.01)

    async def commit(self):
        await asyncio.sleep(0.03)  # WRONG: convoy

    async def insert(self, row):
        async with self.lock:
            await self.begin()
            self.rows.append(row)
            await self.commit()  # WRONG: convoy


async def main():
    db = Database()

    async def client(n):
        for k in range(3):
            await db.insert((n, k))

    await asyncio.gather(*(client(n) for n in range(6)))
    print(len(db.rows))


asyncio.run(main())
