"""Two actors ask each other through queues of one slot."""

import asyncio


class Actor:
    def __init__(self, name):
        self.name = name
        self.inbox = asyncio.Queue(1)
        self.peer = None

    async def run(self):
        while True:
            hops = await self.inbox.get()
            if hops == 0:
                return
            await self.peer.inbox.put(hops - 1)  # WRONG: chandeadlock
            await self.peer.inbox.put(hops - 1)  # WRONG: chandeadlock


async def main():
    a, b = Actor("a"), Actor("b")
    a.peer, b.peer = b, a
    tasks = [asyncio.create_task(actor.run()) for actor in (a, b)]
    await a.inbox.put(6)
    done, pending = await asyncio.wait(tasks, timeout=0.6)
    print(len(pending), "actors are stuck")
    for task in pending:
        task.cancel()


asyncio.run(main())
