"""A decorator takes the lock of a method that calls another such method."""

import asyncio
import functools


def synchronized(method):
    @functools.wraps(method)
    async def wrapper(self, *args):
        async with self.mutex:  # WRONG: selfdeadlock
            return await method(self, *args)  # WRONG: selfdeadlock

    return wrapper


class Session:
    def __init__(self):
        self.mutex = asyncio.Lock()
        self.token = None

    @synchronized
    async def login(self):
        await asyncio.sleep(0.01)
        self.token = "t"

    @synchronized
    async def get(self, path):
        if self.token is None:
            await self.login()  # WRONG: selfdeadlock
        return path, self.token


async def main():
    session = Session()
    try:
        print(await asyncio.wait_for(session.get("/"), 0.3))
    except asyncio.TimeoutError:
        print("timeout")


asyncio.run(main())
