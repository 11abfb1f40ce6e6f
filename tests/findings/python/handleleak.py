"""Connections that are opened for each request and never closed."""

import asyncio
import sys


async def run(close):
    async def answer(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    kept = []
    for _ in range(150):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)  # WRONG: handleleak
        writer.write(b"hello\n")
        await reader.readline()
        if close:
            writer.close()
            await writer.wait_closed()
        else:
            kept.append(writer)
    server.close()


async def wrong():
    await run(False)


async def right():
    await run(True)
# clock: real


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
