"""A call whose answer is an error: its future is forgotten, and the caller waits for it."""

import asyncio


class Connection:
    def __init__(self):
        self.calls = {}
        self.requests = asyncio.Queue()

    async def call(self, method):
        self.calls[method] = future = asyncio.get_running_loop().create_future()
        self.requests.put_nowait(method)
        return await future  # WRONG: stalled

    async def answer(self):
        for _ in range(2):
            method = await self.requests.get()
            future = self.calls.pop(method)
            if method != "unknown":
                future.set_result(method.upper())


async def session(connection):
    answers = asyncio.create_task(connection.answer())
    print(await connection.call("ping"))
    print(await connection.call("unknown"))
    await answers


async def main():
    task = asyncio.create_task(session(Connection()))
    _, pending = await asyncio.wait([task], timeout=2)
    print("hangs" if pending else "done")


asyncio.run(main())
