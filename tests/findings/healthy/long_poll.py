"""Looks like `halfopen` and `wakestorm`: a client that asks again after each time limit."""

import asyncio


async def main():
    events = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for number in range(3):
        loop.call_later(0.35 * (number + 1), events.put_nowait, number)
    seen = []
    while len(seen) < 3:
        try:
            seen.append(await asyncio.wait_for(events.get(), 0.1))
        except TimeoutError:
            pass
        except asyncio.TimeoutError:
            pass
    print(seen)


asyncio.run(main())
