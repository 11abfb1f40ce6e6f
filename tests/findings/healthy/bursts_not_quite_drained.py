"""Bursts of which a few items are left when the next one begins (unbounded)."""

import asyncio


async def consume(queue):
    while True:
        await queue.get()
        await asyncio.sleep(0.001)
        queue.task_done()


async def main():
    queue = asyncio.Queue()
    task = asyncio.create_task(consume(queue))
    for burst in range(4):
        for number in range(150):
            queue.put_nowait(number)
        await asyncio.sleep(0.149)
    await queue.join()
    task.cancel()


asyncio.run(main())
