"""Belief: I made a task of it, so it is concurrent.

A connection that is created and awaited in one statement is a task, but `accept` waits for it and
takes no new connection until the answer is sent. One that is only created does not hold it up.
"""

import asyncio

from twin import run


async def answer(client, seconds):
    await asyncio.sleep(seconds)
    print(f"{client} answered")


async def accept_and_wait(connections):
    while True:
        await asyncio.create_task(answer(*await connections.get()))


async def accept_and_go_on(connections):
    answering = set()  # the loop itself holds tasks only weakly
    while True:
        task = asyncio.create_task(answer(*await connections.get()))
        answering.add(task)
        task.add_done_callback(answering.discard)


async def visit(accept):
    """Three clients come at once, and are patient for three seconds."""
    connections = asyncio.Queue()
    server = asyncio.create_task(accept(connections))
    for connection in [("c1", 2.0), ("c2", 0.1), ("c3", 0.1)]:
        await connections.put(connection)
    await asyncio.sleep(3)
    server.cancel()


async def wrong():
    await visit(accept_and_wait)


async def right():
    await visit(accept_and_go_on)


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
