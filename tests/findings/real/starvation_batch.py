"""Many workers yield after each piece of work."""
# clock: real

import asyncio
import time


def crunch(ms):
    end = time.perf_counter() + ms / 1000
    n = 0
    while time.perf_counter() < end:
        n += 1
    return n


async def indexer(documents):
    total = 0
    for document in documents:
        total += crunch(12)
        await asyncio.sleep(0)  # WRONG: starvation
    return total


async def request(latencies):
    for _ in range(10):
        started = time.perf_counter()
        await asyncio.sleep(0.01)
        latencies.append(time.perf_counter() - started)


async def main():
    latencies = []
    workers = [indexer(range(12)) for _ in range(12)]
    await asyncio.gather(request(latencies), *workers)
    print(f"worst {max(latencies):.3f}")


asyncio.run(main())
