"""A decorated method is called without await."""

import asyncio
import functools
import logging

log = logging.getLogger("bus")


def traced(fn):
    @functools.wraps(fn)
    async def wrapper(*args, **kwargs):
        log.debug("-> %s", fn.__name__)
        try:
            return await fn(*args, **kwargs)
        finally:
            log.debug("<- %s", fn.__name__)

    return wrapper


class Bus:
    def __init__(self):
        self.queues = {}

    def subscribe(self, topic):
        queue = asyncio.Queue()
        self.queues.setdefault(topic, []).append(queue)
        return queue

    @traced
    async def publish(self, topic, message):
        for queue in self.queues.get(topic, []):
            await queue.put(message)


class Orders:
    def __init__(self, bus):
        self.bus = bus

    async def create(self, item):
        await asyncio.sleep(0.01)
        self.bus.publish("orders", item)  # WRONG: unawaited
        return {"item": item}


async def main():
    bus = Bus()
    inbox = bus.subscribe("orders")
    orders = Orders(bus)
    for item in ("tea", "milk"):
        print(await orders.create(item))
    print("delivered", inbox.qsize())


asyncio.run(main())
