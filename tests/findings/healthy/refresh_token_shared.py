"""A lock is held while a token is loaded that all waiting tasks need."""

import asyncio
class Token:
    def __init__(self): self.lock, self.until, self.value = asyncio.Lock(), 0, 0
    async def get(self):
        loop = asyncio.get_running_loop()
        async with self.lock:
            if loop.time() >= self.until:
                await asyncio.sleep(0.04)
                self.value += 1
                self.until = loop.time() + 0.15
            return self.value
async def client(token, n):
    for _ in range(20):
        await token.get()
        await asyncio.sleep(0.03)
async def main():
    token = Token()
    await asyncio.gather(*(client(token, n) for n in range(8)))
    print(token.value)
asyncio.run(main())
