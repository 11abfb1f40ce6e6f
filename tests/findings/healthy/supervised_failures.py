"""Looks like `unretrieved`: workers that fail, and a supervisor that starts them again."""

import asyncio


async def worker(fails):
    await asyncio.sleep(0.01)
    if fails:
        raise ValueError("bad input")
    return "done"


async def supervise(number):
    for attempt in range(4):
        task = asyncio.create_task(worker(attempt < number))
        await asyncio.wait({task})
        if task.exception() is None:
            return task.result()
        await asyncio.sleep(0.01 * 2**attempt)


async def main():
    print(await asyncio.gather(*(supervise(number) for number in range(4))))
    late = asyncio.create_task(worker(True))
    await asyncio.sleep(0.2)
    try:
        await late
    except ValueError as error:
        print(error)


asyncio.run(main())
