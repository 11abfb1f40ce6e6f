"""Tasks that wait for futures of another library, which have only what a task needs."""

import asyncio


class Foreign:
    __slots__ = ("_asyncio_future_blocking", "callback", "loop")

    def __init__(self, loop):
        self.loop, self.callback = loop, None
        self._asyncio_future_blocking = False

    def get_loop(self):
        return self.loop

    def add_done_callback(self, callback, *, context):
        self.callback = callback

    def cancel(self, *_, **__):
        self.loop.call_soon(self.callback, self)
        return True

    def result(self):
        return None

    def __await__(self):
        self._asyncio_future_blocking = True
        yield self
        return "foreign"


async def wait(future):
    print(await future)


async def main():
    loop = asyncio.get_running_loop()
    futures = [Foreign(loop) for _ in range(3)]
    tasks = [asyncio.create_task(wait(future)) for future in futures]
    await asyncio.sleep(0.01)
    for future in futures[:2]:
        loop.call_later(0.01, future.callback, future)
    tasks[2].cancel()
    print(await asyncio.gather(*tasks, return_exceptions=True))


asyncio.run(main())
