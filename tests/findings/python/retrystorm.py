"""A client that connects again at once after each refusal."""

import asyncio
import socket
import sys


def unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


async def connect(port, attempts, pause):
    for attempt in range(attempts):
        try:
            await asyncio.open_connection("127.0.0.1", port)  # WRONG: retrystorm
            return
        except OSError:
            await asyncio.sleep(pause(attempt))


async def wrong():
    await connect(unused_port(), 60, lambda attempt: 0)


async def right():
    await connect(unused_port(), 7, lambda attempt: 0.01 * 2**attempt)
# clock: real


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
