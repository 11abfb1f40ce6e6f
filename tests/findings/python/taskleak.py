"""A task for each request, which waits for an acknowledgement that is never sent."""

import asyncio
import sys


async def serve(acknowledged):
    waiting = set()

    async def handle():
        event = asyncio.Event()
        if acknowledged:
            asyncio.get_running_loop().call_later(0.05, event.set)
        await event.wait()

    for _ in range(100):
        task = asyncio.create_task(handle())  # WRONG: taskleak
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        await asyncio.sleep(0.02)
    for task in waiting:
        task.cancel()


async def wrong():
    await serve(False)


async def right():
    await serve(True)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
