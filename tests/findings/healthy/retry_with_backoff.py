"""Looks like `retrystorm`: a client that waits longer after each refusal."""

import asyncio
import random


async def flaky(attempt):
    await asyncio.sleep(0.002)
    if attempt < 6:
        raise ConnectionError("refused")
    return "answer"


async def fetch():
    for attempt in range(10):
        try:
            return await flaky(attempt)
        except ConnectionError:
            await asyncio.sleep(random.uniform(0.5, 1) * min(0.01 * 2**attempt, 1))


async def main():
    print(await asyncio.gather(*(fetch() for _ in range(3))))


asyncio.run(main())
