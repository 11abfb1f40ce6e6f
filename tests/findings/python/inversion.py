"""Health checks that wait behind reports in one queue."""

import asyncio
import sys


async def serve(jobs):
    while (job := await jobs.get()) is not None:
        await asyncio.sleep(job)  # WRONG: inversion


async def run(short, long):
    workers = [asyncio.create_task(serve(jobs)) for jobs in {short, long}]
    for _ in range(6):
        for _ in range(3):
            await long.put(0.1)
        await short.put(0.002)
        await asyncio.sleep(0.32)
    for jobs in {short, long}:
        await jobs.put(None)
    await asyncio.gather(*workers)


async def wrong():
    jobs = asyncio.Queue()  # WRONG: inversion
    await run(jobs, jobs)


async def right():
    await run(asyncio.Queue(), asyncio.Queue())


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
