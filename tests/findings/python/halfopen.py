"""A client that waits for a server which has fallen silent."""

import asyncio
import sys


async def silent(reader, writer):
    await reader.readline()
    await asyncio.sleep(30)


async def beating(reader, writer):
    await reader.readline()
    for _ in range(15):
        writer.write(b"beat\n")
        await asyncio.sleep(1)
    writer.close()


async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"subscribe\n")
    while await reader.readline():  # WRONG: halfopen
        pass
    writer.close()


async def run(answer):
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    task = asyncio.create_task(client(port))
    await asyncio.wait({task}, timeout=12)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    server.close()


async def wrong():
    await run(silent)


async def right():
    await run(beating)


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
