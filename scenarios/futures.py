"""A bare future holds one value and a list of waiters.

Main waits for the future, a task sets its value, and that wakes main. Awaiting a future whose value
is already set does not suspend.
"""

import asyncio

from twin import run


async def set_after(future, value):
    await asyncio.sleep(1)
    future.set_result(value)


async def create_future():
    future = asyncio.get_running_loop().create_future()
    setting = asyncio.create_task(set_after(future, "result"))
    print(f"waiting, done = {future.done()}")
    print(f"got {await future}")
    print(f"done = {future.done()}")
    await setting


async def already_done():
    future = asyncio.get_running_loop().create_future()
    future.set_result("ready")
    print(f"got {await future}")


async def fail_after(future):
    await asyncio.sleep(1)
    future.set_exception(LookupError("no answer"))


# Awaiting the future raises the error, each time and also after it was set.
async def exception():
    future = asyncio.get_running_loop().create_future()
    setting = asyncio.create_task(fail_after(future))
    print(f"waiting, done = {future.done()}")
    for attempt in ["first", "second"]:
        try:
            print(f"{attempt} await: got {await future}")
        except LookupError as error:
            print(f"{attempt} await: caught {error}")
    print(f"done = {future.done()}")
    await setting


VARIANTS = [create_future, already_done, exception]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
