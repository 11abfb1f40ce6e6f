"""Permits as tokens: tasks keep them, and a timer gives out new ones."""

import asyncio
class Rate:
    def __init__(self, n, period):
        self.tokens, self.period, self.task = asyncio.Semaphore(n), period, None
        self.n = n
    async def refill(self):
        while True:
            await asyncio.sleep(self.period)
            while self.tokens._value < self.n:
                self.tokens.release()
async def request(rate, n, out):
    await rate.tokens.acquire()
    await asyncio.sleep(0.002)
    out.append(n)
async def main():
    rate, out = Rate(5, 0.05), []
    refill = asyncio.create_task(rate.refill())
    await asyncio.gather(*(request(rate, n, out) for n in range(30)))
    refill.cancel()
    await asyncio.gather(refill, return_exceptions=True)
    print(len(out))
asyncio.run(main())
