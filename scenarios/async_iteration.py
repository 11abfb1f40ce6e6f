"""Streams: a wait before each value. A loop over a stream suspends once for each value.

A stream can be written as an asynchronous generator, or as a class with `__anext__`. Two tasks,
each with its own stream, interleave their values.
"""

import asyncio

from twin import run

PAUSE = 0.1


async def count_up(count):
    for number in range(count):
        await asyncio.sleep(PAUSE)
        yield number


class CountDown:
    """From a number down to 1, as a class."""

    def __init__(self, number):
        self.number = number

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.number == 0:
            raise StopAsyncIteration
        await asyncio.sleep(PAUSE)
        self.number -= 1
        return self.number + 1


async def print_all(name, numbers):
    async for number in numbers:
        print(f"{name} {number}")


async def generator():
    await print_all("number", count_up(3))


async def iterator():
    await print_all("number", CountDown(3))


async def two():
    up = asyncio.create_task(print_all("up", count_up(3)))
    down = asyncio.create_task(print_all("down", CountDown(3)))
    await up
    await down


VARIANTS = [generator, iterator, two]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
