"""A limiter that keeps the permit of a call that fails."""

import asyncio


class Limiter:
    def __init__(self, n):
        self.slots = asyncio.Semaphore(n)

    async def __call__(self, coro_fn, *args):
        await self.slots.acquire()  # WRONG: permitleak
        result = await coro_fn(*args)
        self.slots.release()
        return result


async def fetch(n):
    await asyncio.sleep(0.01)
    if n % 2:
        raise OSError(f"host {n} unreachable")
    return n


async def main():
    limit = Limiter(3)
    results = await asyncio.wait_for(
        asyncio.gather(*(limit(fetch, n) for n in range(12)), return_exceptions=True), 2
    )
    print(results)


try:
    asyncio.run(main())
except asyncio.TimeoutError:
    print("stuck")
