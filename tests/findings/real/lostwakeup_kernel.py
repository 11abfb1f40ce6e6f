"""A client that waits for a state of a kernel which has come before: the condition is not looked at."""

import asyncio


class Kernel:
    def __init__(self):
        self.changed = asyncio.Condition()
        self.is_idle = False

    async def execute(self):
        await asyncio.sleep(0.02)
        async with self.changed:
            self.is_idle = True
            self.changed.notify_all()


class Client:
    def __init__(self, kernel):
        self.kernel = kernel

    async def run(self, preparation):
        await asyncio.sleep(preparation)
        async with self.kernel.changed:
            await self.kernel.changed.wait()  # WRONG: lostwakeup
        return self.kernel.is_idle


async def main():
    kernel = Kernel()
    tasks = [asyncio.create_task(Client(kernel).run(time)) for time in (0, 0.1)]
    await kernel.execute()
    done, pending = await asyncio.wait(tasks, timeout=2)
    print(len(done), len(pending))


asyncio.run(main())
