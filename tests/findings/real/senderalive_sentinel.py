"""Three workers, one sentinel."""
import asyncio


DONE = object()


async def worker(name, queue, results):
    while True:
        item = await queue.get()  # WRONG: senderalive
        if item is DONE:
            break
        await asyncio.sleep(0.002)
        results.append((name, item))


async def produce(queue):
    for n in range(20):
        await queue.put(n)
    await queue.put(DONE)


async def main():
    queue, results = asyncio.Queue(4), []
    workers = [asyncio.create_task(worker(f"w{n}", queue, results)) for n in range(3)]
    await produce(queue)
    await asyncio.gather(*workers)
    print(len(results))


asyncio.run(main())
