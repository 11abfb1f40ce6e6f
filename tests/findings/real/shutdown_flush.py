"""Main ends while entries wait to be written."""

import asyncio


class Audit:
    def __init__(self):
        self.queue = asyncio.Queue()
        self.written = []
        self.task = asyncio.create_task(self.run())  # WRONG: shutdown

    async def run(self):
        while True:
            entry = await self.queue.get()
            await asyncio.sleep(0.02)  # WRONG: shutdown
            self.written.append(entry)

    async def record(self, entry):
        await self.queue.put(entry)


async def main():
    audit = Audit()
    for n in range(20):
        await audit.record(f"login {n}")
        await asyncio.sleep(0.002)
    print("written", len(audit.written))


asyncio.run(main())
