"""A log of orders is written by a thread of its own; the consumer of the orders gets no last item."""
# clock: real

import asyncio
import queue
import threading


class OrderLog:
    def __init__(self):
        self.lines = queue.Queue()
        self.thread = threading.Thread(target=self.write, name="order-log", daemon=True)
        self.thread.start()

    def write(self):
        while self.lines.get() is not None:
            pass


class Shop:
    def __init__(self):
        self.orders = asyncio.Queue()
        self.log = OrderLog()

    async def sell(self):
        for order in range(3):
            await asyncio.sleep(0.01)
            self.orders.put_nowait(order)

    async def deliver(self):
        delivered = 0
        while (order := await self.orders.get()) is not None:  # WRONG: senderalive
            self.log.lines.put(order)
            delivered += 1
        return delivered


async def main():
    shop = Shop()
    seller = asyncio.create_task(shop.sell())
    delivered = await asyncio.create_task(shop.deliver())
    await seller
    print(f"{delivered} orders are delivered")


asyncio.run(main())
