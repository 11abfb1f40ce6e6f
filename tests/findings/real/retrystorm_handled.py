"""A client that handles each failure itself, with a short pause that does not grow."""

import asyncio


class Unavailable(Exception):
    pass


class Client:
    def __init__(self):
        self.tries = 0

    async def connect(self):
        self.tries += 1
        await asyncio.sleep(0.003)
        raise Unavailable("try later")


async def keep_connected(client, stop):
    while not stop.is_set():
        try:
            await client.connect()  # WRONG: retrystorm
        except Unavailable:
            await asyncio.sleep(0.02)


async def main():
    client, stop = Client(), asyncio.Event()
    task = asyncio.create_task(keep_connected(client, stop))
    await asyncio.sleep(1)
    stop.set()
    await task
    print(client.tries)


asyncio.run(main())
