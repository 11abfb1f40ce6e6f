"""Batches of log lines: a limit ends the wait for a full one, and what was gathered so far goes with it."""
import asyncio


class Shipper:
    def __init__(self, lines, size):
        self.lines, self.size, self.shipped = lines, size, []

    async def batch(self):
        found = []
        while len(found) < self.size:
            found.append(await self.lines.get())  # WRONG: cancelunsafe
        return found

    async def run(self):
        while True:
            try:
                self.shipped += await asyncio.wait_for(self.batch(), 0.1)
            except asyncio.TimeoutError:
                continue


async def main():
    lines = asyncio.Queue(100)
    shipper = Shipper(lines, 8)
    task = asyncio.create_task(shipper.run())
    for number in range(60):
        await asyncio.sleep(0.015)
        await lines.put(number)
    await asyncio.sleep(0.5)
    task.cancel()
    print(len(shipper.shipped), "of 60 shipped")


asyncio.run(main())
