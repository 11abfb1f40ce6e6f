"""Permits are taken by one task and given back by callbacks."""

import asyncio
async def job(n):
    await asyncio.sleep(0.005)
    if n % 6 == 5: raise ValueError(n)
async def main():
    limit, tasks = asyncio.Semaphore(4), set()
    def done(task):
        limit.release(); tasks.discard(task)
        if not task.cancelled() and task.exception(): print("failed", task.exception())
    for n in range(30):
        await limit.acquire()
        task = asyncio.create_task(job(n))
        tasks.add(task); task.add_done_callback(done)
    while tasks: await asyncio.wait(set(tasks))
asyncio.run(main())
