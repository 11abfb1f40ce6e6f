"""Three reads of 3, 1 and 2 seconds, which the device can do at once, and four ways to wait.

Awaiting them in list order leaves finished reads unused while the first one is slow; taking whichever
is ready first uses that time. Work before and after each read (prep, more) blocks the thread.
"""

import asyncio

from twin import block, run, seconds

# The files, and the seconds that the device takes for each.
FILES = [("file1", 3), ("file2", 1), ("file3", 2)]


async def read(file, duration, prep):
    block(prep)
    await asyncio.sleep(duration)
    return file


def process(data, more):
    block(more)
    print(f"processed data of {data}")


def start_all(prep):
    return [asyncio.create_task(read(file, duration, prep)) for file, duration in FILES]


async def sequential(prep, more):
    for file, duration in FILES:
        process(await read(file, duration, prep), more)


async def tickets_in_order(prep, more):
    for ticket in start_all(prep):
        process(await ticket, more)  # the others may be finished by then


async def first_ready(prep, more):
    tickets = start_all(prep)
    while tickets:
        await asyncio.wait(tickets, return_when=asyncio.FIRST_COMPLETED)
        first = next(ticket for ticket in tickets if ticket.done())
        tickets.remove(first)
        process(first.result(), more)


# The same with the iterator of asyncio.
async def as_completed(prep, more):
    for ticket in asyncio.as_completed(start_all(prep)):
        process(await ticket, more)


VARIANTS = [sequential, tickets_in_order, first_ready, as_completed]
PARAMS = {"prep": seconds(0), "more": seconds(0)}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
