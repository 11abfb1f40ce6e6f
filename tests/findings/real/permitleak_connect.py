"""A slot of a pool is not given back if the connection fails."""

import asyncio


class Backend:
    def __init__(self):
        self.calls = 0

    async def handshake(self):
        await asyncio.sleep(0.01)
        self.calls += 1
        if self.calls % 4 == 0:
            raise ConnectionRefusedError("backend busy")
        return self.calls


class Pool:
    def __init__(self, backend, size=5):
        self.backend = backend
        self._slots = asyncio.Semaphore(size)

    async def take(self):
        await self._slots.acquire()  # WRONG: permitleak
        return Lease(self, await self.backend.handshake())  # WRONG: permitleak

    def give_back(self):
        self._slots.release()


class Lease:
    def __init__(self, pool, conn):
        self.pool, self.conn = pool, conn

    async def __aenter__(self):
        return self.conn

    async def __aexit__(self, *exc):
        self.pool.give_back()


async def handle(pool, number, tally):
    try:
        async with await pool.take():
            await asyncio.sleep(0.01)
        outcome = "ok"
    except ConnectionError as error:
        outcome = type(error).__name__
    tally[outcome] = tally.get(outcome, 0) + 1


async def client(pool, first, tally):
    for number in range(first, first + 8):
        await handle(pool, number, tally)
        await asyncio.sleep(0.02)


async def main():
    pool, tally = Pool(Backend()), {}
    await asyncio.gather(*(client(pool, n * 10, tally) for n in range(4)))
    print(tally)


asyncio.run(main())
