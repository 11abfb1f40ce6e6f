"""Calls over a connection. Each leaves a task behind that waits for its end, and all of them end with it."""
# clock: real

import asyncio


class Connection:
    def __init__(self):
        self.closed = asyncio.Event()

    async def call(self):
        answer = asyncio.ensure_future(asyncio.sleep(0.005))
        closed = asyncio.create_task(self.closed.wait())  # WRONG: taskleak
        await asyncio.wait({answer, closed}, return_when=asyncio.FIRST_COMPLETED)
        return answer.done()


async def main():
    connection = Connection()
    for _ in range(150):
        await connection.call()
    connection.closed.set()
    await asyncio.sleep(0.01)


asyncio.run(main())
