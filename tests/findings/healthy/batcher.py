"""A timer that is set and cancelled again for each batch."""

import asyncio

class Batcher:
    def __init__(self, size, delay):
        self.size, self.delay, self.items, self.timer, self.batches = size, delay, [], None, []
    def add(self, item):
        self.items.append(item)
        if len(self.items) >= self.size:
            self.flush()
        elif self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(self.delay, self.flush)
    def flush(self):
        if self.timer:
            self.timer.cancel()
            self.timer = None
        if self.items:
            self.batches.append(self.items)
            self.items = []

async def main():
    batcher = Batcher(10, 0.05)
    for n in range(45):
        batcher.add(n)
        await asyncio.sleep(0.003)
    await asyncio.sleep(0.1)
    print([len(b) for b in batcher.batches])

asyncio.run(main())
