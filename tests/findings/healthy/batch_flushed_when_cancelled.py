"""A batch that is stored when its limit is reached, by the coroutine that collects it (cancelunsafe)."""

import asyncio


class Batcher:
    def __init__(self, rows):
        self.rows = rows
        self.stored = []

    async def collect(self):
        batch = []
        try:
            while True:
                batch.append(await self.rows.get())
        finally:
            self.stored.extend(batch)

    async def run(self):
        while len(self.stored) < 20:
            try:
                await asyncio.wait_for(self.collect(), 0.1)
            except asyncio.TimeoutError:
                continue


async def main():
    rows = asyncio.Queue()
    batcher = Batcher(rows)
    task = asyncio.create_task(batcher.run())
    for number in range(20):
        await asyncio.sleep(0.02)
        rows.put_nowait({"row": number})
    await task
    print(len(batcher.stored))


asyncio.run(main())
