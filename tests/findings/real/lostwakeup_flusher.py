"""An event is cleared by the waiter after another set: the second signal is lost."""

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
            await self.dirty.wait()  # WRONG: lostwakeup
            data, self.buffer = self.buffer, []
            await asyncio.sleep(0.02)
            self.written += len(data)
            self.dirty.clear()  # WRONG: lostwakeup


async def main():
    flusher = Flusher()
    task = asyncio.create_task(flusher.run())
    flusher.write("a")
    await asyncio.sleep(0.01)
    flusher.write("b")
    try:
        await asyncio.wait_for(task, 1)
    except asyncio.TimeoutError:
        print("left in the buffer:", flusher.buffer)


asyncio.run(main())
