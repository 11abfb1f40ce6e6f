"""Looks like lostwakeup and herd: waiters look at the predicate first; a second consumer finds nothing."""

import asyncio


class Box:
    def __init__(self):
        self.items = []
        self.ready = asyncio.Condition()

    async def put(self, item):
        async with self.ready:
            self.items.append(item)
            self.ready.notify()

    async def take(self):
        async with self.ready:
            await self.ready.wait_for(lambda: self.items)
            return self.items.pop(0)


async def main():
    box = Box()
    await box.put(0)
    taken = []

    async def consume():
        while True:
            taken.append(await box.take())

    consumers = [asyncio.create_task(consume()) for _ in range(3)]
    for n in range(1, 20):
        await box.put(n)
        await asyncio.sleep(0.002)
    for consumer in consumers:
        consumer.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)
    print(len(taken))


asyncio.run(main())
