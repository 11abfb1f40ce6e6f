"""Counters that are read and written on one side of an await."""

import asyncio
class Metrics:
    def __init__(self): self.requests, self.active = 0, 0
    async def track(self, work):
        self.active += 1
        try:
            await asyncio.sleep(work)
            self.requests += 1
        finally:
            self.active -= 1
async def main():
    metrics = Metrics()
    await asyncio.gather(*(metrics.track(0.01 + n * 0.001) for n in range(30)))
    print(metrics.requests, metrics.active)
asyncio.run(main())
