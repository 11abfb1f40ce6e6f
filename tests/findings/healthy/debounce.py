"""A task is cancelled and replaced thirty times before it may run."""

import asyncio

class Debounce:
    def __init__(self, delay, action):
        self.delay, self.action, self.task = delay, action, None
    def trigger(self):
        if self.task:
            self.task.cancel()
        self.task = asyncio.create_task(self.fire())
    async def fire(self):
        await asyncio.sleep(self.delay)
        await self.action()

async def main():
    saves = []
    async def save():
        await asyncio.sleep(0.002)
        saves.append(1)
    debounce = Debounce(0.05, save)
    for n in range(30):
        debounce.trigger()
        await asyncio.sleep(0.01)
    await debounce.task
    print(len(saves))

asyncio.run(main())
