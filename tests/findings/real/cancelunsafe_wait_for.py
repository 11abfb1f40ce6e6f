"""A time limit around taking an item and saving it."""

import asyncio


class Consumer:
    def __init__(self, queue):
        self.queue = queue
        self.saved = []

    async def save(self, item):
        await asyncio.sleep(0.05)  # WRONG: cancelunsafe
        self.saved.append(item)

    async def next_item(self):
        item = await self.queue.get()
        await self.save(item)  # WRONG: cancelunsafe
        return item

    async def run(self, stop):
        while not stop.is_set():
            try:
                await asyncio.wait_for(self.next_item(), timeout=0.07)  # WRONG: cancelunsafe
            except asyncio.TimeoutError:
                pass  # look at stop again


async def producer(queue):
    for n in range(12):
        await asyncio.sleep(0.04)
        await queue.put(n)


async def main():
    queue, stop = asyncio.Queue(), asyncio.Event()
    consumer = Consumer(queue)
    task = asyncio.create_task(consumer.run(stop))
    await producer(queue)
    await asyncio.sleep(0.5)
    stop.set()
    await task
    print("saved", consumer.saved)


asyncio.run(main())
