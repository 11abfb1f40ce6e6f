"""A time limit around work that does not await."""
# clock: real

import asyncio
import time


def render(page):
    time.sleep(0.25)  # WRONG: deadtimeout
    return f"<h1>{page}</h1>"


async def view(page):
    await asyncio.sleep(0.01)
    return render(page)  # WRONG: deadtimeout


async def main():
    try:
        print(await asyncio.wait_for(view("home"), timeout=0.08))  # WRONG: deadtimeout
    except asyncio.TimeoutError:
        print("504")
    async with asyncio.timeout(5):
        await asyncio.sleep(0.01)


asyncio.run(main())
