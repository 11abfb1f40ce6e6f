"""Looks like lostwakeup: the event is cleared before the buffer is taken."""

import asyncio


class Flusher:
    def __init__(self):
        self.dirty = asyncio.Event()
        self.buffer = []
        self.written = 0

    def write(self, data):
        self.buffer.append(data)
        self.dirty.set()

    async def run(self):
        while True:
            await self.dirty.wait()
            self.dirty.clear()
            data, self.buffer = self.buffer, []
            await asyncio.sleep(0.01)
            self.written += len(data)


async def main():
    flusher = Flusher()
    task = asyncio.create_task(flusher.run())
    for n in range(30):
        flusher.write(n)
        await asyncio.sleep(0.004)
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    print(flusher.written)


asyncio.run(main())
