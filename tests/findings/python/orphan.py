"""A task without a reference, which is collected in the middle of its work."""

import asyncio
import gc
import sys


class Response:
    """Answers its request, if the server does."""

    def __init__(self):
        self.answer = asyncio.get_running_loop().create_future()


async def request(results):
    print("sending")
    response = Response()
    results.append(await response.answer)


async def wrong():
    results = []
    asyncio.create_task(request(results))  # WRONG: orphan
    await asyncio.sleep(0.1)
    gc.collect()
    await asyncio.sleep(0.1)
    print(results)


async def right():
    tasks = set()
    results = []

    async def work():
        await asyncio.sleep(0.05)
        results.append(1)

    for _ in range(3):
        task = asyncio.create_task(work())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    gc.collect()
    await asyncio.sleep(0.1)
    print(results)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
