"""Looks like `blocking`: half a second of work before the first task exists, and after the last one."""

import asyncio
import time


async def job(number):
    await asyncio.sleep(0.01 * number)


async def main():
    time.sleep(0.5)
    await asyncio.gather(*(job(number) for number in range(10)))
    time.sleep(0.3)


asyncio.run(main())
