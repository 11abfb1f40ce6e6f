"""A consumer that takes and handles a message under one limit. A slow one is cut off, and is lost."""

import asyncio


class Broker:
    def __init__(self):
        self.messages = asyncio.Queue()

    async def receive(self):
        return await self.messages.get()


class Consumer:
    def __init__(self, broker):
        self.broker = broker
        self.handled = []

    async def handle_next(self):
        message = await self.broker.receive()
        await asyncio.sleep(message / 100)  # WRONG: cancelunsafe
        self.handled.append(message)

    async def run(self):
        while True:
            try:
                await asyncio.wait_for(self.handle_next(), 0.08)
            except asyncio.TimeoutError:
                continue


async def main():
    broker = Broker()
    for message in (1, 2, 20, 1, 30, 2):
        broker.messages.put_nowait(message)
    consumer = Consumer(broker)
    task = asyncio.create_task(consumer.run())
    await asyncio.sleep(0.6)
    task.cancel()
    print(len(consumer.handled), "of 6")


asyncio.run(main())
