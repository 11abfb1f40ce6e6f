"""Looks like `herd`: an event that all ten subscribers need each time."""

import asyncio


class Hub:
    def __init__(self):
        self.changed, self.value = asyncio.Condition(), 0

    async def publish(self, value):
        async with self.changed:
            self.value = value
            self.changed.notify_all()

    async def subscribe(self, last):
        seen = 0
        while seen < last:
            async with self.changed:
                await self.changed.wait_for(lambda: self.value > seen)
                seen = self.value


async def main():
    hub = Hub()
    subscribers = [asyncio.create_task(hub.subscribe(20)) for _ in range(10)]
    for value in range(1, 21):
        await asyncio.sleep(0.01)
        await hub.publish(value)
    await asyncio.gather(*subscribers)


asyncio.run(main())
