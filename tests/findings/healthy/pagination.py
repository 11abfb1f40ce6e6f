"""Looks like `sequential`: pages of which each names the next one."""

import asyncio


async def page(cursor):
    await asyncio.sleep(0.05)
    return list(range(cursor, cursor + 10)), cursor + 10 if cursor < 60 else None


async def main():
    cursor, items = 0, []
    while cursor is not None:
        found, cursor = await page(cursor)
        items += found
    print(len(items))


asyncio.run(main())
