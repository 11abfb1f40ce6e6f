"""Looks like `unbounded` and `taskleak`: bursts of requests that are all served before the next."""

import asyncio


async def serve(jobs):
    while (job := await jobs.get()) is not None:
        await asyncio.sleep(0.0005)
        job.set_result(True)


async def main():
    loop = asyncio.get_running_loop()
    jobs = asyncio.Queue()
    server = asyncio.create_task(serve(jobs))
    for _ in range(8):
        answers = [loop.create_future() for _ in range(60)]
        for answer in answers:
            jobs.put_nowait(answer)
        await asyncio.gather(*answers)
        await asyncio.sleep(0.1)
    jobs.put_nowait(None)
    await server


asyncio.run(main())
