"""Replays of a journal that always have the next page at hand, while a watchdog has to be fed."""
# clock: real
import asyncio
import time


class Journal:
    def __init__(self, pages):
        self.pages = pages

    async def page(self):
        await asyncio.sleep(0)  # WRONG: starvation
        self.pages -= 1
        return range(20) if self.pages >= 0 else ()


def apply(entry):
    """Two milliseconds of work."""
    end = time.perf_counter() + 0.002
    while time.perf_counter() < end:
        entry += 1
    return entry


async def replay(journal):
    applied = 0
    while page := await journal.page():
        for entry in page:
            applied += apply(entry) > 0
    return applied


async def feed(fed):
    while True:
        await asyncio.sleep(0.02)
        fed.append(time.perf_counter())


async def main():
    fed = []
    watchdog = asyncio.create_task(feed(fed))
    await asyncio.sleep(0.05)
    applied = await asyncio.gather(*(replay(Journal(8)) for _ in range(4)))
    watchdog.cancel()
    print(sum(applied), "entries applied, fed", len(fed), "times")


asyncio.run(main())
