"""Requests that share a token, which is fetched under a lock of threads. The second one stops the loop."""
# clock: real

import asyncio
import threading


class Tokens:
    def __init__(self):
        self.lock = threading.Lock()
        self.token = None

    async def get(self):
        with self.lock:  # WRONG: blocking
            if self.token is None:
                await asyncio.sleep(0.05)
                self.token = "token"
            return self.token


async def request(tokens):
    await asyncio.sleep(0.01)
    return await tokens.get()


async def main():
    tokens = Tokens()
    await asyncio.gather(request(tokens), request(tokens))


asyncio.run(main())
