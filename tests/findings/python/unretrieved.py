"""A background task that fails, and whose result no task reads."""

import asyncio
import sys


async def refresh():
    await asyncio.sleep(0.02)
    raise ConnectionError("refused")


async def wrong():
    task = asyncio.create_task(refresh())  # WRONG: unretrieved
    await asyncio.sleep(0.1)
    print("done", task.done())


async def right():
    task = asyncio.create_task(refresh())
    await asyncio.sleep(0.1)
    try:
        await task
    except ConnectionError as error:
        print("failed:", error)

    def report(ended):
        if ended.exception():
            print("failed:", ended.exception())

    other = asyncio.create_task(refresh())
    other.add_done_callback(report)
    results = await asyncio.gather(refresh(), refresh(), return_exceptions=True)
    print(results)
    await asyncio.sleep(0.1)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
