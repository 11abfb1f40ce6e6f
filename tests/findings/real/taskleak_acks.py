"""A task for each message waits for an acknowledgement that does not always come."""

import asyncio


class Broker:
    """Acknowledges a message only if it has not seen it before."""

    def __init__(self):
        self.seen = set()

    def take(self, text, acknowledge):
        if text not in self.seen:
            self.seen.add(text)
            asyncio.get_running_loop().call_later(0.003, acknowledge)


class Publisher:
    def __init__(self, broker):
        self.broker = broker
        self.watchers = set()
        self.acknowledged = 0

    def publish(self, text):
        done = asyncio.get_running_loop().create_future()
        self.broker.take(text, lambda: done.set_result(True))
        task = asyncio.create_task(self._watch(done))  # WRONG: taskleak
        self.watchers.add(task)
        task.add_done_callback(self.watchers.discard)

    async def _watch(self, done):
        if await done:
            self.acknowledged += 1

    async def close(self):
        for task in self.watchers:
            task.cancel()
        await asyncio.gather(*self.watchers, return_exceptions=True)


async def main():
    publisher = Publisher(Broker())
    for number in range(240):
        publisher.publish(f"reading {number // 2}")
        await asyncio.sleep(0.01)
    await publisher.close()
    print(f"{publisher.acknowledged} of 240 acknowledged")


asyncio.run(main())
