"""Looks like `cancelswallowed` and `senderalive`: workers that drain, and then are cancelled."""

import asyncio


async def worker(jobs, done):
    try:
        while True:
            job = await jobs.get()
            await asyncio.sleep(0.005)
            done.append(job)
            jobs.task_done()
    finally:
        await asyncio.sleep(0.01)


async def main():
    jobs, done = asyncio.Queue(), []
    workers = [asyncio.create_task(worker(jobs, done)) for _ in range(3)]
    for job in range(30):
        jobs.put_nowait(job)
    await jobs.join()
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    print(len(done))


asyncio.run(main())
