"""A task that asks for a flag at each tick instead of being woken."""

import asyncio
import sys


class Connection:
    def __init__(self):
        self.connected = False
        self.event = asyncio.Event()

    async def connect(self):
        await asyncio.sleep(0.5)
        self.connected = True
        self.event.set()


async def wrong():
    connection = Connection()
    task = asyncio.create_task(connection.connect())
    while not connection.connected:
        await asyncio.sleep(0)  # WRONG: wakestorm
    await task


async def right():
    connection = Connection()
    task = asyncio.create_task(connection.connect())
    await connection.event.wait()
    await task
    other = asyncio.create_task(connection.connect())
    while not other.done():
        await asyncio.sleep(0.02)
    for number in range(200):
        if number % 50 == 0:
            print("progress", number)
        await asyncio.sleep(0)
# clock: real


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
