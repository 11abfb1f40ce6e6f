"""Calling an `async def` runs nothing: it returns a coroutine that has not started.

The line inside `read_number` is printed when the coroutine is awaited or runs as a task, and not
before. The created variant does neither, and closes the coroutine explicitly: Python warns of one
that was never awaited.
"""

import asyncio

from twin import run


async def read_number():
    print("read_number runs")
    return 340


async def created():
    print("calling read_number")
    number = read_number()
    print("got a future, and nothing has run")
    number.close()  # and nothing ever will
    print("dropped it")


async def awaited():
    print("calling read_number")
    number = read_number()
    print("got a future, and nothing has run")
    print(f"awaiting it gives {await number}")


async def spawned():
    print("calling read_number")
    number = asyncio.create_task(read_number())
    print("got a task, and nothing has run yet")
    print(f"awaiting it gives {await number}")


VARIANTS = [created, awaited, spawned]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
