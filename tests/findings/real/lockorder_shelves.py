"""Two walks that take the locks of shelves in two orders, one long after the other."""
import asyncio


class Shelf:
    def __init__(self, name):
        self.name, self.lock, self.boxes = name, asyncio.Lock(), 9


class Log:
    async def note(self, words):
        await asyncio.sleep(0.004)
        return words


async def move(source, target, log):
    async with source.lock:
        await log.note(f"from {source.name}")
        async with target.lock:  # WRONG: lockorder
            source.boxes -= 1
            target.boxes += 1


async def walk(pause, source, target, log):
    await asyncio.sleep(pause)
    for _ in range(3):
        await move(source, target, log)
        await asyncio.sleep(0.01)


async def main():
    left, right, log = Shelf("left"), Shelf("right"), Log()
    await asyncio.gather(walk(0, left, right, log), walk(0.3, right, left, log))
    print(left.boxes, right.boxes)


asyncio.run(main())
