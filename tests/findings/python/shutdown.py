"""A writer that has lines left when the program ends."""

import asyncio
import sys


async def writer(lines, written):
    while True:
        line = await lines.get()
        await asyncio.sleep(0.02)
        written.append(line)
        lines.task_done()


async def wrong():
    lines, written = asyncio.Queue(), []
    task = asyncio.create_task(writer(lines, written))  # WRONG: shutdown
    for line in range(10):
        await lines.put(line)
    await asyncio.sleep(0.05)
    print(len(written), "written", task.done())


async def right():
    lines, written = asyncio.Queue(), []
    task = asyncio.create_task(writer(lines, written))
    for line in range(10):
        await lines.put(line)
    await lines.join()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    print(len(written), "written")


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
