"""A listener that nothing refers to."""

import asyncio
import gc


class Subscription:
    def __init__(self, topic):
        self.topic = topic
        self.next = asyncio.get_running_loop().create_future()


class Client:
    async def listen(self, topic):
        subscription = Subscription(topic)
        print("listening", topic)
        message = await subscription.next
        print(topic, message)


async def main():
    client = Client()
    asyncio.ensure_future(client.listen("prices"))  # WRONG: orphan
    for _ in range(3):
        await asyncio.sleep(0.02)
        gc.collect()


asyncio.run(main())
