"""Looks like `inversion`: short work in a queue that is ordered by urgency."""

import asyncio
async def worker(q):
    while True:
        t, _, fut = await q.get()
        await asyncio.sleep(t)
        if not fut.done(): fut.set_result(t)
async def ask(q, t):
    fut = asyncio.get_running_loop().create_future()
    q.put_nowait((t, id(fut), fut))
    return await fut
async def main():
    q = asyncio.PriorityQueue()
    w = asyncio.create_task(worker(q))
    bulk = [asyncio.create_task(ask(q, 0.1)) for _ in range(12)]
    await asyncio.sleep(0.01)
    await asyncio.gather(*(ask(q, 0.001) for _ in range(4)))
    await asyncio.gather(*bulk)
    w.cancel()
asyncio.run(main())
