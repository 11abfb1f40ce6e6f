"""Tasks that give up a lock and try again after a random pause."""
# clock: real

import asyncio, random
async def update(lock, n, done):
    for attempt in range(20):
        try:
            await asyncio.wait_for(lock.acquire(), 0.06)
        except asyncio.TimeoutError:
            await asyncio.sleep(random.uniform(0.005, 0.02)); continue
        try:
            await asyncio.sleep(0.015); done.append(n); return
        finally:
            lock.release()
async def main():
    lock, done = asyncio.Lock(), []
    await asyncio.gather(*(update(lock, n, done) for n in range(6)))
    print(done)
asyncio.run(main())
