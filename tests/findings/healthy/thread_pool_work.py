"""Looks like `blocking` and `poolexhausted`: blocking calls on threads, while the loop stays free."""

import asyncio
import time


async def heartbeat():
    for _ in range(10):
        await asyncio.sleep(0.02)


async def main():
    beat = asyncio.create_task(heartbeat())
    slots = asyncio.Semaphore(2)

    async def load():
        async with slots:
            await asyncio.to_thread(time.sleep, 0.02)

    await asyncio.gather(*(load() for _ in range(8)))
    await beat
# clock: real


asyncio.run(main())
