"""Looks like `backpressure` and `chandeadlock`: three stages with small queues between them."""

import asyncio


async def stage(source, sink):
    while (item := await source.get()) is not None:
        await asyncio.sleep(0.002)
        await sink.put(item)
    await sink.put(None)


async def main():
    first, second, third = (asyncio.Queue(2) for _ in range(3))
    stages = [asyncio.create_task(stage(first, second)), asyncio.create_task(stage(second, third))]

    async def feed():
        for number in range(50):
            await first.put(number)
            await asyncio.sleep(0.002)
        await first.put(None)

    feeding = asyncio.create_task(feed())
    count = 0
    while await third.get() is not None:
        count += 1
    await asyncio.gather(feeding, *stages)
    print(count)


asyncio.run(main())
