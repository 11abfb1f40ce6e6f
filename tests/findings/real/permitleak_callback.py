"""A slot is given back in a callback, but not for a job that its limit has cancelled."""
import asyncio


class Slots:
    def __init__(self, count):
        self.free = asyncio.Semaphore(count)

    async def run(self, coroutine, limit):
        await self.free.acquire()  # WRONG: permitleak
        job = asyncio.ensure_future(coroutine)
        job.add_done_callback(self.finished)
        try:
            return await asyncio.wait_for(job, limit)  # WRONG: permitleak
        except asyncio.TimeoutError:
            return None

    def finished(self, job):
        if not job.cancelled():
            self.free.release()


async def download(number):
    await asyncio.sleep(0.2 if number % 4 == 3 else 0.01)
    return number


async def main():
    slots, results = Slots(3), []
    for number in range(16):
        job = download(number)
        try:
            results.append(await asyncio.wait_for(slots.run(job, 0.05), 1))
        except asyncio.TimeoutError:
            job.close()
            break
    print(results)


asyncio.run(main())
