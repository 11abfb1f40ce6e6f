"""One condition for both sides of a buffer: `notify()` may wake a task of the same side."""
import asyncio


class Buffer:
    def __init__(self):
        self.items = []
        self.changed = None

    def condition(self):
        self.changed = self.changed or asyncio.Condition()
        return self.changed

    async def put(self, item):
        async with self.condition():
            while self.items:
                await self.changed.wait()  # WRONG: stalled
            self.items.append(item)
            self.changed.notify()

    async def get(self):
        async with self.condition():
            while not self.items:
                await self.changed.wait()  # WRONG: stalled
            self.changed.notify()
            return self.items.pop()


async def main():
    buffer, got = Buffer(), []

    async def produce(name):
        for number in range(3):
            await buffer.put((name, number))

    async def consume():
        for _ in range(4):
            got.append(await buffer.get())

    consumers = [asyncio.ensure_future(consume()) for _ in range(3)]
    await asyncio.sleep(0.01)
    producers = [asyncio.ensure_future(produce(name)) for name in "abcd"]
    _, pending = await asyncio.wait(consumers + producers, timeout=1)
    print(len(got), "got,", len(pending), "never ended")
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


asyncio.run(main())
