"""Looks like `interval`: a poller whose period is random on purpose."""

import asyncio
import random


async def main():
    for _ in range(20):
        await asyncio.sleep(0.02)
        await asyncio.sleep(0.1 * random.uniform(0.7, 1.3))


asyncio.run(main())
