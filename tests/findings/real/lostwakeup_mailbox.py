"""A consumer that waits on a condition without looking at the predicate first."""

import asyncio


class Mailbox:
    def __init__(self):
        self.items = []
        self.ready = asyncio.Condition()

    async def put(self, item):
        async with self.ready:
            self.items.append(item)
            self.ready.notify()

    async def take(self):
        async with self.ready:
            await self.ready.wait()  # WRONG: lostwakeup
            return self.items.pop(0)


async def producer(box):
    await box.put("hello")


async def consumer(box):
    await asyncio.sleep(0.02)
    return await box.take()  # WRONG: lostwakeup


async def main():
    box = Mailbox()
    consuming = asyncio.create_task(consumer(box))
    await producer(box)
    print(await consuming)


asyncio.run(main())
