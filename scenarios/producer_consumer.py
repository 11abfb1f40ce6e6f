"""Producers put items into a queue, consumers take them out.

An asyncio queue has no end before Python 3.13, so the consumers are cancelled when `join` says that
all items are processed. A capacity makes a producer that is too fast wait in `put`. The sequential
variant fills the queue before any consumer runs, so with a capacity it never ends: a deadlock.
"""

import asyncio

from twin import count, lcg, now, run, seconds


async def producer(id, items, queue):
    random = lcg(id)
    for number in range(1, items + 1):
        await asyncio.sleep((500 + next(random) % 1000) / 1000)
        await queue.put((f"P{id}.{number}", number, now()))
        print(f" -- P{id} generated item {number}")


async def process(id, work, item):
    name, number, made = item
    waited = now() - made
    await asyncio.sleep(work)
    print(f" +++ C{id} processed {name}: {number * number} (waited {waited:.2f}s)")


async def consumer(id, work, queue):
    while True:
        item = await queue.get()
        await process(id, work, item)
        queue.task_done()


async def sequential(producers, consumers, items, work, capacity):
    queue = asyncio.Queue(capacity)
    for id in range(1, producers + 1):
        await producer(id, items, queue)
    while not queue.empty():  # the first consumer leaves nothing for the others
        await process(1, work, queue.get_nowait())
    print(f"total time: {now():.2f}s")


async def concurrent(producers, consumers, items, work, capacity):
    queue = asyncio.Queue(capacity)
    making = [asyncio.create_task(producer(id, items, queue)) for id in range(1, producers + 1)]
    using = [asyncio.create_task(consumer(id, work, queue)) for id in range(1, consumers + 1)]
    await asyncio.gather(*making)
    await queue.join()
    for task in using:
        task.cancel()
    print(f"total time: {now():.2f}s")


async def one_consumer(producers, consumers, items, work, capacity):
    await concurrent(producers, consumers or 1, items, work, capacity)


async def three_consumers(producers, consumers, items, work, capacity):
    await concurrent(producers, consumers or 3, items, work, capacity)


VARIANTS = [sequential, one_consumer, three_consumers]
PARAMS = {
    "producers": count(2, 1, 50),
    "consumers": count(0, 0, 50),
    "items": count(6, 0, 1000),
    "work": seconds(1),
    "capacity": count(0, 0, 1000),
}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
