"""A permit that an early return does not give back."""

import asyncio
import sys


async def wrong():
    slots = asyncio.Semaphore(3)

    async def job(number):
        await slots.acquire()  # WRONG: permitleak
        await asyncio.sleep(0.01)
        if number % 2:
            return
        slots.release()

    for number in range(5):
        await asyncio.create_task(job(number))
    print("free:", slots._value)
    await asyncio.gather(*(job(number) for number in range(4)))


async def right():
    slots = asyncio.Semaphore(3)

    async def job(number):
        async with slots:
            await asyncio.sleep(0.01)
            if number % 2:
                return

    await asyncio.gather(*(job(number) for number in range(10)))


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
