"""A renewal whose pause takes every exception, so that it cannot be stopped."""
# clock: real
import asyncio
import contextlib


class Renewal:
    def __init__(self):
        self.times = 0

    async def pause(self, seconds):
        with contextlib.suppress(BaseException):
            await asyncio.sleep(seconds)  # WRONG: cancelswallowed

    async def run(self):
        while True:
            self.times += 1
            await self.pause(0.05)


async def main():
    renewal = Renewal()
    task = asyncio.create_task(renewal.run())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    print(renewal.times, "renewals")


asyncio.run(main())
