"""Two services that each wait for the end of the other."""

import asyncio


class Service:
    def __init__(self, name):
        self.name = name
        self.peer = None
        self.task = None
        self.stopping = asyncio.Event()

    def start(self):
        self.task = asyncio.create_task(self.run(), name=self.name)

    async def run(self):
        await self.stopping.wait()
        await asyncio.sleep(0.01)
        # the peer may still need us, so let it end first
        await self.peer.task  # WRONG: joincycle


async def main():
    reader, writer = Service("reader"), Service("writer")
    reader.peer, writer.peer = writer, reader
    reader.start()
    writer.start()
    await asyncio.sleep(0.05)
    reader.stopping.set()
    writer.stopping.set()
    await asyncio.wait([reader.task, writer.task], timeout=0.5)
    print("stop timed out")


asyncio.run(main())
