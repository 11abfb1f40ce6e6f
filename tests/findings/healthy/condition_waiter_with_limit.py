"""Looks like lostwakeup: a long poll waits for the next change, and gives up after its limit."""

import asyncio


class Feed:
    def __init__(self):
        self.version = 0
        self.changed = asyncio.Condition()

    async def publish(self):
        async with self.changed:
            self.version += 1
            self.changed.notify_all()

    async def poll(self, limit):
        async def wait():
            async with self.changed:
                await self.changed.wait()
                return self.version

        try:
            return await asyncio.wait_for(wait(), limit)
        except asyncio.TimeoutError:
            return None


async def main():
    feed = Feed()
    await feed.publish()
    first = asyncio.create_task(feed.poll(0.4))
    await asyncio.sleep(0.05)
    await feed.publish()
    print(await first, await feed.poll(0.2))


asyncio.run(main())
