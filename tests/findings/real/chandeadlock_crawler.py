"""A crawler whose workers put the links that they find into the queue from which they take."""
import asyncio


PAGES = {n: [n * 3 + i for i in range(1, 4)] for n in range(200)}


class Crawler:
    def __init__(self, workers=3, backlog=5):
        self.queue = asyncio.Queue(maxsize=backlog)
        self.seen = set()
        self.workers = [asyncio.create_task(self.work(i)) for i in range(workers)]

    async def fetch(self, page):
        await asyncio.sleep(0.002)
        return PAGES.get(page, [])

    async def work(self, number):
        while True:
            page = await self.queue.get()
            for link in await self.fetch(page):
                if link not in self.seen:
                    self.seen.add(link)
                    await self.queue.put(link)  # WRONG: chandeadlock
            self.queue.task_done()


async def main():
    crawler = Crawler()
    await crawler.queue.put(0)
    try:
        await asyncio.wait_for(crawler.queue.join(), 1)
    except asyncio.TimeoutError:
        print("stuck after", len(crawler.seen))
    for worker in crawler.workers:
        worker.cancel()
    await asyncio.gather(*crawler.workers, return_exceptions=True)


asyncio.run(main())
