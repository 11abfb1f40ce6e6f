"""Looks like `unbounded`: workers that fill the queue which they empty, as far as the work goes."""
import asyncio


class Walk:
    def __init__(self, deep):
        self.folders, self.deep, self.seen = asyncio.Queue(), deep, 0

    async def listing(self, folder):
        await asyncio.sleep(0.003)
        return [(*folder, name) for name in range(5)] if len(folder) < self.deep else []

    async def work(self):
        while True:
            folder = await self.folders.get()
            for inner in await self.listing(folder):
                await self.folders.put(inner)
            self.seen += 1
            self.folders.task_done()

    async def run(self):
        await self.folders.put(())
        workers = [asyncio.create_task(self.work()) for _ in range(4)]
        await self.folders.join()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        return self.seen


print(asyncio.run(Walk(4).run()), "folders")
