"""Looks like `lostwakeup`: an event that its waiter clears after each use."""

import asyncio


async def consume(changed, values, last):
    seen = []
    while len(seen) < last:
        await changed.wait()
        changed.clear()
        seen.extend(values)
        values.clear()
    return seen


async def main():
    changed, values = asyncio.Event(), []
    consumer = asyncio.create_task(consume(changed, values, 10))
    for number in range(10):
        values.append(number)
        changed.set()
        await asyncio.sleep(0.01 if number % 3 else 0)
    print(await consumer)


asyncio.run(main())
