"""Looks like `race` and `selfdeadlock`: a lock that its owner may take again."""
import asyncio


class OwnedLock:
    def __init__(self):
        self.lock, self.owner, self.depth = asyncio.Lock(), None, 0

    async def __aenter__(self):
        task = asyncio.current_task()
        if self.owner is not task:
            await self.lock.acquire()
            self.owner = task
        self.depth += 1

    async def __aexit__(self, *error):
        self.depth -= 1
        if self.depth == 0:
            self.owner = None
            self.lock.release()


class Ledger:
    def __init__(self):
        self.turn, self.entries = OwnedLock(), []

    async def add(self, entry):
        async with self.turn:
            await asyncio.sleep(0.002)
            self.entries.append(entry)

    async def add_pair(self, entry):
        async with self.turn:
            await self.add(entry)
            await self.add(-entry)


async def main():
    ledger = Ledger()
    await asyncio.gather(*(ledger.add_pair(number) for number in range(1, 9)))
    print(sum(ledger.entries), "of", len(ledger.entries))


asyncio.run(main())
