"""A hub that drops the oldest message of a slow client."""

import asyncio

class Hub:
    def __init__(self):
        self.clients = {}
    def join(self, name):
        queue = asyncio.Queue(maxsize=50)
        self.clients[name] = queue
        return queue
    def leave(self, name):
        self.clients.pop(name, None)
    def publish(self, message):
        for queue in self.clients.values():
            if queue.full():
                queue.get_nowait()  # drop the oldest
            queue.put_nowait(message)

async def client(hub, name, seconds, received):
    queue = hub.join(name)
    try:
        async with asyncio.timeout(seconds):
            while True:
                received.append((name, await queue.get()))
    except TimeoutError:
        pass
    finally:
        hub.leave(name)

async def main():
    hub, received = Hub(), []
    clients = [asyncio.create_task(client(hub, f"c{n}", 0.2 + n * 0.02, received)) for n in range(8)]
    for n in range(60):
        hub.publish(n)
        await asyncio.sleep(0.005)
    await asyncio.gather(*clients)
    print(len(received))

asyncio.run(main())
