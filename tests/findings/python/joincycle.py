"""Two services, each of which awaits the end of the other."""

import asyncio
import sys


async def wrong():
    tasks = {}

    async def service(other):
        await asyncio.sleep(0.01)
        await tasks[other]  # WRONG: joincycle

    tasks["a"] = asyncio.create_task(service("b"))
    tasks["b"] = asyncio.create_task(service("a"))
    await asyncio.wait(tasks.values())


async def right():
    async def first():
        await asyncio.sleep(0.01)

    async def second(before):
        await before
        await asyncio.sleep(0.01)

    before = asyncio.create_task(first())
    await asyncio.create_task(second(before))


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
