"""Looks like `shutdown` and `orphan`: idle watchers that exist when main returns."""

import asyncio


async def watch(changes, seen):
    while True:
        seen.append(await changes.get())


async def tick():
    while True:
        await asyncio.sleep(0.05)


async def main():
    changes, seen = asyncio.Queue(), []
    watchers = [asyncio.create_task(watch(changes, seen)), asyncio.create_task(tick())]
    for number in range(5):
        changes.put_nowait(number)
        await asyncio.sleep(0.04)
    print(seen, len(watchers))


asyncio.run(main())
