"""Two queues of one item, and two tasks that both put before they get."""

import asyncio
import sys


async def serve(requests, answers):
    while True:
        request = await requests.get()
        if request is None:
            return
        await answers.put(request * 2)


async def wrong():
    requests, answers = asyncio.Queue(1), asyncio.Queue(1)
    server = asyncio.create_task(serve(requests, answers))
    for number in range(10):
        await requests.put(number)  # WRONG: chandeadlock
    await requests.put(None)
    for _ in range(10):
        print(await answers.get())
    await server


async def right():
    requests, answers = asyncio.Queue(1), asyncio.Queue(1)
    server = asyncio.create_task(serve(requests, answers))

    async def ask():
        for number in range(10):
            await requests.put(number)
        await requests.put(None)

    asking = asyncio.create_task(ask())
    for _ in range(10):
        await asyncio.sleep(0.01)
        print(await answers.get())
    await asyncio.gather(server, asking)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
