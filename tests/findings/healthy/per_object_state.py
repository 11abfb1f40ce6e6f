"""A value is read before an await and written after it, but each task has its own."""

import asyncio
class Session:
    def __init__(self): self.sent = 0
    async def send(self, n):
        sent = self.sent
        await asyncio.sleep(0.002)
        self.sent = sent + n
    async def run(self):
        for n in range(5): await self.send(n)
async def main():
    sessions = [Session() for _ in range(20)]
    await asyncio.gather(*(s.run() for s in sessions))
    print(sum(s.sent for s in sessions))
asyncio.run(main())
