"""A server and its clients on streams, with limits, closing and a client that leaves."""
import asyncio


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"one\ntwo\n" + b"x" * 50_000 + b"\n")
    print(await reader.readline(), await reader.readexactly(3), len(await reader.readline()))
    print(len(await reader.readuntil(b"\n")))
    reader.feed_data(b"y" * 70_000)
    try:
        await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        print("limit", error.consumed)
    writer.close()
    await writer.wait_closed()
    try:
        await asyncio.open_connection("127.0.0.1", 1)
    except OSError as error:
        print(type(error).__name__)
    server.close()
    await server.wait_closed()


asyncio.run(main())
