"""A pool of connections whose permits are not returned when a query fails."""
import asyncio


class QueryError(Exception):
    pass


class Pool:
    def __init__(self, size):
        self.permits = asyncio.Semaphore(size)
        self.free = [object() for _ in range(size)]

    async def acquire(self):
        await self.permits.acquire()  # WRONG: permitleak
        return self.free.pop() if self.free else object()

    def release(self, conn):
        self.free.append(conn)
        self.permits.release()


async def query(pool, number):
    conn = await pool.acquire()  # WRONG: permitleak
    await asyncio.sleep(0.01)
    if number % 3 == 0:
        raise QueryError(f"syntax error in {number}")
    pool.release(conn)
    return number


async def handle(pool, number):
    try:
        return await asyncio.wait_for(query(pool, number), 0.3)
    except QueryError as error:
        return f"400 {error}"
    except asyncio.TimeoutError:
        return "503"


async def main():
    pool = Pool(4)
    for batch in range(5):
        answers = await asyncio.gather(*(handle(pool, batch * 4 + i) for i in range(4)))
        print(answers)


asyncio.run(main())
