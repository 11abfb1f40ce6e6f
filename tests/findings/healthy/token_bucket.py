"""A rate limiter that sleeps while it holds its lock."""

import asyncio

class TokenBucket:
    def __init__(self, rate, burst):
        self.rate, self.tokens, self.burst = rate, burst, burst
        self.lock = asyncio.Lock()
        self.updated = None
    async def take(self):
        loop = asyncio.get_running_loop()
        async with self.lock:
            now = loop.time()
            if self.updated is not None:
                self.tokens = min(self.burst, self.tokens + (now - self.updated) * self.rate)
            self.updated = now
            if self.tokens >= 1:
                self.tokens -= 1
                return
            wait = (1 - self.tokens) / self.rate
            await asyncio.sleep(wait)
            self.tokens = 0
            self.updated = loop.time()

async def call(bucket, n, times):
    await bucket.take()
    times.append(asyncio.get_running_loop().time())

async def main():
    bucket, times = TokenBucket(100, 5), []
    await asyncio.gather(*(call(bucket, n, times) for n in range(40)))
    print(len(times))

asyncio.run(main())
