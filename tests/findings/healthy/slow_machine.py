"""Each step takes 5 to 15 ms of work, as on a slow machine, but nothing is delayed for long."""
# clock: real
import asyncio, time, random

def work(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end: pass

async def request(n):
    for _ in range(4):
        await asyncio.sleep(random.uniform(0.05, 0.2))
        work(random.uniform(5, 12))

async def main():
    random.seed(4)
    await asyncio.gather(*(request(n) for n in range(6)))

asyncio.run(main())
