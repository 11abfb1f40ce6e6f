"""A select that handles each task that has ended, of many that end together (unfair, wakestorm)."""

import asyncio


async def fetch(number):
    await asyncio.sleep(0.01 * (number % 3))
    return number


async def main():
    pending, results = {asyncio.create_task(fetch(number)) for number in range(40)}, []
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        results += [task.result() for task in done]
    print(len(results))


asyncio.run(main())
