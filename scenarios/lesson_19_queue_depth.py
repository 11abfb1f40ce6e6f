"""Belief: a queue makes it safe.

The producer is five times as fast as the consumer. Without a limit the queue grows with every item;
a bounded queue makes the producer wait. The total is the same, because the consumer is the slow part.
"""

import asyncio

from twin import run


async def producer(items):
    for item in range(1, 9):
        await items.put(item)
        await asyncio.sleep(0.1)
    print("producer is done")


async def consumer(items):
    for _ in range(8):
        await items.get()
        await asyncio.sleep(0.5)
    print("consumer is done")


async def work(capacity):
    items = asyncio.Queue(capacity)
    producing = asyncio.create_task(producer(items))
    consuming = asyncio.create_task(consumer(items))
    await producing
    await consuming


async def wrong():
    await work(0)  # any number of items


async def right():
    await work(2)


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
