"""Small packets wait behind large ones in the one queue of a link."""

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Packet:
    kind: str
    size: int
    born: float = field(default_factory=time.monotonic)


class Link:
    """A slow uplink: 1 kB per millisecond."""

    async def send(self, packet):
        await asyncio.sleep(packet.size / 1_000_000)


class Outbox:
    def __init__(self, link):
        self.link = link
        self.queue = asyncio.Queue(maxsize=64)  # WRONG: inversion
        self.waited = {}

    async def send(self, kind, size):
        await self.queue.put(Packet(kind, size))  # WRONG: inversion

    async def writer(self):
        while (packet := await self.queue.get()) is not None:  # WRONG: inversion
            age = time.monotonic() - packet.born
            self.waited.setdefault(packet.kind, []).append(age)
            await self.link.send(packet)


async def camera(outbox, bursts):
    for _ in range(bursts):
        await asyncio.gather(*(outbox.send("snapshot", 90_000) for _ in range(5)))
        await asyncio.sleep(0.55)


async def pinger(outbox, count):
    for _ in range(count):
        await outbox.send("ping", 500)
        await asyncio.sleep(0.08)


async def main():
    outbox = Outbox(Link())
    writer = asyncio.create_task(outbox.writer())
    await asyncio.gather(camera(outbox, 4), pinger(outbox, 28))
    await outbox.send("disconnect", 100)
    outbox.queue.put_nowait(None)
    await writer
    for kind, ages in outbox.waited.items():
        print(f"{kind:10} x{len(ages):2} waited {max(ages) * 1000:.0f} ms at most")


asyncio.run(main())
