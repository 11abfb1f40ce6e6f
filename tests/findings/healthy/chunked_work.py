"""Looks like `starvation`: a checksum that yields between its chunks."""

import asyncio
import time


async def heartbeat():
    for _ in range(20):
        await asyncio.sleep(0.02)


async def checksum(chunks):
    total = 0
    for chunk in range(chunks):
        time.sleep(0.005)
        total += chunk
        await asyncio.sleep(0)
    return total


async def main():
    beat = asyncio.create_task(heartbeat())
    print(await checksum(60))
    await beat


asyncio.run(main())
