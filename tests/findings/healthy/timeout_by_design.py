"""Looks like `deadtimeout`: slow calls that a timeout ends, and a race of two mirrors."""

import asyncio


async def mirror(delay):
    await asyncio.sleep(delay)
    return delay


async def main():
    for delay in (0.01, 0.5, 0.02, 0.5):
        try:
            print(await asyncio.wait_for(mirror(delay), 0.1))
        except (TimeoutError, asyncio.TimeoutError):
            print("too slow")
    tasks = [asyncio.create_task(mirror(delay)) for delay in (0.05, 0.2)]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    print([task.result() for task in done])


asyncio.run(main())
