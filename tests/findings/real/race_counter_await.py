"""A counter is increased by the result of an await."""

import asyncio


class Stats:
    def __init__(self):
        self.bytes = 0

    async def size(self, name):
        await asyncio.sleep(0.01)
        return len(name)

    async def add(self, name):
        self.bytes += await self.size(name)  # WRONG: race


async def main():
    stats = Stats()
    async with asyncio.TaskGroup() as group:
        for n in range(8):
            group.create_task(stats.add("x" * (n + 1)))
    print(stats.bytes)


asyncio.run(main())
