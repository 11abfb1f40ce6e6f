"""Looks like senderalive: workers stop when no job has come for a while."""

import asyncio


async def worker(queue):
    done = 0
    while True:
        try:
            await asyncio.wait_for(queue.get(), 0.15)
        except asyncio.TimeoutError:
            return done
        done += 1
        await asyncio.sleep(0.002)


async def main():
    queue = asyncio.Queue(10)
    workers = [asyncio.create_task(worker(queue)) for _ in range(3)]
    for n in range(40):
        await queue.put(n)
    print(sum(await asyncio.gather(*workers)))


asyncio.run(main())
