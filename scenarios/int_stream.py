"""Bytes become numbers: the server reads a connection as a stream of integers.

Each number is there as soon as the space behind it is. The client closes its half of the connection
when it has sent everything, and still reads. A number without a space behind it is incomplete; a
word that is not a number is reported and skipped.
"""

import asyncio
import re

from twin import run

MESSAGES = ["Hello!", "124 128 173 225 222 340", "2 for me, 1 for you"]


async def integers(reader):
    """The integers that come in over a connection."""
    rest = b""
    while data := await reader.read(1024):
        *words, rest = re.split(rb"\s+", rest + data)
        for word in filter(None, words):
            try:
                yield int(word)
            except ValueError:
                print(f"server: '{word.decode(errors='replace')}' is no integer")


async def count(reader, writer):
    number = 0
    async for integer in integers(reader):
        print(f"server: {integer}")
        number += 1
    writer.write(f"{number} integers".encode())
    await writer.drain()
    writer.close()


async def send(message, address):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(message.encode())
    writer.write_eof()  # everything is sent; reading continues
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def three_messages():
    server = await asyncio.start_server(count, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    for message in MESSAGES:
        print(f"client: {message}")
        print(f"answer: {await send(message, address)}")
    server.close()


VARIANTS = [three_messages]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
