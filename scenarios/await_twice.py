"""One task, awaited twice: its body runs once, and the second await finds the result of the first."""

import asyncio

from twin import clock_text, run


async def foo(delay):
    await asyncio.sleep(delay)
    return "bar"


async def task():
    print(f"started at {clock_text()}")
    task1 = asyncio.create_task(foo(3))
    for times in ["once", "twice"]:
        value = await task1
        print(f"task1, value: {value}, finished {times} at {clock_text()}")


VARIANTS = [task]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
