"""A multiplexer that keeps a task that has ended among those that it waits for."""
# clock: real

import asyncio


async def source(seconds):
    await asyncio.sleep(seconds)
    return seconds


class Multiplexer:
    def __init__(self, times):
        self.tasks = {asyncio.create_task(source(seconds)) for seconds in times}
        self.results = set()

    async def run(self):
        while len(self.results) < len(self.tasks):
            done, _ = await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)  # WRONG: wakestorm
            self.results.update(task.result() for task in done)
        return self.results


async def main():
    print(await Multiplexer([0.01, 0.5]).run())


asyncio.run(main())
