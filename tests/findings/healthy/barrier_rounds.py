"""Looks like `herd`: workers that meet at a barrier after each round."""

import asyncio
import sys


async def worker(number, arrived):
    for _ in range(5):
        await asyncio.sleep(0.005 * number)
        await arrived()


async def main():
    count, rounds, event = 0, 0, asyncio.Event()

    async def arrived():
        nonlocal count, rounds, event
        count += 1
        if count == 6:
            count, rounds = 0, rounds + 1
            event.set()
            event = asyncio.Event()
        else:
            await event.wait()

    await asyncio.gather(*(worker(number, arrived) for number in range(6)))
    print(rounds, sys.version_info >= (3, 11))


asyncio.run(main())
