"""A reporter whose task only its own object refers to. Both are collected."""

import asyncio
import gc


class Progress:
    def __init__(self):
        self.changed = asyncio.Event()
        self.task = asyncio.ensure_future(self.report())  # WRONG: orphan

    async def report(self):
        while True:
            await self.changed.wait()
            self.changed.clear()
            print("progress")


async def download():
    Progress()
    for _ in range(4):
        await asyncio.sleep(0.02)
        gc.collect()


asyncio.run(download())
