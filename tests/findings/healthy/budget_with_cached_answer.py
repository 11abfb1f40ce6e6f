"""Looks like `wakestorm` and `deadtimeout`: work in short pieces that yields, until its time is up."""
# clock: real
import asyncio
import time


def piece(seconds, total):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        total += 1
    return total


async def build():
    total = 0
    for _ in range(4000):
        total = piece(0.0002, total)
        await asyncio.sleep(0)
    return total


async def main():
    for _ in range(2):
        try:
            print(await asyncio.wait_for(build(), 0.15) > 0)
        except asyncio.TimeoutError:
            print("the answer of yesterday")
        await asyncio.sleep(0.02)


asyncio.run(main())
