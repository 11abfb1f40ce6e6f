"""A main task that does something each second until it is stopped (stalled, lostwakeup)."""

import asyncio


class Service:
    def __init__(self):
        self.stopped = asyncio.Event()
        self.turns = 0

    async def run(self):
        while not self.stopped.is_set():
            try:
                await asyncio.wait_for(self.stopped.wait(), 1)
            except asyncio.TimeoutError:
                self.turns += 1
                if self.turns == 4:
                    self.stopped.set()


async def main():
    service = Service()
    await service.run()
    print(service.turns)


asyncio.run(main())
