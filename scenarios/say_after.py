"""Two coroutines that sleep and then print. How many of them sleep at once?

Calling an `async def` runs nothing: it makes a coroutine, which starts when it is awaited. Awaiting
two of them one after the other adds their waits up. `create_task` makes a task of each coroutine,
and the waits overlap.
"""

import asyncio

from twin import block, clock_text, run, seconds


async def say_after(delay, what):
    await asyncio.sleep(delay)
    print(what)


async def in_order(first, second):
    print(f"started at {clock_text()}")
    hello = say_after(first, "hello")  # nothing runs yet
    world = say_after(second, "world")
    await hello
    await world
    print(f"finished at {clock_text()}")


async def concurrent(first, second):
    print(f"started at {clock_text()}")
    hello = asyncio.create_task(say_after(first, "hello"))
    world = asyncio.create_task(say_after(second, "world"))
    await hello
    await world
    print(f"finished at {clock_text()}")


# `world` is awaited first, so it runs first. Which was created first means nothing.
async def sequential(first, second):
    print(f"started at {clock_text()}")
    hello = say_after(first, "hello")  # nothing runs yet
    world = say_after(second, "world")
    await world
    await hello
    print(f"finished at {clock_text()}")


# The same with a blocking sleep: it blocks the thread, and no other task can run.
async def say_after_blocking(delay, what):
    block(delay)
    print(what)


async def blocking(first, second):
    print(f"started at {clock_text()}")
    hello = asyncio.create_task(say_after_blocking(first, "hello"))
    world = asyncio.create_task(say_after_blocking(second, "world"))
    await hello
    await world
    print(f"finished at {clock_text()}")


VARIANTS = [in_order, concurrent, sequential, blocking]
PARAMS = {"first": seconds(1), "second": seconds(2)}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
