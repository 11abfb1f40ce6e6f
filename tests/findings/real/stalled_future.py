"""A future that nothing completes, because a part has not reported."""

import asyncio


class Barrier:
    """Waits until all parts have reported."""

    def __init__(self, parts):
        self.missing = parts
        self.done = asyncio.get_running_loop().create_future()

    def report(self):
        self.missing -= 1
        if self.missing == 0:
            self.done.set_result(None)


async def part(barrier, n):
    await asyncio.sleep(0.01 * n)
    if n == 2:
        return  # forgot to report
    barrier.report()


async def main():
    barrier = Barrier(4)
    parts = [asyncio.create_task(part(barrier, n)) for n in range(4)]
    await barrier.done  # WRONG: stalled
    await asyncio.gather(*parts)


asyncio.run(main())
