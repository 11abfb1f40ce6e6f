"""A future that nothing completes."""

import asyncio
import sys


async def wrong():
    answer = asyncio.get_running_loop().create_future()
    await asyncio.sleep(0.01)
    await answer  # WRONG: stalled


async def right():
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    loop.call_later(0.05, answer.set_result, 1)
    await answer


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
