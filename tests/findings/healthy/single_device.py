"""Looks like `convoy`: short sections under one lock, with the slow part outside of it."""

import asyncio


async def client(lock, totals, number):
    for _ in range(10):
        await asyncio.sleep(0.003)
        async with lock:
            totals[number % 2] += 1
            await asyncio.sleep(0)


async def main():
    lock, totals = asyncio.Lock(), [0, 0]
    await asyncio.gather(*(client(lock, totals, number) for number in range(8)))
    print(totals)


asyncio.run(main())
